//! Simple Service Discovery (UPnP Device Architecture 2.0, section 1): what a device says it is and runs.

/// Lines of one message that are looked at.
const LINES: usize = 64;

/// Tell `say` the fields that describe the sender.
pub(super) fn read(bytes: &[u8], mut say: impl FnMut(&str, &str)) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let mut lines = text.split("\r\n").take(LINES);
    let first = lines.next().unwrap_or_default();
    let searches = first.starts_with("M-SEARCH ");
    if !(searches || first.starts_with("NOTIFY ") || first.starts_with("HTTP/1.1 200")) {
        return;
    }
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        let (name, value) = (name.trim().to_ascii_lowercase(), value.trim());
        // In a search, ST is what is looked for, not what the sender is.
        let told = match name.as_str() {
            "server" | "user-agent" | "location" => true,
            "cpfn.upnp.org" => true,
            "nt" | "st" => !searches && value.starts_with("urn:"),
            _ => false,
        };
        if told && !value.is_empty() {
            let name = if name == "st" { "nt" } else { &name };
            say(name, value);
        }
    }
}
