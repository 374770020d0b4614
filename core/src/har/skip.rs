//! The end of a JSON value in a stream of slices: brackets are counted, strings are stepped over.
//!
//! It checks nothing but balance. It is used for what is not read (pages, an entry that is broken or too
//! large), so that neither memory nor the tokenizer's depth limit matter.

use crate::scan;

/// How far a value has been seen.
#[derive(Default)]
pub(super) struct Skipper {
    depth: u64,
    in_string: bool,
    escaped: bool,
    begun: bool,
}

impl Skipper {
    /// Look at the next slice. `Some(n)`: the value ends before byte `n` of it. `None`: it goes on.
    /// A scalar ends before the `,`, `]`, `}` or whitespace after it.
    pub(super) fn feed(&mut self, slice: &[u8]) -> Option<usize> {
        let mut i = 0;
        while let Some(&byte) = slice.get(i) {
            if self.in_string {
                if self.escaped {
                    self.escaped = false;
                    i += 1;
                    continue;
                }
                i = scan::find2(b'"', b'\\', slice, i)? + 1;
                if slice.get(i - 1) == Some(&b'\\') {
                    self.escaped = true;
                    continue;
                }
                self.in_string = false;
                if self.depth == 0 {
                    return Some(i);
                }
                continue;
            }
            match byte {
                b'"' => {
                    if self.depth == 0 && self.begun {
                        return Some(i);
                    }
                    self.in_string = true;
                }
                b'{' | b'[' => {
                    if self.depth == 0 && self.begun {
                        return Some(i);
                    }
                    self.depth += 1;
                }
                b'}' | b']' => {
                    if self.depth == 0 {
                        return Some(i);
                    }
                    self.depth -= 1;
                    if self.depth == 0 {
                        return Some(i + 1);
                    }
                }
                b',' if self.depth == 0 => return Some(i),
                b' ' | b'\n' | b'\r' | b'\t' if self.depth == 0 => {
                    if self.begun {
                        return Some(i);
                    }
                    i += 1;
                    continue;
                }
                _ => {}
            }
            self.begun = true;
            i += 1;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_where_the_value_ends_however_it_is_cut() {
        for (text, end) in [
            (&br#"{"a":["}",{"b":"\\\"]"}],"c":1} ,"#[..], 31),
            (br#""a\"b" x"#, 6),
            (b"12.5,", 4),
            (b"true}", 4),
            (b"[[[]]],", 6),
            (b",", 0),
            (b" [1] ", 4),
        ] {
            for size in 1..=text.len() {
                let mut skipper = Skipper::default();
                let mut base = 0;
                let found = text.chunks(size).find_map(|chunk| {
                    let end = skipper.feed(chunk).map(|n| base + n);
                    base += chunk.len();
                    end
                });
                assert_eq!(
                    found,
                    Some(end),
                    "{} in chunks of {size}",
                    String::from_utf8_lossy(text)
                );
            }
        }
        assert_eq!(Skipper::default().feed(br#"{"a":"}"#), None);
    }
}
