//! Records of comma-separated values (RFC 4180).

use super::record::text;

/// Columns of one record that are read.
pub const MAX_COLUMNS: usize = 1024;

/// How a record ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// In order.
    Whole,
    /// Inside quotes: the field goes on in the next line.
    Open,
    /// There are more columns than are read.
    Cut,
}

/// Split one record. Quotes inside a field that is not quoted are taken as they are, as exporters that do
/// not quote write them.
pub fn split(line: &[u8], fields: &mut Vec<String>) -> End {
    fields.clear();
    let mut rest = line;
    loop {
        if fields.len() >= MAX_COLUMNS {
            return End::Cut;
        }
        let (field, after) = match rest.strip_prefix(b"\"") {
            Some(quoted) => match unquote(quoted) {
                Some(found) => found,
                None => return End::Open,
            },
            None => {
                let end = memchr::memchr(b',', rest).unwrap_or(rest.len());
                let (field, after) = rest.split_at_checked(end).unwrap_or((rest, b""));
                (text(field).into_owned(), after)
            }
        };
        fields.push(field);
        match after.strip_prefix(b",") {
            Some(more) => rest = more,
            None => return End::Whole,
        }
    }
}

/// The field up to its closing quote, and what follows it (up to the next comma nothing should).
fn unquote(quoted: &[u8]) -> Option<(String, &[u8])> {
    let mut out = Vec::new();
    let mut rest = quoted;
    loop {
        let at = memchr::memchr(b'"', rest)?;
        out.extend_from_slice(rest.get(..at)?);
        rest = rest.get(at + 1..)?;
        match rest.strip_prefix(b"\"") {
            Some(more) => {
                out.push(b'"');
                rest = more;
            }
            None => {
                let end = memchr::memchr(b',', rest).unwrap_or(rest.len());
                out.extend_from_slice(rest.get(..end)?);
                return Some((text(&out).into_owned(), rest.get(end..)?));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fields(line: &str) -> Vec<String> {
        let mut out = Vec::new();
        assert_eq!(split(line.as_bytes(), &mut out), End::Whole);
        out
    }

    #[test]
    fn splits_as_rfc_4180_says() {
        assert_eq!(fields("a,b,c"), ["a", "b", "c"]);
        assert_eq!(fields(""), [""]);
        assert_eq!(fields("\"a,\"\"b\"\"\",,\"\n\""), ["a,\"b\"", "", "\n"]);
        assert_eq!(fields("a\"b,c"), ["a\"b", "c"]);
        assert_eq!(split(b"a,\"b", &mut Vec::new()), End::Open);
        assert_eq!(split(&b",".repeat(2000), &mut Vec::new()), End::Cut);
    }

    proptest! {
        #[test]
        fn what_is_quoted_comes_back(wanted in prop::collection::vec(".*", 1..8)) {
            let quoted: Vec<String> =
                wanted.iter().map(|f| format!("\"{}\"", f.replace('"', "\"\""))).collect();
            prop_assert_eq!(fields(&quoted.join(",")), wanted);
        }

        #[test]
        fn nothing_panics(line in prop::collection::vec(any::<u8>(), 0..200)) {
            split(&line, &mut Vec::new());
        }
    }
}
