//! What a connection becomes when the server agrees to another protocol (RFC 9110 section 7.8).

use crate::model::Header;
use crate::protocol::http2::Upgraded;
use crate::protocol::websocket::Opening;

/// What follows a response with status 101.
#[derive(Debug)]
pub enum Upgrade {
    /// WebSocket (RFC 6455 section 4).
    WebSocket(Opening),
    /// HTTP/2, which answers the request (RFC 7540 section 3.2).
    Http2(Upgraded),
    /// Something else.
    Other,
}

impl Upgrade {
    /// From the response that agrees, and what is known of the request it answers.
    pub(super) fn from_response(
        headers: &[Header<'_>],
        request: Option<i64>,
        url: Option<&str>,
        host: Option<&str>,
    ) -> Upgrade {
        let values = |wanted: &'static [u8]| {
            headers
                .iter()
                .filter(move |(name, _)| name.eq_ignore_ascii_case(wanted))
                .map(|(_, value)| value.trim_ascii())
        };
        let (url, host) = (url.map(str::to_owned), host.map(str::to_owned));
        let to = values(b"upgrade").next().unwrap_or_default();
        // Some servers leave the field out; what only WebSocket has tells as well.
        let accepts = values(b"sec-websocket-accept").next().is_some();
        if to.eq_ignore_ascii_case(b"websocket") || accepts {
            return Upgrade::WebSocket(Opening::new(
                url,
                host,
                values(b"sec-websocket-extensions"),
                values(b"sec-websocket-protocol").next(),
            ));
        }
        if to.eq_ignore_ascii_case(b"h2c") {
            return Upgrade::Http2(Upgraded { request, url, host });
        }
        Upgrade::Other
    }
}
