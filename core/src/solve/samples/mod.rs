//! Telemetry for tests: written in another way and with other words than the training text, and with a note on
//! every byte of where it comes from.

mod draw;
mod realistic;
#[cfg(test)]
mod tests;
mod vocabulary;

use super::Cribs;
use super::random::Random;
use draw::{draw, kinds};
use realistic::Device;

/// Where a byte of a sample comes from, and so who can know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Signs of the grammar, and signs within values of a fixed shape.
    Structure,
    /// Name of a field.
    Name,
    /// Words of four letters and more, with the signs beside them; `true`, `false`.
    Word,
    /// Short codes, versions, sizes: a matter of taste for who does not know them.
    Code,
    /// Drawn at random, a decimal digit.
    Digit,
    /// Drawn at random, a hex digit in lower case.
    Hex,
    /// The known value.
    Known,
}

/// A message and the kind of each byte.
#[derive(Clone, Debug, Default)]
pub(super) struct Sample {
    pub(super) text: Vec<u8>,
    pub(super) kinds: Vec<Kind>,
}

/// How a program writes its messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    Flat,
    Spaced,
    /// Objects within the object.
    Nested,
    /// A list of events behind what they have in common.
    Events,
    /// A list of objects.
    List,
    Form,
}

const STYLES: [Style; 8] = [
    Style::Flat,
    Style::Flat,
    Style::Nested,
    Style::Nested,
    Style::Events,
    Style::List,
    Style::Form,
    Style::Spaced,
];

/// One field of an endpoint.
#[derive(Clone)]
struct Field {
    name: &'static str,
    patterns: Vec<String>,
    changing: bool,
    /// Of a device: the value that stays.
    value: String,
}

fn fields() -> Vec<(Vec<&'static str>, bool, Vec<&'static str>)> {
    vocabulary::FIELDS
        .lines()
        .map(|line| {
            let (names, values) = line.split_once(": ").unwrap();
            let changing = names.starts_with('*');
            let names = names.trim_start_matches('*').split(',').collect();
            (names, changing, values.split('|').collect())
        })
        .collect()
}

impl Sample {
    fn put(&mut self, text: &str, kind: Kind) {
        self.text.extend_from_slice(text.as_bytes());
        self.kinds.resize(self.text.len(), kind);
    }

    /// A value: `=` before it means that it stands without quotes.
    fn value(&mut self, drawn: &str, form: bool) {
        let bare = drawn.strip_prefix('=');
        let mut signs = kinds(bare.unwrap_or(drawn));
        if bare.is_some() {
            // JSON knows no leading zeros.
            let first = usize::from(signs.first().is_some_and(|(sign, _)| *sign == '-'));
            while signs.len() > first + 1
                && signs[first].0 == '0'
                && signs[first + 1].0.is_ascii_digit()
            {
                signs.remove(first);
            }
            if signs.first().is_some_and(|(sign, _)| *sign == '.') {
                signs.insert(0, ('0', Kind::Code));
            }
        }
        let quoted = !form && bare.is_none();
        if quoted {
            self.put("\"", Kind::Structure);
        }
        for (sign, kind) in signs {
            let mut bytes = [0; 4];
            let text = sign.encode_utf8(&mut bytes);
            match sign {
                ' ' if form => self.put("+", kind),
                _ if form && !(sign.is_ascii_alphanumeric() || "-_.".contains(sign)) => {
                    for byte in text.bytes() {
                        self.put(&format!("%{byte:02X}"), kind);
                    }
                }
                _ => self.put(text, kind),
            }
        }
        if quoted {
            self.put("\"", Kind::Structure);
        }
    }

    fn known(&mut self, known: &str, form: bool) {
        let quote = if form { "" } else { "\"" };
        self.put(quote, Kind::Structure);
        self.put(known, Kind::Known);
        self.put(quote, Kind::Structure);
    }

    fn name(&mut self, name: &str, style: Style) {
        match style {
            Style::Form => {
                self.put(name, Kind::Name);
                self.put("=", Kind::Structure);
            }
            _ => {
                self.put("\"", Kind::Structure);
                self.put(name, Kind::Name);
                self.put(
                    if style == Style::Spaced {
                        "\": "
                    } else {
                        "\":"
                    },
                    Kind::Structure,
                );
            }
        }
    }

    fn between(&mut self, style: Style) {
        self.put(
            match style {
                Style::Form => "&",
                Style::Spaced => ", ",
                _ => ",",
            },
            Kind::Structure,
        );
    }
}

/// What one program sends to one place.
#[derive(Clone)]
pub(super) struct Endpoint {
    style: Style,
    fields: Vec<Field>,
    /// Before this field the known value stands.
    place: usize,
    known_name: &'static str,
    group: &'static str,
    list: &'static str,
    size: usize,
    device: Option<Device>,
}

