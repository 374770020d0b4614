//! Examples of RFC 7541 appendix C, an encoder of our own, and tables with a past that was missed.

use proptest::prelude::*;

use super::fixed::ENTRIES;
use super::*;
use crate::protocol::huffman;

const LIMIT: usize = 1 << 20;

/// How a field is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// With an insertion into the dynamic table.
    Insert,
    /// Without.
    Plain,
    /// Never to be inserted by anybody.
    Never,
}

/// An encoder that indexes whatever it can.
#[derive(Debug)]
pub(crate) struct Encoder {
    entries: Vec<(Vec<u8>, Vec<u8>)>,
    size: usize,
    most: usize,
    pub huffman: bool,
}

impl Encoder {
    pub fn new() -> Encoder {
        Encoder {
            entries: Vec::new(),
            size: 0,
            most: 4096,
            huffman: true,
        }
    }

    fn evict(&mut self, more: usize) {
        while self.size + more > self.most {
            let Some((name, value)) = self.entries.pop() else {
                return;
            };
            self.size -= name.len() + value.len() + 32;
        }
    }

    pub fn resize(&mut self, most: usize, out: &mut Vec<u8>) {
        self.most = most;
        self.evict(0);
        integer(most, 5, 0x20, out);
    }

    fn string(&self, text: &[u8], out: &mut Vec<u8>) {
        let coded = huffman::encode(text);
        if self.huffman && coded.len() <= text.len() {
            integer(coded.len(), 7, 0x80, out);
            out.extend(coded);
        } else {
            integer(text.len(), 7, 0, out);
            out.extend(text);
        }
    }

    pub fn field(&mut self, name: &[u8], value: &[u8], way: Way, out: &mut Vec<u8>) {
        let fixed = ENTRIES.iter().map(|(n, v)| (n.as_bytes(), v.as_bytes()));
        let moving = self
            .entries
            .iter()
            .map(|(n, v)| (n.as_slice(), v.as_slice()));
        let all: Vec<_> = fixed.chain(moving).collect();
        if let Some(at) = all.iter().position(|e| *e == (name, value))
            && way == Way::Insert
        {
            integer(at + 1, 7, 0x80, out);
            return;
        }
        let same = all
            .iter()
            .position(|(n, _)| *n == name)
            .map_or(0, |at| at + 1);
        match way {
            Way::Insert => integer(same, 6, 0x40, out),
            Way::Plain => integer(same, 4, 0, out),
            Way::Never => integer(same, 4, 0x10, out),
        }
        if same == 0 {
            self.string(name, out);
        }
        self.string(value, out);
        if way == Way::Insert {
            let size = name.len() + value.len() + 32;
            self.evict(size);
            if size <= self.most {
                self.entries.insert(0, (name.to_vec(), value.to_vec()));
                self.size += size;
            }
        }
    }

    pub fn block(&mut self, fields: &[(&str, &str)]) -> Vec<u8> {
        let mut out = Vec::new();
        for (name, value) in fields {
            self.field(name.as_bytes(), value.as_bytes(), Way::Insert, &mut out);
        }
        out
    }
}

fn integer(value: usize, bits: u32, flags: u8, out: &mut Vec<u8>) {
    let mask = (1usize << bits) - 1;
    if value < mask {
        out.push(flags | value as u8);
        return;
    }
    out.push(flags | mask as u8);
    let mut rest = value - mask;
    while rest >= 128 {
        out.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    out.push(rest as u8);
}

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text
        .chars()
        .filter_map(|c| c.to_digit(16))
        .map(|d| d as u8)
        .collect();
    digits
        .chunks(2)
        .map(|pair| pair[0] << 4 | pair[1])
        .collect()
}

fn texts(fields: &FieldList) -> Vec<(String, String)> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    fields.iter().map(|(n, v)| (text(n), text(v))).collect()
}

/// Decodes one block with a decoder and tells its table.
fn step(decoder: &mut Decoder, block: &str) -> (String, String) {
    let mut fields = FieldList::default();
    decoder.decode(&hex(block), &mut fields, LIMIT).unwrap();
    assert_eq!((fields.missing, fields.cut, fields.wrong), (0, 0, false));
    let join = |list: Vec<(String, String)>| {
        let lines: Vec<_> = list.into_iter().map(|(n, v)| format!("{n}: {v}")).collect();
        lines.join("\n")
    };
    let mut table = Vec::new();
    while let Some(entry) = decoder.table().get(table.len()) {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        table.push((text(entry.name), text(entry.value)));
    }
    (join(texts(&fields)), join(table))
}

