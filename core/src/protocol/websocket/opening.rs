//! What the opening handshake agreed on.

/// What is known of a WebSocket from the request that asked for it and the response that granted it.
#[derive(Clone, Debug, Default)]
pub struct Opening {
    /// URL of the request.
    pub url: Option<String>,
    /// Host asked for.
    pub host: Option<String>,
    /// Subprotocol, lower case (RFC 6455 section 1.9).
    pub subprotocol: Option<String>,
    /// Messages may be compressed.
    pub(super) deflate: bool,
    /// The client forgets its window after each message (RFC 7692 section 7.1.1.2).
    pub(super) client_forgets: bool,
    /// The server does (section 7.1.1.1).
    pub(super) server_forgets: bool,
    /// An extension was agreed on that is not known here.
    pub(super) unknown: bool,
}

impl Opening {
    /// From the response: the values of Sec-WebSocket-Extensions and of Sec-WebSocket-Protocol.
    pub fn new<'v>(
        url: Option<String>,
        host: Option<String>,
        extensions: impl Iterator<Item = &'v [u8]>,
        subprotocol: Option<&[u8]>,
    ) -> Opening {
        let mut opening = Opening {
            url,
            host,
            subprotocol: subprotocol.map(|p| String::from_utf8_lossy(p).trim().to_lowercase()),
            ..Opening::default()
        };
        for value in extensions {
            for extension in value.split(|&b| b == b',') {
                let mut words = extension.split(|&b| b == b';').map(<[u8]>::trim_ascii);
                let name = words.next().unwrap_or_default();
                if name.is_empty() {
                    continue;
                }
                if !name.eq_ignore_ascii_case(b"permessage-deflate") {
                    opening.unknown = true;
                    continue;
                }
                opening.deflate = true;
                // The sizes of the windows need not be known: the largest one reads all.
                for word in words {
                    opening.client_forgets |=
                        word.eq_ignore_ascii_case(b"client_no_context_takeover");
                    opening.server_forgets |=
                        word.eq_ignore_ascii_case(b"server_no_context_takeover");
                }
            }
        }
        opening
    }

    /// Is MQTT spoken inside (MQTT 5.0 section 6)?
    pub fn is_mqtt(&self) -> bool {
        self.subprotocol
            .as_deref()
            .is_some_and(|name| name == "mqtt" || name.starts_with("mqttv3.1"))
    }
}
