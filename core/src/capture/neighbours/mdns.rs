//! Multicast DNS (RFC 6762) with service discovery (RFC 6763): services, names and properties of a device.

use crate::protocol::dns::records;

/// Strings of one TXT record that are looked at.
const STRINGS: usize = 64;

/// Tell `say` what an answer announces: `service` (its type), `host-name`, and `txt:key` with its value.
pub(super) fn read(bytes: &[u8], mut say: impl FnMut(&str, &str)) {
    records::each_of_answer(bytes, |owner, kind, data, target| match kind {
        records::PTR => {
            if let Some(target) = target
                && is_service(owner)
            {
                say("service", owner);
                let instance = target.strip_suffix(owner).unwrap_or(target);
                say("instance", instance.trim_end_matches('.'));
            }
        }
        records::A | records::AAAA => {
            if let Some(name) = owner.strip_suffix(".local") {
                say("host-name", name);
            }
        }
        records::TXT => {
            let mut rest = data;
            for _ in 0..STRINGS {
                let Some((&length, after)) = rest.split_first() else {
                    return;
                };
                let Some((text, next)) = after.split_at_checked(usize::from(length)) else {
                    return;
                };
                rest = next;
                let text = String::from_utf8_lossy(text);
                if let Some((key, value)) = text.split_once('=')
                    && !key.is_empty()
                    && !value.is_empty()
                {
                    say(&format!("txt:{}", key.to_lowercase()), value);
                }
            }
        }
        _ => {}
    });
}

/// `_service._tcp.local` or `_service._udp.local`, but not the list of all services or a subtype.
fn is_service(name: &str) -> bool {
    let mut parts = name.split('.');
    parts
        .next()
        .is_some_and(|first| first.starts_with('_') && first != "_services")
        && matches!(parts.next(), Some("_tcp" | "_udp"))
        && parts.next() == Some("local")
        && parts.next().is_none()
}
