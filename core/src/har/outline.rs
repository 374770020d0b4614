//! The walk from the first brace to `log.entries[*]` and past it, without holding the file.

use super::emit::Emitter;
use super::entry::{self, Raw};
use super::notes::{Notes, Place};
use super::skip::Skipper;
use super::window::Window;
use super::{HarError, MAX_ENTRY_BYTES, Summary};
use crate::json::{ErrorKind, Token, Tokenizer};
use crate::model::{Limits, Sink};
use crate::wrapped::Input;

/// Bytes of a member name outside entries; HAR's own are short.
const MAX_KEY_BYTES: usize = 64 << 10;

/// Bytes of `creator`, `browser` and the like that are looked into.
const MAX_MEMBER_BYTES: usize = 1 << 20;

/// Bytes between two reports of progress.
const PROGRESS_BYTES: u64 = 8 << 20;

/// The objects on the way to the entries.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    /// The outermost object.
    Root,
    /// An object in it that may hold `log` (some tools wrap their HAR).
    Wrapper,
    /// `log` itself.
    Log,
}

/// Why the walk ended before the end of the outermost object.
enum Broken {
    /// The input ended.
    End,
    /// Not JSON at this byte.
    Syntax,
    /// The sink or the input refused.
    Error(HarError),
}

impl From<crate::model::Stopped> for Broken {
    fn from(stopped: crate::model::Stopped) -> Self {
        Broken::Error(HarError::Stopped(stopped))
    }
}

struct Reader<'s> {
    window: Window,
    emitter: Emitter<'s>,
    summary: Summary,
    saw_log: bool,
    saw_entries: bool,
    reported: u64,
}

/// Read everything.
pub(super) fn read(
    input: Input,
    limits: &Limits,
    sink: &mut dyn Sink,
) -> Result<Summary, HarError> {
    let emitter = Emitter {
        sink,
        limits,
        notes: Notes::default(),
        connections: super::connections::Connections::default(),
        next: 0,
    };
    let mut reader = Reader {
        window: Window::new(input),
        emitter,
        summary: Summary::default(),
        saw_log: false,
        saw_entries: false,
        reported: 0,
    };
    reader.begin()?;
    let end = reader.walk();
    reader.finish(end)
}