#[test]
fn integers_of_the_rfc() {
    // Appendix C.1.
    assert_eq!(super::integer::read(0x0a, 5, &[1]), Ok((10, &[1][..])));
    assert_eq!(
        super::integer::read(0x1f, 5, &[0x9a, 0x0a, 7]),
        Ok((1337, &[7][..]))
    );
    assert_eq!(super::integer::read(0x2a, 8, &[]), Ok((42, &[][..])));
    let most = [0xff, 0xff, 0xff, 0xff, 0x0f];
    assert!(matches!(super::integer::read(0x00, 5, &most), Ok((0, _))));
    assert_eq!(
        super::integer::read(0x1f, 5, &most),
        Err(BlockError::Integer)
    );
    assert_eq!(
        super::integer::read(0x1f, 5, &[0x80; 4]),
        Err(BlockError::Truncated)
    );
    assert_eq!(
        super::integer::read(0x1f, 5, &[0x80; 9]),
        Err(BlockError::Integer)
    );
}

#[test]
fn single_fields_of_the_rfc() {
    // Appendix C.2.
    let cases = [
        (
            "400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572",
            "custom-key: custom-header",
            "custom-key: custom-header",
        ),
        (
            "040c 2f73 616d 706c 652f 7061 7468",
            ":path: /sample/path",
            "",
        ),
        (
            "1008 7061 7373 776f 7264 0673 6563 7265 74",
            "password: secret",
            "",
        ),
        ("82", ":method: GET", ""),
    ];
    for (block, fields, table) in cases {
        let got = step(&mut Decoder::new(false), block);
        assert_eq!(got, (fields.to_owned(), table.to_owned()));
    }
}

#[test]
fn requests_of_the_rfc() {
    // Appendices C.3 and C.4: the same, without and with Huffman code.
    let plain = [
        "8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d",
        "8286 84be 5808 6e6f 2d63 6163 6865",
        "8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65",
    ];
    let coded = [
        "8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff",
        "8286 84be 5886 a8eb 1064 9cbf",
        "8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf",
    ];
    for blocks in [plain, coded] {
        let mut decoder = Decoder::new(false);
        let (fields, table) = step(&mut decoder, blocks[0]);
        let head = ":method: GET\n:scheme: http\n:path: /\n:authority: www.example.com";
        assert_eq!(fields, head);
        assert_eq!(table, ":authority: www.example.com");
        let (fields, table) = step(&mut decoder, blocks[1]);
        assert_eq!(fields, format!("{head}\ncache-control: no-cache"));
        assert_eq!(
            table,
            "cache-control: no-cache\n:authority: www.example.com"
        );
        let (fields, table) = step(&mut decoder, blocks[2]);
        assert_eq!(
            fields,
            ":method: GET\n:scheme: https\n:path: /index.html\n:authority: www.example.com\ncustom-key: custom-value"
        );
        assert_eq!(
            table,
            "custom-key: custom-value\ncache-control: no-cache\n:authority: www.example.com"
        );
    }
}

#[test]
fn responses_of_the_rfc() {
    // Appendices C.5 and C.6: a table of 256 bytes, so that entries are evicted.
    let plain = [
        "4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3120 474d 546e 1768 7474 7073 3a2f 2f77 7777 2e65 7861 6d70 6c65 2e63 6f6d",
        "4803 3330 37c1 c0bf",
        "88c1 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3220 474d 54c0 5a04 677a 6970 7738 666f 6f3d 4153 444a 4b48 514b 425a 584f 5157 454f 5049 5541 5851 5745 4f49 553b 206d 6178 2d61 6765 3d33 3630 303b 2076 6572 7369 6f6e 3d31",
    ];
    let coded = [
        "4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff6e 919d 29ad 1718 63c7 8f0b 97c8 e9ae 82ae 43d3",
        "4883 640e ffc1 c0bf",
        "88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab 77ad 94e7 821d d7f2 e6c7 b335 dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f 9587 3160 65c0 03ed 4ee5 b106 3d50 07",
    ];
    for blocks in [plain, coded] {
        let mut decoder = Decoder::new(false);
        step(&mut decoder, "3fe1 01"); // 256
        let (fields, _) = step(&mut decoder, blocks[0]);
        let rest = "cache-control: private\ndate: Mon, 21 Oct 2013 20:13:21 GMT\nlocation: https://www.example.com";
        assert_eq!(fields, format!(":status: 302\n{rest}"));
        let (fields, table) = step(&mut decoder, blocks[1]);
        assert_eq!(fields, format!(":status: 307\n{rest}"));
        assert!(table.starts_with(":status: 307\nlocation:") && !table.contains("302"));
        let (fields, table) = step(&mut decoder, blocks[2]);
        let cookie = "set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1";
        assert_eq!(
            fields,
            format!(
                ":status: 200\ncache-control: private\ndate: Mon, 21 Oct 2013 20:13:22 GMT\nlocation: https://www.example.com\ncontent-encoding: gzip\n{cookie}"
            )
        );
        assert_eq!(
            table,
            format!("{cookie}\ncontent-encoding: gzip\ndate: Mon, 21 Oct 2013 20:13:22 GMT")
        );
    }
}