impl Endpoint {
    /// One as kits have it, and what an audit knows around its messages.
    pub(super) fn realistic(random: &mut Random, size: usize, cribs: &mut Cribs) -> Self {
        let device = Device::draw(random);
        device.context(random, cribs);
        let mut all: Vec<(&str, &str)> = realistic::FIELDS
            .lines()
            .map(|line| line.split_once(": ").unwrap())
            .collect();
        for index in (1..all.len()).rev() {
            all.swap(index, random.below(index + 1));
        }
        let pick = |random: &mut Random, names: &'static str, between: char| -> &'static str {
            let (known, others) = names.split_once(';').unwrap();
            let list = if random.below(100) < realistic::KNOWN {
                known
            } else {
                others
            };
            let list: Vec<&str> = list.split(between).collect();
            random.pick(&list).copied().unwrap()
        };
        let mut names: Vec<&str> = Vec::new();
        let mut fields = Vec::new();
        for (named, values) in all {
            let (changing, named) = match named.strip_prefix('*') {
                Some(named) => (true, named),
                None => (false, named),
            };
            let name = pick(random, named, ',');
            // An object has each name once.
            if names.contains(&name) {
                continue;
            }
            names.push(name);
            let patterns: Vec<String> = values.split('|').map(|v| device.fill(v)).collect();
            fields.push(Field {
                name,
                value: draw(
                    random,
                    random.clone().pick(&patterns).unwrap(),
                    Some(device.now),
                ),
                patterns,
                changing,
            });
        }
        Endpoint {
            style: *random.pick(&STYLES).unwrap(),
            fields,
            place: random.below(4),
            known_name: pick(random, realistic::IDS, ' '),
            group: pick(random, realistic::GROUPS, ' '),
            list: pick(random, realistic::LISTS, ' '),
            size,
            device: Some(device),
        }
    }

    /// One whose messages have at least `size` bytes.
    pub(super) fn new(random: &mut Random, size: usize) -> Self {
        let word = |random: &mut Random, list: &'static str| -> &'static str {
            let words: Vec<&str> = list.split_ascii_whitespace().collect();
            random.pick(&words).copied().unwrap()
        };
        let mut all = fields();
        for index in (1..all.len()).rev() {
            all.swap(index, random.below(index + 1));
        }
        let fields = all
            .into_iter()
            .map(|(names, changing, patterns)| Field {
                name: random.pick(&names).unwrap(),
                value: draw(random, random.clone().pick(&patterns).unwrap(), None),
                patterns: patterns.into_iter().map(str::to_owned).collect(),
                changing,
            })
            .collect();
        Endpoint {
            style: *random.pick(&STYLES).unwrap(),
            fields,
            place: random.below(4),
            known_name: word(random, vocabulary::KNOWN),
            group: word(random, vocabulary::GROUPS),
            list: word(random, vocabulary::LISTS),
            size,
            device: None,
        }
    }

    fn put(&self, out: &mut Sample, field: &Field, random: &mut Random) {
        out.name(field.name, self.style);
        let form = self.style == Style::Form;
        if field.changing {
            let pattern = random.clone().pick(&field.patterns).unwrap().clone();
            random.bits();
            let now = self.device.as_ref().map(|device| device.now);
            out.value(&draw(random, &pattern, now), form);
        } else {
            out.value(&field.value, form);
        }
    }

    /// A message.
    pub(super) fn message(&self, random: &mut Random, known: &str) -> Sample {
        let mut out = Sample::default();
        let style = self.style;
        let form = style == Style::Form;
        if style == Style::List {
            out.put("[", Kind::Structure);
        }
        if !form {
            out.put("{", Kind::Structure);
        }
        let (mut first, mut inside, mut events) = (true, false, false);
        let (mut index, mut round) = (0, 0);
        while out.text.len() + 1 < self.size || index <= self.place || round == 0 && index < 3 {
            let ends = match style {
                Style::List if index > 0 && index % 6 == 0 => Some("},{"),
                Style::Events if events && index % 5 == 0 => Some("},{"),
                _ => None,
            };
            if let Some(ends) = ends {
                out.put(ends, Kind::Structure);
                first = true;
            }
            if !first {
                out.between(style);
            }
            first = false;
            if index == self.place && round == 0 {
                out.name(self.known_name, style);
                out.known(known, form);
                out.between(style);
            }
            if style == Style::Nested && !inside && index == 3 {
                out.name(self.group, style);
                out.put("{", Kind::Structure);
                inside = true;
            }
            if style == Style::Events && !events && index == 4 {
                out.name(self.list, style);
                out.put("[{", Kind::Structure);
                events = true;
            }
            let Some(field) = self.fields.get(index) else {
                // All of them again, as the events of a list.
                index = self.place + 1;
                round += 1;
                if matches!(
                    style,
                    Style::Flat | Style::Spaced | Style::Form | Style::Nested
                ) {
                    out.name(&format!("{}{round}", self.list), style);
                    out.value("=0", form);
                } else {
                    self.put(&mut out, &self.fields[index], random);
                }
                continue;
            };
            self.put(&mut out, field, random);
            index += 1;
        }
        if events {
            out.put("}]", Kind::Structure);
        }
        if inside {
            out.put("}", Kind::Structure);
        }
        out.put(
            match style {
                Style::Form => "",
                Style::List => "}]",
                _ => "}",
            },
            Kind::Structure,
        );
        out
    }
}

/// A 16-character identifier, of hex digits, decimal digits or letters and digits.
pub(super) fn identifier(random: &mut Random) -> String {
    let alphabet: &[u8] = match random.below(4) {
        0 | 1 => b"0123456789abcdef",
        2 => b"0123456789",
        _ => b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789",
    };
    (0..16)
        .map(|_| char::from(*random.pick(alphabet).unwrap()))
        .collect()
}

/// Milliseconds of processor time that this thread has had (Linux; 0 elsewhere).
pub(super) fn cpu() -> f64 {
    std::fs::read_to_string("/proc/thread-self/schedstat")
        .ok()
        .and_then(|text| text.split(' ').next()?.parse::<f64>().ok())
        .unwrap_or(0.0)
        / 1e6
}

/// A message of at least `size` bytes with `known` in it.
pub(super) fn telemetry(random: &mut Random, known: &str, size: usize) -> Vec<u8> {
    Endpoint::new(random, size).message(random, known).text
}
