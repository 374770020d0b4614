//! What name and media type of a part say about its bytes.

use super::layer::Hint;
use super::multipart::is_form;

/// Does a media type begin so? `application/grpc` is continued by `+proto`, `-web-text` and the like.
fn declared(content_type: Option<&str>, start: &str) -> bool {
    content_type
        .and_then(|media_type| media_type.trim_start().get(..start.len()))
        .is_some_and(|begin| begin.eq_ignore_ascii_case(start))
}

/// Media types under which protobuf messages are sent; none is registered, these are in use.
const PROTOBUF: [&str; 4] = [
    "application/x-protobuf",
    "application/protobuf",
    "application/vnd.google.protobuf",
    "application/x-google-protobuf",
];

/// Is a body declared to be a protobuf message?
fn is_protobuf(content_type: Option<&str>) -> bool {
    PROTOBUF.iter().any(|name| declared(content_type, name))
}

/// What name and media type of a part say about its bytes.
pub(crate) fn hint(part: &str, header: Option<&str>, content_type: Option<&str>) -> Hint {
    let any = |names: &[&str]| {
        header.is_some_and(|header| names.iter().any(|name| name.eq_ignore_ascii_case(header)))
    };
    match part {
        "path" => Hint::Path,
        "query" => Hint::Form,
        "body" if content_type.is_some_and(|media_type| is_form(media_type.as_bytes())) => {
            Hint::Form
        }
        "body" if declared(content_type, "text/event-stream") => Hint::Events,
        "body" if declared(content_type, "application/grpc") => Hint::Grpc,
        "body" if is_protobuf(content_type) => Hint::Protobuf,
        _ if any(&["cookie", "set-cookie"]) => Hint::Cookie,
        _ if any(&["authorization", "proxy-authorization"]) => Hint::Credentials,
        _ => Hint::None,
    }
}
