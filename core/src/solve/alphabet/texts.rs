//! Texts of an unknown alphabet as sequences of symbols.

/// No symbol: behind the end of a text.
pub(super) const NONE: u8 = 0xff;
/// Symbols of a base64 alphabet.
pub(super) const SYMBOLS: usize = 64;
/// Whole texts are taken until they have so many characters: more would add time and little knowledge.
const LONGEST: usize = 6000;

/// Texts of one endpoint, all of one alphabet.
pub(super) struct Texts {
    /// Character of each symbol.
    pub(super) characters: Vec<u8>,
    /// Groups of four symbols of each text; [`NONE`] behind its end.
    pub(super) texts: Vec<Vec<[u8; 4]>>,
    /// Padding character, if there is padding.
    pub(super) pad: Option<u8>,
}

/// The bare digits of a text without line ends, and its padding.
fn bare(text: &[u8], pad: Option<u8>) -> Option<Vec<u8>> {
    let mut digits: Vec<u8> = text
        .iter()
        .copied()
        .filter(|byte| !matches!(byte, b'\r' | b'\n'))
        .collect();
    let all = digits.len();
    if let Some(pad) = pad {
        while digits.last() == Some(&pad) && all - digits.len() < 2 {
            digits.pop();
        }
        if digits.len() != all && !all.is_multiple_of(4) {
            return None;
        }
    }
    (digits.len() % 4 != 1 && digits.iter().all(u8::is_ascii_graphic)).then_some(digits)
}

impl Texts {
    /// Read texts with this padding character, or none; `None` when they cannot be base64 of any alphabet.
    pub(super) fn read(texts: &[&[u8]], pad: Option<u8>) -> Option<Self> {
        let mut index = [NONE; 256];
        let mut characters = Vec::new();
        let mut all = Vec::with_capacity(texts.len());
        let mut length = 0;
        for text in texts {
            length += text.len();
            if length > LONGEST && !all.is_empty() {
                break;
            }
            let digits = bare(text, pad)?;
            let mut quads = Vec::with_capacity(digits.len() / 4 + 1);
            for chunk in digits.chunks(4) {
                let mut quad = [NONE; 4];
                for (to, &digit) in quad.iter_mut().zip(chunk) {
                    if Some(digit) == pad {
                        return None;
                    }
                    let known = index.get_mut(usize::from(digit))?;
                    if *known == NONE {
                        if characters.len() == SYMBOLS {
                            return None;
                        }
                        *known = u8::try_from(characters.len()).ok()?;
                        characters.push(digit);
                    }
                    *to = *known;
                }
                quads.push(quad);
            }
            all.push(quads);
        }
        Some(Texts {
            characters,
            texts: all,
            pad,
        })
    }

    /// The plaintext of each text when symbols have these values.
    pub(super) fn plain(&self, value: &[u8; SYMBOLS]) -> Vec<Vec<u8>> {
        let values =
            |quad: [u8; 4]| quad.map(|symbol| value.get(usize::from(symbol)).copied().unwrap_or(0));
        self.texts
            .iter()
            .map(|quads| {
                quads
                    .iter()
                    .flat_map(|quad| bytes_of(values(*quad)).into_iter().take(count(*quad)))
                    .collect()
            })
            .collect()
    }

    /// Padding characters that are possible, likeliest first: what ends texts whose length is a multiple of
    /// four, once or twice, and stands nowhere else.
    pub(super) fn paddings(texts: &[&[u8]]) -> Vec<Option<u8>> {
        let mut found = Vec::new();
        for text in texts {
            if let Some(&last) = text.last()
                && !matches!(last, b'\r' | b'\n')
                && !found.contains(&Some(last))
                && Texts::read(texts, Some(last)).is_some()
            {
                found.push(Some(last));
            }
        }
        // A sign that is no letter or digit is padding rather than a symbol.
        found.sort_by_key(|pad| pad.is_some_and(|pad: u8| pad.is_ascii_alphanumeric()));
        let sure = found.first().is_some_and(|pad| *pad == Some(b'='));
        if !sure && texts.iter().all(|text| text.len() % 4 != 1) {
            let letters = found
                .iter()
                .position(|pad| pad.is_some_and(|pad| pad.is_ascii_alphanumeric()));
            found.insert(letters.unwrap_or(found.len()), None);
        }
        found
    }
}

/// Bytes of a group of four values; fewer when values are missing.
pub(super) fn bytes_of(values: [u8; 4]) -> [u8; 3] {
    let [a, b, c, d] = values.map(|value| value & 63);
    [a << 2 | b >> 4, b << 4 | c >> 2, c << 6 | d]
}

/// Bytes that a group of four symbols stands for.
pub(super) fn count(quad: [u8; 4]) -> usize {
    quad.iter()
        .filter(|&&symbol| symbol != NONE)
        .count()
        .saturating_sub(1)
}
