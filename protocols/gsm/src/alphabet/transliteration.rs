//! Likenesses in the GSM alphabet for the characters that it lacks.
//!
//! What the alphabet has is never touched, so that a text that fits is sent as it was written. What has no
//! likeness becomes one `?`, and never disappears. The result always fits the alphabet.

use super::letters::LETTERS;
use super::tables::Septets;

/// The text with a likeness for each character that the GSM alphabet lacks: `ê` as `e`, `œ` as `oe`, `…` as
/// three dots, `°C` as `C`; `?` where there is none.
#[must_use]
pub fn transliterate(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        if Septets::of(character).is_some() {
            out.push(character);
        } else if is_mark(character) {
            put_mark(character, &mut out);
        } else if character == '°' {
            // "-18 °C" reads well as "-18 C", and "n° 3" as "no 3".
            if !matches!(characters.peek(), Some('C' | 'F')) {
                out.push('o');
            }
        } else if let Some(likeness) = symbol(character) {
            out.push_str(likeness);
        } else {
            out.push(letter(character).unwrap_or('?'));
        }
    }
    out
}

/// Whether the character only puts a mark on the one before it, as in a text whose accents are written apart.
fn is_mark(character: char) -> bool {
    matches!(character, '\u{300}'..='\u{36f}')
}

/// Puts a mark on the last letter if the alphabet has both together, and leaves it out if not.
fn put_mark(mark: char, out: &mut String) {
    const MARKED: [(char, &str, &str); 6] = [
        ('\u{300}', "aeiou", "àèìòù"),
        ('\u{301}', "eE", "éÉ"),
        ('\u{303}', "nN", "ñÑ"),
        ('\u{308}', "aouAOU", "äöüÄÖÜ"),
        ('\u{30a}', "aA", "åÅ"),
        ('\u{327}', "C", "Ç"),
    ];
    let Some(base) = out.chars().next_back() else {
        return;
    };
    let marked =
        MARKED.iter().filter(|(known, _, _)| *known == mark).find_map(|(_, bases, marked)| {
            bases
                .chars()
                .zip(marked.chars())
                .find(|(known, _)| *known == base)
                .map(|(_, marked)| marked)
        });
    if let Some(marked) = marked {
        out.pop();
        out.push(marked);
    }
}

/// The letter under the accent.
fn letter(character: char) -> Option<char> {
    // Full-width ASCII stands in the order of ASCII, of which the alphabet lacks only the grave accent.
    if let wide @ '\u{ff01}'..='\u{ff5e}' = character {
        let plain = u32::from(wide).checked_sub(0xFEE0).and_then(char::from_u32);
        return plain.filter(|plain| Septets::of(*plain).is_some());
    }
    LETTERS.iter().find(|(_, accented)| accented.contains(character)).map(|(plain, _)| *plain)
}

/// Ligatures, punctuation and signs of measurement.
fn symbol(character: char) -> Option<&'static str> {
    Some(match character {
        'œ' => "oe",
        'Œ' => "OE",
        'ĳ' => "ij",
        'Ĳ' => "IJ",
        'ŋ' => "ng",
        'Ŋ' => "NG",
        'þ' => "th",
        'Þ' => "TH",
        'ẞ' => "SS",
        'ŉ' => "'n",
        'ﬀ' => "ff",
        'ﬁ' => "fi",
        'ﬂ' => "fl",
        'ﬃ' => "ffi",
        'ﬄ' => "ffl",
        '«' | '»' | '“' | '”' | '„' | '‟' | '″' | '¨' => "\"",
        '‹' | '›' | '‘' | '’' | '‚' | '‛' | '′' | '´' | '`' | 'ʼ' => "'",
        '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' | '¯' | '•' | '‣' | '▪' | '■' | '●' => {
            "-"
        }
        '…' => "...",
        '·' | '∙' | '⋅' => ".",
        '¸' => ",",
        '¦' => "|",
        '\t' | '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => " ",
        '\u{2028}' | '\u{2029}' => "\n",
        // Without a width of their own: soft hyphen, joiners, marks of direction and of the kind of a picture.
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' => {
            ""
        }
        '\u{fe00}'..='\u{fe0f}' | '\u{feff}' => "",
        '©' => "(c)",
        '®' => "(r)",
        '™' => "TM",
        '¢' => "c",
        'ª' => "a",
        'º' => "o",
        '№' => "No",
        '×' => "x",
        '÷' | '⁄' | '∕' => "/",
        '±' => "+/-",
        '¼' => "1/4",
        '½' => "1/2",
        '¾' => "3/4",
        '‰' => "o/oo",
        '≤' => "<=",
        '≥' => ">=",
        '≠' => "!=",
        '≈' => "~",
        '→' | '⇒' => "->",
        '←' | '⇐' => "<-",
        '↑' => "^",
        '↓' => "v",
        '⚠' => "!",
        '\u{b5}' | '\u{3bc}' => "u",
        '℃' => "C",
        '℉' => "F",
        '\u{2126}' => "Ω",
        '\u{2206}' => "Δ",
        '\u{2211}' => "Σ",
        '\u{220f}' => "Π",
        '⁰' | '₀' => "0",
        '¹' | '₁' => "1",
        '²' | '₂' => "2",
        '³' | '₃' => "3",
        '⁴' | '₄' => "4",
        '⁵' | '₅' => "5",
        '⁶' | '₆' => "6",
        '⁷' | '₇' => "7",
        '⁸' | '₈' => "8",
        '⁹' | '₉' => "9",
        _ => return None,
    })
}