#[test]
fn after_a_gap_nothing_is_guessed() {
    let mut encoder = Encoder::new();
    let first = encoder.block(&[("a", "1"), ("b", "2")]);
    let second = encoder.block(&[
        ("a", "1"),
        ("c", "3"),
        ("b", "2"),
        ("b", "9"),
        (":method", "GET"),
    ]);
    let third = encoder.block(&[("c", "3"), ("b", "9"), ("a", "1")]);
    let mut decoder = Decoder::new(true);
    let mut fields = FieldList::default();
    decoder.decode(&second, &mut fields, LIMIT).unwrap();
    let text = |list: &[(&str, &str)]| -> Vec<(String, String)> {
        list.iter()
            .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
            .collect()
    };
    assert_eq!(
        texts(&fields),
        text(&[("c", "3"), ("", "9"), (":method", "GET")])
    );
    assert_eq!((fields.missing, fields.wrong), (3, false));
    fields.clear();
    decoder.decode(&third, &mut fields, LIMIT).unwrap();
    assert_eq!(texts(&fields), text(&[("c", "3"), ("", "9")]));
    assert_eq!((fields.missing, fields.wrong), (2, false));
    // A decoder that has seen all is sure, and says so when an index is wrong.
    let mut decoder = Decoder::new(false);
    fields.clear();
    decoder.decode(&first, &mut fields, LIMIT).unwrap();
    decoder.decode(&[0xff, 0x20], &mut fields, LIMIT).unwrap();
    assert_eq!((fields.missing, fields.wrong), (1, true));
}

#[test]
fn limits() {
    let mut encoder = Encoder::new();
    let block = encoder.block(&[("name", "value"), ("other", "value"), ("name", "value")]);
    let mut fields = FieldList::default();
    let mut decoder = Decoder::new(false);
    decoder.decode(&block, &mut fields, 80).unwrap();
    assert_eq!((fields.len(), fields.cut), (1, 2));
    // What was cut is in the table all the same.
    fields.clear();
    decoder.decode(&[0xbe], &mut fields, 80).unwrap();
    assert_eq!(texts(&fields), [("other".to_owned(), "value".to_owned())]);
    let huge = [&[0x3f][..], &[0xff; 4], &[0x0f]].concat();
    let error = Decoder::new(false).decode(&huge, &mut fields, 80);
    assert_eq!(error, Err(BlockError::Integer));
    let error = Decoder::new(false).decode(&[0x3f, 0x80, 0x80, 0x80, 1], &mut fields, 80);
    assert_eq!(error, Err(BlockError::TableSize));
}

fn word() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        Just(b":path".to_vec()),
        Just(b"cookie".to_vec()),
        proptest::collection::vec(any::<u8>(), 0..12),
        proptest::collection::vec(b'a'..b'd', 0..3),
        Just(vec![b'x'; 3000]),
    ]
}

proptest! {
    #[test]
    fn all_fields_come_back(
        blocks in proptest::collection::vec(
            (proptest::collection::vec((word(), word(), 0..3u8), 0..8), any::<bool>(), proptest::option::of(0usize..6000)),
            1..12,
        ),
        missed in 0usize..12,
    ) {
        let mut encoder = Encoder::new();
        let mut decoder = Decoder::new(false);
        decoder.allow(6000);
        for (index, (list, huffman, size)) in blocks.iter().enumerate() {
            encoder.huffman = *huffman;
            let mut block = Vec::new();
            if let Some(size) = size {
                encoder.resize(*size, &mut block);
            }
            for (name, value, way) in list {
                let way = [Way::Insert, Way::Plain, Way::Never][usize::from(*way)];
                encoder.field(name, value, way, &mut block);
            }
            if index == missed {
                decoder.lose();
                continue;
            }
            let mut fields = FieldList::default();
            decoder.decode(&block, &mut fields, LIMIT).unwrap();
            if index < missed {
                let got: Vec<_> = fields.iter().collect();
                let want: Vec<_> = list.iter().map(|(n, v, _)| (n.as_slice(), v.as_slice())).collect();
                prop_assert_eq!(got, want);
                prop_assert_eq!(fields.missing, 0);
            } else {
                // Each field that is shown was sent, in this order; the others are counted.
                let mut sent = list.iter();
                let mut whole = 0;
                for (name, value) in fields.iter() {
                    let found = sent.find(|(n, v, _)| v == value && (n == name || name.is_empty()));
                    prop_assert!(found.is_some());
                    whole += u32::from(found.is_some_and(|(n, _, _)| n == name));
                }
                prop_assert!(whole + fields.missing >= list.len() as u32);
            }
            prop_assert!(!fields.wrong);
        }
    }

    #[test]
    fn nothing_panics(blocks: Vec<Vec<u8>>, limit in 0usize..500) {
        let mut decoder = Decoder::new(false);
        for block in blocks {
            let mut fields = FieldList::default();
            let _ = decoder.decode(&block, &mut fields, limit);
        }
    }
}
