//! A JSON pull tokenizer (RFC 8259) over a byte slice: no tree, no recursion, no copies.
//!
//! Both readers of JSON need what general libraries refuse: lone surrogates (mitmproxy writes raw bytes
//! as `\udcXX`), bytes that are not UTF-8, nesting far beyond what a stack holds, and the byte range of
//! every token for the proof chain.

use std::borrow::Cow;

use crate::scan;

/// One token. Strings and numbers are the raw bytes as they stand in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token<'a> {
    /// `{`
    ObjectStart,
    /// `}`
    ObjectEnd,
    /// `[`
    ArrayStart,
    /// `]`
    ArrayEnd,
    /// A member name, without quotes, escapes still in place.
    Key(&'a [u8]),
    /// A string value, without quotes, escapes still in place.
    String(&'a [u8]),
    /// A number exactly as written.
    Number(&'a [u8]),
    /// `true` or `false`
    Bool(bool),
    /// `null`
    Null,
    /// End of the one JSON text; whitespace after it has been skipped.
    End,
}

/// Why tokenizing stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Error {
    /// Byte offset in the slice.
    pub offset: usize,
    /// What was expected there.
    pub kind: ErrorKind,
}

/// The kinds of [`Error`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The slice ends inside the text.
    Truncated,
    /// Not JSON at this place.
    Syntax,
    /// Deeper than the limit given.
    Depth,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// A value must come.
    Value,
    /// A value or `]`.
    ValueOrEnd,
    /// A key must come (after a comma).
    Key,
    /// A key or `}`.
    KeyOrEnd,
    /// `,` or the closing bracket.
    CommaOrEnd,
    /// The text is complete.
    Done,
}

/// The tokenizer. `stack` holds one bit of information per open bracket.
pub struct Tokenizer<'a> {
    text: &'a [u8],
    at: usize,
    start: usize,
    state: State,
    stack: Vec<bool>,
    max_depth: usize,
    gaps: bool,
}

/// A byte that a solver left open ([`crate::solve::alphabet::UNDECIDED`]): UTF-8 never has it.
const GAP: u8 = 0xff;

impl<'a> Tokenizer<'a> {
    /// Tokenize one JSON text that must fill the whole slice (whitespace around it is allowed).
    pub fn new(text: &'a [u8], max_depth: u32) -> Self {
        Tokenizer {
            text,
            at: 0,
            start: 0,
            state: State::Value,
            stack: Vec::new(),
            max_depth: max_depth as usize,
            gaps: false,
        }
    }

    /// Let digits of numbers be bytes that a solver left open; within strings any byte may stand anyway.
    #[must_use]
    pub fn with_gaps(mut self) -> Self {
        self.gaps = true;
        self
    }

    /// Byte range of the last token in the slice (for strings and keys: with quotes).
    pub fn range(&self) -> std::ops::Range<usize> {
        self.start..self.at
    }

    /// Brackets open now.
    pub fn depth(&self) -> usize {
        self.stack.len()
    }

    fn error(&self, kind: ErrorKind) -> Error {
        let kind = if self.at >= self.text.len() && kind == ErrorKind::Syntax {
            ErrorKind::Truncated
        } else {
            kind
        };
        Error {
            offset: self.at,
            kind,
        }
    }

    #[inline]
    fn skip_space(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.text.get(self.at) {
            self.at += 1;
        }
    }

