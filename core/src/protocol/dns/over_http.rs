//! DNS over HTTPS (RFC 8484): a query or an answer inside an HTTP message is a DNS message, too.

use std::borrow::Cow;

use data_encoding::BASE64URL_NOPAD;

use super::{Carried, Lookups, looks_right};
use crate::model::{Direction, Message, Stopped};
use crate::protocol::output::{Arrival, Output, Peers};

/// Writes the DNS message inside an HTTP message, if there is one.
pub(crate) fn inside(message: &Message<'_>, out: &mut Output<'_>) -> Result<(), Stopped> {
    let Some(bytes) = carried(message).filter(|bytes| looks_right(bytes)) else {
        return Ok(());
    };
    let end = |end: Option<(&str, u16)>| {
        end.map(|(address, port)| (address.to_owned(), port))
            .unwrap_or_default()
    };
    let peers = Peers {
        connection: message.connection.unwrap_or_default(),
        client: end(message.client),
        server: end(message.server),
        app: message.app.map(Into::into),
    };
    let mut lookups = Lookups::new(peers).over(message.transport);
    if let Some(query) = message.answers.and_then(|http| out.lookup(http)) {
        // The number inside is zero most often (RFC 8484 section 4.1); HTTP tells which query it is.
        let number = bytes.first_chunk::<2>().copied().unwrap_or_default();
        lookups.asked.push_back((u16::from_be_bytes(number), query));
    }
    let start = Arrival {
        frame: message.frame,
        time: message.time.unwrap_or_default(),
        offset: u64::try_from(message.offset).unwrap_or_default(),
        ..Arrival::default()
    };
    let length = u64::try_from(message.length).unwrap_or_default();
    let inner = Carried {
        bytes: &bytes,
        start,
        end: start.offset.saturating_add(length),
        missing: u64::try_from(message.missing).unwrap_or_default(),
    };
    lookups.message(&inner, out)?;
    if message.direction == Direction::Up
        && let Some((_, query)) = lookups.asked.back()
    {
        out.remember_lookup(message.id, *query);
    }
    Ok(())
}

/// The bytes of the DNS message: the body, or the `dns` parameter of the URL (RFC 8484 section 4.1).
fn carried<'m>(message: &'m Message<'_>) -> Option<Cow<'m, [u8]>> {
    let up = message.direction == Direction::Up;
    if up && message.body.is_empty() {
        let (_, query) = message.url?.split_once('?')?;
        let value = query
            .split('&')
            .find_map(|pair| pair.strip_prefix("dns="))?;
        let text = value.trim_end_matches('=');
        return BASE64URL_NOPAD.decode(text.as_bytes()).ok().map(Cow::Owned);
    }
    let declared = message.header("content-type")?.trim_ascii();
    let declared = declared.split(|&b| b == b';').next()?.trim_ascii();
    let plain = message.header("content-encoding").is_none();
    (plain && declared.eq_ignore_ascii_case(b"application/dns-message"))
        .then_some(Cow::Borrowed(message.body))
}
