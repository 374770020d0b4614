//! The apps that PCAPdroid names in a pcapng file: custom blocks map user ids to packages, and the comment
//! of each packet (`u-10123`) holds its user id.
//!
//! The body of such a block, in the section's byte order: number of the maker (4 bytes), version 1, kind 1,
//! user id (4), length of the package name (1), length of the app name (1), the two names, padding. The
//! maker's number is not looked at: exact lengths and readable names tell these blocks from others, and
//! without comments that fit they have no effect.

use hashbrown::HashMap;

/// Apps of one file; Android gives user ids from 0 to some hundred thousand, phones have some hundred apps.
pub const APPS: usize = 65_536;
/// Bytes before the names.
const FIXED: usize = 12;
/// Option code of a comment (draft-ietf-opsawg-pcapng section 3.5).
const COMMENT: u16 = 1;

/// The apps so far.
#[derive(Debug, Default)]
pub struct Apps {
    by_user: HashMap<i32, Box<str>, foldhash::quality::RandomState>,
}

impl Apps {
    /// Learn from a custom block. False: there are too many already.
    pub fn learn(&mut self, body: &[u8], big: bool) -> bool {
        let Some((user, app)) = mapping(body, big) else {
            return true;
        };
        if self.by_user.len() >= APPS && !self.by_user.contains_key(&user) {
            return false;
        }
        self.by_user.entry(user).or_insert_with(|| app.into());
        true
    }

    /// The app with this user id.
    pub fn get(&self, user: i32) -> Option<&str> {
        self.by_user.get(&user).map(|app| &**app)
    }
}

fn mapping(body: &[u8], big: bool) -> Option<(i32, &str)> {
    let (&[_, _, _, _, 1, 1, a, b, c, d, package, app], names) =
        body.split_first_chunk::<FIXED>()?
    else {
        return None;
    };
    let user = if big {
        i32::from_be_bytes([a, b, c, d])
    } else {
        i32::from_le_bytes([a, b, c, d])
    };
    let (package, rest) = names.split_at_checked(usize::from(package))?;
    let (app, padding) = rest.split_at_checked(usize::from(app))?;
    if padding.len() > 3 || padding.iter().any(|&b| b != 0) {
        return None;
    }
    let name = if package.is_empty() { app } else { package };
    let name = std::str::from_utf8(name).ok()?;
    let readable = !name.is_empty() && !name.chars().any(char::is_control);
    readable.then_some((user, name))
}

/// The user id in the options of a packet block.
pub fn user(mut options: &[u8], big: bool) -> Option<i32> {
    let half = |bytes: [u8; 2]| match big {
        true => u16::from_be_bytes(bytes),
        false => u16::from_le_bytes(bytes),
    };
    while let Some((&[a, b, c, d], rest)) = options.split_first_chunk::<4>() {
        let (code, length) = (half([a, b]), usize::from(half([c, d])));
        if code == 0 {
            return None;
        }
        if code == COMMENT {
            let text = std::str::from_utf8(rest.get(..length)?).ok()?;
            if let Some(user) = text.strip_prefix("u-").and_then(|u| u.parse().ok()) {
                return Some(user);
            }
        }
        options = rest.get(length.next_multiple_of(4)..)?;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::tests::build::{Talk, block, interface, section};
    use super::super::tests::collect::read;
    use super::*;
    use proptest::prelude::*;

    fn map(user: i32, package: &str, app: &str) -> Vec<u8> {
        let mut body = vec![0xde, 0xad, 0, 0, 1, 1];
        body.extend(user.to_le_bytes());
        body.extend([package.len() as u8, app.len() as u8]);
        body.extend(package.bytes().chain(app.bytes()));
        body
    }

    fn packet(data: &[u8], comment: &str) -> Vec<u8> {
        let mut body = Vec::new();
        for word in [0, 0, 1_000_000, data.len() as u32, data.len() as u32] {
            body.extend(word.to_le_bytes());
        }
        body.extend(data);
        body.resize(body.len().next_multiple_of(4), 0);
        body.extend([1, 0]);
        body.extend((comment.len() as u16).to_le_bytes());
        body.extend(comment.bytes());
        body.resize(body.len().next_multiple_of(4), 0);
        body.extend([0; 4]);
        block(6, &body, false)
    }

    #[test]
    fn packets_are_of_the_app_their_comment_names() {
        let mut file = section(false);
        file.extend(interface(1, 6, 0, false));
        file.extend(block(
            0xbad,
            &map(10_123, "com.example.app", "Example"),
            false,
        ));
        let talk = Talk::open();
        for frame in &talk.frames {
            file.extend(packet(frame, "u-10123"));
        }
        let apps: Vec<_> = read(&file)
            .connections
            .iter()
            .map(|c| c.app.clone())
            .collect();
        assert_eq!(apps, [Some("com.example.app".to_owned())]);
    }

    #[test]
    fn other_blocks_and_comments_name_no_app() {
        let mut apps = Apps::default();
        let good = map(7, "a.b", "c");
        for bad in [
            &good[..good.len() - 1],
            &[&good[..], b"rest"].concat(),
            b"",
            &[0; 40],
        ] {
            assert!(apps.learn(bad, false));
        }
        assert_eq!(apps.get(7), None);
        assert!(apps.learn(&good, false));
        assert_eq!(apps.get(7), Some("a.b"));
        assert_eq!(user(b"\x01\x00\x02\x00hi\x00\x00", false), None);
        assert_eq!(
            user(b"\x01\x00\x04\x00u--1\x00\x00\x00\x00", false),
            Some(-1)
        );
    }

    proptest! {
        #[test]
        fn nothing_panics(bytes in prop::collection::vec(any::<u8>(), 0..64), big: bool) {
            Apps::default().learn(&bytes, big);
            user(&bytes, big);
        }
    }
}