    /// The next token.
    ///
    /// # Errors
    /// [`Error`] with the place; after an error the tokenizer must not be used on.
    #[inline]
    pub fn next_token(&mut self) -> Result<Token<'a>, Error> {
        loop {
            self.skip_space();
            self.start = self.at;
            let byte = self.text.get(self.at).copied();
            match self.state {
                State::Done => {
                    return if byte.is_none() {
                        Ok(Token::End)
                    } else {
                        Err(self.error(ErrorKind::Syntax))
                    };
                }
                State::CommaOrEnd => match byte {
                    Some(b',') => {
                        self.at += 1;
                        self.state = if self.stack.last() == Some(&true) {
                            State::Key
                        } else {
                            State::Value
                        };
                    }
                    Some(b'}') if self.stack.last() == Some(&true) => {
                        return Ok(self.close(Token::ObjectEnd));
                    }
                    Some(b']') if self.stack.last() == Some(&false) => {
                        return Ok(self.close(Token::ArrayEnd));
                    }
                    _ => return Err(self.error(ErrorKind::Syntax)),
                },
                State::KeyOrEnd if byte == Some(b'}') => return Ok(self.close(Token::ObjectEnd)),
                State::Key | State::KeyOrEnd => {
                    if byte != Some(b'"') {
                        return Err(self.error(ErrorKind::Syntax));
                    }
                    let key = self.string()?;
                    self.skip_space();
                    if self.text.get(self.at) != Some(&b':') {
                        return Err(self.error(ErrorKind::Syntax));
                    }
                    self.at += 1;
                    self.skip_space();
                    self.state = State::Value;
                    return Ok(Token::Key(key));
                }
                State::ValueOrEnd if byte == Some(b']') => return Ok(self.close(Token::ArrayEnd)),
                State::Value | State::ValueOrEnd => return self.value(byte),
            }
        }
    }

    fn close(&mut self, token: Token<'a>) -> Token<'a> {
        self.at += 1;
        self.stack.pop();
        self.after_value();
        token
    }

    #[inline]
    fn after_value(&mut self) {
        self.state = if self.stack.is_empty() {
            State::Done
        } else {
            State::CommaOrEnd
        };
    }

    fn open(&mut self, object: bool) -> Result<Token<'a>, Error> {
        if self.stack.len() >= self.max_depth {
            return Err(Error {
                offset: self.at,
                kind: ErrorKind::Depth,
            });
        }
        self.at += 1;
        self.stack.push(object);
        self.state = if object {
            State::KeyOrEnd
        } else {
            State::ValueOrEnd
        };
        Ok(if object {
            Token::ObjectStart
        } else {
            Token::ArrayStart
        })
    }

    #[inline]
    fn value(&mut self, byte: Option<u8>) -> Result<Token<'a>, Error> {
        let token = match byte {
            Some(b'"') => Token::String(self.string()?),
            Some(b'{') => return self.open(true),
            Some(b'[') => return self.open(false),
            Some(b'-' | b'0'..=b'9') => Token::Number(self.number()?),
            Some(b't') => self.word(b"true", Token::Bool(true))?,
            Some(b'f') => self.word(b"false", Token::Bool(false))?,
            Some(GAP) if self.gaps => Token::Number(self.number()?),
            Some(b'n') => self.word(b"null", Token::Null)?,
            _ => return Err(self.error(ErrorKind::Syntax)),
        };
        self.after_value();
        Ok(token)
    }

    fn word(&mut self, word: &[u8], token: Token<'a>) -> Result<Token<'a>, Error> {
        let rest = &self.text[self.at..];
        if rest.starts_with(word) {
            self.at += word.len();
            Ok(token)
        } else if word.starts_with(rest) {
            Err(Error {
                offset: self.text.len(),
                kind: ErrorKind::Truncated,
            })
        } else {
            Err(self.error(ErrorKind::Syntax))
        }
    }

    #[inline]
    fn string(&mut self) -> Result<&'a [u8], Error> {
        let from = self.at + 1;
        let Some(end) = scan::string_end(self.text, from) else {
            return Err(Error {
                offset: self.text.len(),
                kind: ErrorKind::Truncated,
            });
        };
        self.at = end + 1;
        Ok(&self.text[from..end])
    }

    fn number(&mut self) -> Result<&'a [u8], Error> {
        let text = self.text;
        let from = self.at;
        let gaps = self.gaps;
        let digits = |mut i: usize| {
            let start = i;
            while matches!(text.get(i), Some(b'0'..=b'9')) || (gaps && text.get(i) == Some(&GAP)) {
                i += 1;
            }
            (i, i > start)
        };
        let mut i = from + usize::from(text[from] == b'-');
        let (end, any) = digits(i);
        // RFC 8259 section 6: no leading zeros.
        if !any || (text[i] == b'0' && end - i > 1) {
            self.at = end;
            return Err(self.error(ErrorKind::Syntax));
        }
        i = end;
        if text.get(i) == Some(&b'.') {
            let (end, any) = digits(i + 1);
            if !any {
                self.at = end;
                return Err(self.error(ErrorKind::Syntax));
            }
            i = end;
        }
        if matches!(text.get(i), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(text.get(i + 1), Some(b'+' | b'-')));
            let (end, any) = digits(i + 1 + sign);
            if !any {
                self.at = end;
                return Err(self.error(ErrorKind::Syntax));
            }
            i = end;
        }
        self.at = i;
        Ok(&text[from..i])
    }

    /// Go to the end of the object or array that has just begun, which is known to end before `end`.
    pub fn pass(&mut self, end: usize) {
        self.stack.pop();
        self.at = end;
        self.after_value();
    }

    /// Skip the value whose first token was just returned (nothing to do for scalars).
    ///
    /// # Errors
    /// As [`Tokenizer::next_token`].
    pub fn skip(&mut self, first: Token<'a>) -> Result<(), Error> {
        if !matches!(first, Token::ObjectStart | Token::ArrayStart) {
            return Ok(());
        }
        let outside = self.stack.len() - 1;
        while self.stack.len() > outside {
            self.next_token()?;
        }
        Ok(())
    }
}