impl Reader<'_> {
    /// Look at the first bytes: is it JSON that could be HAR?
    fn begin(&mut self) -> Result<(), HarError> {
        while self.window.data().len() < 4 && self.window.fill() {}
        let not = |sentence: &str| Err(HarError::NotHar(sentence.to_owned()));
        match self.window.data() {
            [] if self.window.failure().is_some() => {}
            [] => return not("the file is empty"),
            [0xef, 0xbb, 0xbf, ..] => self.window.consume(3),
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => {
                return not("the file is UTF-16 text; HAR is UTF-8: save it again as UTF-8");
            }
            _ => {}
        }
        match self.window.peek_token() {
            Some(b'{') => Ok(()),
            Some(b'[') => {
                not("this is a JSON array, not HAR: a HAR file is an object with `log.entries`")
            }
            Some(_) => not("this is not HAR: a HAR file is JSON and begins with `{`"),
            None => match self.window.failure() {
                Some(error) => Err(HarError::Read(std::io::Error::new(
                    error.kind(),
                    error.to_string(),
                ))),
                None => not("the file holds nothing but white space"),
            },
        }
    }

    /// Walk the outermost object to its end.
    fn walk(&mut self) -> Result<(), Broken> {
        let mut levels = vec![Level::Root];
        self.window.consume(1);
        while let Some(&level) = levels.last() {
            match self.window.peek_token().ok_or(Broken::End)? {
                b'}' => {
                    self.window.consume(1);
                    levels.pop();
                }
                b',' => self.window.consume(1),
                b'"' => {
                    let key = self.key()?;
                    let first = self.window.peek_token().ok_or(Broken::End)?;
                    match (level, key.as_slice(), first) {
                        (Level::Root | Level::Wrapper, b"log", b'{') => {
                            self.saw_log = true;
                            self.window.consume(1);
                            levels.push(Level::Log);
                        }
                        (Level::Root, _, b'{') => {
                            self.window.consume(1);
                            levels.push(Level::Wrapper);
                        }
                        (Level::Log, b"entries", b'[') => {
                            self.saw_entries = true;
                            self.window.consume(1);
                            self.entries()?;
                        }
                        (Level::Log, b"version" | b"creator" | b"browser" | b"_tweasel", _) => {
                            let mut kept = Vec::new();
                            self.skip(Some(&mut kept))?;
                            self.member(&key, &kept);
                        }
                        _ => self.skip(None)?,
                    }
                }
                _ => return Err(Broken::Syntax),
            }
        }
        Ok(())
    }

    /// A member name and the colon after it.
    fn key(&mut self) -> Result<Vec<u8>, Broken> {
        let mut kept = Vec::new();
        self.skip(Some(&mut kept))?;
        if kept.len() > MAX_KEY_BYTES || self.window.peek_token().ok_or(Broken::End)? != b':' {
            return Err(Broken::Syntax);
        }
        self.window.consume(1);
        kept.pop();
        Ok(kept.split_off(kept.len().min(1)))
    }

    /// Step over a value, keeping a copy of it up to [`MAX_MEMBER_BYTES`].
    fn skip(&mut self, mut kept: Option<&mut Vec<u8>>) -> Result<(), Broken> {
        let mut skipper = Skipper::default();
        let from = self.window.offset();
        loop {
            let data = self.window.data();
            let end = skipper.feed(data);
            let taken = end.unwrap_or(data.len());
            if let Some(kept) = kept.as_deref_mut() {
                let room = MAX_MEMBER_BYTES.saturating_sub(kept.len()).min(taken);
                kept.extend_from_slice(data.get(..room).unwrap_or_default());
            }
            self.window.consume(taken);
            if end.is_some() {
                // A value of no bytes is a stray comma or bracket: nothing that may stand here.
                return if self.window.offset() > from {
                    Ok(())
                } else {
                    Err(Broken::Syntax)
                };
            }
            self.progress()?;
            if !self.window.fill() {
                return Err(Broken::End);
            }
        }
    }

    fn progress(&mut self) -> Result<(), Broken> {
        let now = self.window.offset();
        if now - self.reported >= PROGRESS_BYTES {
            self.reported = now;
            self.emitter.sink.progress(now)?;
        }
        Ok(())
    }

    /// `log.entries`, after its `[`.
    fn entries(&mut self) -> Result<(), Broken> {
        loop {
            match self.window.peek_token().ok_or(Broken::End)? {
                b']' => {
                    self.window.consume(1);
                    return Ok(());
                }
                b',' => self.window.consume(1),
                b'}' | b':' => return Err(Broken::Syntax),
                _ => self.entry()?,
            }
            self.progress()?;
        }
    }

    /// One item of `log.entries`.
    fn entry(&mut self) -> Result<(), Broken> {
        let offset = self.window.offset();
        let number = self.summary.entries + self.summary.skipped;
        loop {
            let data = self.window.data();
            let text = match entry::parse(data, self.emitter.limits.json_depth) {
                Ok(Some((found, end))) => {
                    let place = Place {
                        entry: number,
                        offset,
                        length: end as u64,
                    };
                    self.emitter.entry(&found, place)?;
                    drop(found);
                    self.window.consume(end);
                    self.summary.entries += 1;
                    return Ok(());
                }
                Err(error) if error.kind == ErrorKind::Truncated => {
                    if data.len() <= MAX_ENTRY_BYTES {
                        if self.window.fill() {
                            continue;
                        }
                        return Err(Broken::End);
                    }
                    let place = Place {
                        entry: number,
                        offset,
                        length: 0,
                    };
                    self.emitter
                        .notes
                        .limit("entry bytes", MAX_ENTRY_BYTES as u64, place);
                    None
                }
                Err(error) if error.kind == ErrorKind::Depth => {
                    let place = Place {
                        entry: number,
                        offset,
                        length: 0,
                    };
                    self.emitter.notes.limit(
                        "json depth",
                        u64::from(self.emitter.limits.json_depth),
                        place,
                    );
                    None
                }
                Err(_) => Some("an entry is not JSON and was skipped"),
                Ok(None) => Some("an item of `log.entries` is not an object and was skipped"),
            };
            if let Some(text) = text {
                self.emitter.notes.problem(
                    "malformed",
                    text,
                    Place {
                        entry: number,
                        offset,
                        length: 0,
                    },
                );
            }
            self.summary.skipped += 1;
            return self.skip(None);
        }
    }

    /// What the head of the log tells about the recording.
    fn member(&mut self, key: &[u8], value: &[u8]) {
        let text = |raw: &[u8]| Raw(raw).text().into_owned();
        let mut walk = Tokenizer::new(value, 16);
        // Only `_tweasel` goes deeper than one level; what is looked for is told by the path of names.
        let mut path: Vec<&[u8]> = Vec::new();
        let (mut name, mut version) = (None, None);
        while let Ok(token) = walk.next_token() {
            match token {
                Token::End => break,
                Token::Key(member) => {
                    path.truncate(walk.depth().saturating_sub(1));
                    path.resize(walk.depth().saturating_sub(1), b"");
                    path.push(member);
                }
                Token::String(s) => match (key, path.as_slice()) {
                    (b"version", []) => self.summary.version = Some(text(s)),
                    (b"_tweasel", [b"apps", b"", b"id"]) => self.summary.apps.push(text(s)),
                    (_, [b"name"]) => name = Some(text(s)),
                    (_, [b"version"]) => version = Some(text(s)),
                    _ => {}
                },
                _ => {}
            }
        }
        let known = name.map(|n| version.map_or(n.clone(), |v| format!("{n} {v}")));
        match key {
            b"creator" => self.summary.creator = known,
            b"browser" => self.summary.browser = known,
            _ => {}
        }
    }

    /// Report how the walk ended and hand over what was collected.
    fn finish(mut self, end: Result<(), Broken>) -> Result<Summary, HarError> {
        let number = self.summary.entries + self.summary.skipped;
        let place = Place {
            entry: number,
            offset: self.window.offset(),
            length: 0,
        };
        if let Err(Broken::Error(error)) = end {
            return Err(error);
        }
        // What broke off inside `log` may have been HAR; anything else never was.
        if !self.saw_entries && (end.is_ok() || !self.saw_log) {
            let what = if end.is_ok() { "JSON" } else { "broken JSON" };
            return Err(HarError::NotHar(format!(
                "this is {what} but not HAR: it has no `log.entries` array"
            )));
        }
        match end {
            Ok(()) => self.after_the_end(),
            Err(Broken::Syntax) => {
                let text = "the file is not JSON from here on; the entries before it are read";
                self.emitter.notes.problem("file-malformed", text, place);
            }
            Err(_) => {
                let text = match self.window.failure() {
                    Some(error) => {
                        format!("the file is damaged ({error}); the entries before it are read")
                    }
                    None => "the file ends too early; all complete entries are read".to_owned(),
                };
                self.emitter.notes.problem("file-truncated", &text, place);
            }
        }
        self.emitter.notes.flush(self.emitter.sink)?;
        self.emitter.connections.flush(self.emitter.sink)?;
        while self.window.fill() {
            let rest = self.window.data().len();
            self.window.consume(rest);
        }
        self.summary.bytes = self.window.offset();
        self.summary.messages = self.emitter.next;
        self.summary.connections = self.emitter.connections.count();
        self.emitter.sink.progress(self.summary.bytes)?;
        Ok(self.summary)
    }

    /// There must be nothing after the outermost object.
    fn after_the_end(&mut self) {
        self.summary.complete = true;
        if self.window.peek_token().is_some() {
            let place = format!("byte {}", self.window.offset());
            self.emitter.notes.problem(
                "file-malformed",
                "there is more after the end of the HAR; it is not read",
                place,
            );
            self.summary.complete = false;
        } else if let Some(error) = self.window.failure() {
            let text = format!("the file is damaged after the end of the HAR ({error})");
            self.emitter.notes.problem(
                "file-malformed",
                &text,
                format!("byte {}", self.window.offset()),
            );
        }
    }
}