/// Undo the escapes of a raw JSON string (RFC 8259 section 7).
///
/// Returns bytes: valid surrogate pairs become UTF-8; a lone `\udc80`–`\udcff` becomes the byte
/// `0x80`–`0xff` it stands for (Python's `surrogateescape`, PEP 383, as mitmproxy writes HAR); any other
/// lone surrogate becomes U+FFFD. `None` when an escape is malformed.
pub fn unescape(raw: &[u8]) -> Option<Cow<'_, [u8]>> {
    let Some(first) = memchr::memchr(b'\\', raw) else {
        return Some(Cow::Borrowed(raw));
    };
    // No escape is shorter than what it stands for; the room behind is for a block copied whole.
    let mut out = vec![0; raw.len().saturating_add(scan::ROOM)];
    let mut length = 0;
    // What stands before `kept` is written.
    let mut kept = 0;
    let mut over = 0;
    let mut piece = first;
    while piece < raw.len() {
        let (mut begins, next) = scan::escapes(raw, piece, over);
        over = next;
        while begins != 0 {
            let at = piece + begins.trailing_zeros() as usize;
            begins &= begins - 1;
            // The second half of a surrogate pair is read already.
            if at < kept {
                continue;
            }
            length = scan::copy(raw, kept..at, &mut out, length);
            let escaped = *raw.get(at + 1)?;
            // They stand for themselves, as most do.
            if matches!(escaped, b'"' | b'\\' | b'/') {
                kept = at + 1;
                continue;
            }
            let (used, bytes, count) = match escaped {
                b'u' => unicode(raw, at)?,
                _ => (2, [control(escaped)?, 0, 0, 0], 1),
            };
            length = scan::copy(&bytes, 0..count, &mut out, length);
            kept = at + used;
        }
        piece += scan::LONG;
    }
    length = scan::copy(raw, kept..raw.len(), &mut out, length);
    out.truncate(length);
    Some(Cow::Owned(out))
}

/// The control character that a letter behind a backslash stands for.
fn control(letter: u8) -> Option<u8> {
    match letter {
        b'b' => Some(8),
        b'f' => Some(12),
        b'n' => Some(b'\n'),
        b'r' => Some(b'\r'),
        b't' => Some(b'\t'),
        _ => None,
    }
}

/// A `\u` escape at `at`: the bytes it takes, what it stands for, and how many bytes that is.
fn unicode(raw: &[u8], at: usize) -> Option<(usize, [u8; 4], usize)> {
    let unit = hex4(raw, at + 2)?;
    let mut used = 6;
    let scalar = match unit {
        0xd800..=0xdbff => {
            let next = at + 6;
            let low = (raw.get(next) == Some(&b'\\') && raw.get(next + 1) == Some(&b'u'))
                .then(|| hex4(raw, next + 2))
                .flatten()
                .filter(|low| (0xdc00..=0xdfff).contains(low));
            match low {
                Some(low) => {
                    used = 12;
                    0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00)
                }
                None => 0xfffd,
            }
        }
        0xdc80..=0xdcff => return Some((used, [(unit & 0xff) as u8, 0, 0, 0], 1)),
        0xdc00..=0xdfff => 0xfffd,
        other => other,
    };
    let mut bytes = [0; 4];
    let c = char::from_u32(scalar).unwrap_or('\u{fffd}');
    let length = c.encode_utf8(&mut bytes).len();
    Some((used, bytes, length))
}

fn hex4(raw: &[u8], at: usize) -> Option<u32> {
    let digits = std::str::from_utf8(raw.get(at..at + 4)?).ok()?;
    if digits.starts_with('+') {
        return None;
    }
    u32::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests;
