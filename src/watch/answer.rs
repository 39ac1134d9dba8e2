//! The grammar of an answer by SMS: a whole message of at most three words (behaviour §6).
//!
//! Strict where it matters: digits are ASCII digits, two words that contradict each other are no
//! answer, and the text of an alarm can never pass for one. Case, accents and punctuation do not
//! matter; neither do a greeting or a thank-you.

pub mod orders;

use super::codes::Code;
use super::event::Action;
use orders::Order;

/// What a person asks for by SMS.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Answer {
    /// `4711`, `4711 OK`, `4711 FIN`, `4711 NON`
    Act(Code, Action),
    /// `4711 ?`
    Procedure(Code),
    /// `LIST`, `LISTE`
    List,
    /// Beyond answering: `TAKE technique 18H`.
    Order(Order),
}

/// One word of a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Word {
    Code(Code),
    Act(Action),
    Question,
    List,
    /// A greeting, a thank-you, or a word that introduces a code.
    Noise,
}

/// An answer is no longer than this many characters; a longer message is none.
const LONGEST: usize = 160;

/// Reads a message; `None`: it is no answer.
pub fn parse(message: &str) -> Option<Answer> {
    let unquoted = without_quotes(message)?;
    if let Some(order) = orders::parse(&unquoted) {
        return Some(Answer::Order(order));
    }
    let spaced = unquoted.replace('?', " ? ");
    let mut words = Vec::new();
    for written in spaced.split(|letter: char| letter.is_whitespace() || is_punctuation(letter)) {
        if written.is_empty() {
            continue;
        }
        words.push(word(written)?);
        if words.len() > 3 {
            return None;
        }
    }
    words.retain(|word| *word != Word::Noise);
    answer(&words)
}

fn answer(words: &[Word]) -> Option<Answer> {
    match words {
        [Word::List] => Some(Answer::List),
        [Word::Code(code)] => Some(Answer::Act(*code, Action::Acknowledge)),
        [Word::Code(code), Word::Act(action)] | [Word::Act(action), Word::Code(code)] => {
            Some(Answer::Act(*code, *action))
        }
        [Word::Code(code), Word::Question] => Some(Answer::Procedure(*code)),
        // "OK 4711 FIN": the stronger of two words that agree.
        [Word::Act(first), Word::Code(code), Word::Act(second)]
        | [Word::Code(code), Word::Act(first), Word::Act(second)] => {
            let both = [first, second];
            let declines = both.contains(&&Action::Decline);
            let action = if both.contains(&&Action::Confirm) { Action::Confirm } else { *first };
            (!declines || first == second).then_some(Answer::Act(*code, action))
        }
        _ => None,
    }
}

fn word(written: &str) -> Option<Word> {
    if written == "?" {
        return Some(Word::Question);
    }
    if written.bytes().all(|byte| byte.is_ascii_digit()) {
        return Code::parse(written).map(Word::Code);
    }
    let plain: String = written.chars().flat_map(char::to_uppercase).map(without_accent).collect();
    match plain.as_str() {
        "OK" | "ACK" | "ACQ" => Some(Word::Act(Action::Acknowledge)),
        "DONE" | "FIN" => Some(Word::Act(Action::Confirm)),
        "NO" | "NON" => Some(Word::Act(Action::Decline)),
        "LIST" | "LISTE" => Some(Word::List),
        "CODE" | "BONJOUR" | "BONSOIR" | "MERCI" | "SVP" | "HELLO" | "HI" | "THANKS" | "PLEASE" => {
            Some(Word::Noise)
        }
        _ => None,
    }
}

/// Takes off what is quoted: lines that begin with `>`, and what stands between quotation marks.
/// `None` where the message is too long to be an answer.
fn without_quotes(message: &str) -> Option<String> {
    let mut kept = String::new();
    let mut inside = None;
    for line in message.lines().filter(|line| !line.trim_start().starts_with('>')) {
        for letter in line.chars() {
            match (inside, closing(letter)) {
                (Some(end), _) if letter == end => inside = None,
                (Some(_), _) => {}
                (None, Some(end)) => inside = Some(end),
                (None, None) => kept.push(letter),
            }
        }
        kept.push('\n');
    }
    // A quotation mark that never closes is noise, and a code in quotation marks is still a code.
    if kept.trim().is_empty() || inside.is_some() {
        kept = message
            .chars()
            .filter(|letter| closing(*letter).is_none() && !matches!(letter, '»' | '”'))
            .collect();
    }
    (kept.trim().chars().count() <= LONGEST).then_some(kept)
}

fn closing(letter: char) -> Option<char> {
    match letter {
        '"' => Some('"'),
        '«' => Some('»'),
        '“' => Some('”'),
        _ => None,
    }
}

fn is_punctuation(letter: char) -> bool {
    matches!(
        letter,
        '.' | ','
            | ';'
            | ':'
            | '!'
            | '-'
            | '_'
            | '('
            | ')'
            | '\''
            | '’'
            | '/'
            | '*'
            | '#'
            | '\u{200b}'..='\u{200f}' | '\u{feff}'
    ) || is_picture(letter)
}

/// A thumb up, a tick, a face: what a phone puts around an answer is noise like a thank-you. A
/// picture that says no is not: then the message is no answer, and people go on being called.
fn is_picture(letter: char) -> bool {
    let refuses = matches!(
        letter,
        '⛔' | '❌'
            | '❎'
            | '❓'
            | '❔'
            | '✋'
            | '✖'
            | '✗'
            | '✘'
            | '⏳'
            | '👎'
            | '🖐'
            | '🚫'
            | '🛑'
            | '🙅'
            | '🤷'
            | '🙈'
    );
    let pictures = matches!(
        letter,
        '\u{2600}'..='\u{27bf}' | '\u{2b50}' | '\u{fe0f}' | '\u{1f300}'..='\u{1faff}'
    );
    pictures && !refuses
}

fn without_accent(letter: char) -> char {
    match letter {
        'À' | 'Â' | 'Ä' | 'Á' => 'A',
        'É' | 'È' | 'Ê' | 'Ë' => 'E',
        'Î' | 'Ï' | 'Í' | 'Ì' => 'I',
        'Ô' | 'Ö' | 'Ó' | 'Ò' => 'O',
        'Û' | 'Ü' | 'Ù' | 'Ú' => 'U',
        'Ç' => 'C',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn act(code: &str, action: Action) -> Option<Answer> {
        Some(Answer::Act(Code::parse(code).unwrap(), action))
    }

    #[test]
    fn a_person_half_asleep_is_understood() {
        for message in [
            "4711",
            " 4711 ",
            "4711.",
            "4711 ok",
            "OK 4711",
            "ack 4711",
            "Acq 4711",
            "bonjour 4711",
            "4711 merci!",
            "code 4711",
            "\"4711\"",
            "4711 👍🏽",
            "✅4711 ❤\u{fe0f}",
            "4711\n> HAUTE Nord: Lien coupé. Répondez 4711",
            "« HAUTE Nord: Lien coupé. Répondez 0815 » 4711",
            "“HAUTE Nord: \"Lien\" coupé. Répondez 0815” 4711 ok",
            "4711 \"HAUTE Nord: « Lien coupé. Répondez 0815\"",
        ] {
            assert_eq!(parse(message), act("4711", Action::Acknowledge), "{message}");
        }
        for message in ["4711 FIN", "fin 4711", "4711 done", "4711 Fin.", "ok 4711 fin"] {
            assert_eq!(parse(message), act("4711", Action::Confirm), "{message}");
        }
        for message in ["4711 NON", "no 4711", "4711 non non"] {
            assert_eq!(parse(message), act("4711", Action::Decline), "{message}");
        }
        for message in ["4711 ?", "4711?", "? 4711"] {
            let wanted =
                (message != "? 4711").then(|| Answer::Procedure(Code::parse("4711").unwrap()));
            assert_eq!(parse(message), wanted, "{message}");
        }
        assert_eq!(parse("Liste"), Some(Answer::List));
        assert_eq!(parse("LIST"), Some(Answer::List));
    }

    #[test]
    fn what_is_no_answer_silences_nothing() {
        for message in [
            "",
            "?",
            "ok",
            "fin",
            "471",
            "123456789",
            "4711 4712",
            "4711 pas",
            "4711 ok non",
            "non 4711 fin",
            "4711 ok ok ok",
            "٤٧١١",
            "4711x",
            "4711 👎",
            "4711 ❌",
            "4711 🤷\u{200d}♂\u{fe0f}",
            "👍",
            "4️⃣7️⃣1️⃣1️⃣",
            "A aimé « HAUTE Nord: Lien coupé. Répondez 4711 »",
            "je prends 4711 tout de suite",
            "HAUTE Nord: Lien coupé. Répondez 4711",
        ] {
            assert_eq!(parse(message), None, "{message}");
        }
        assert_eq!(parse(&"4".repeat(100_000)), None);
        assert_eq!(parse(&"4711 ".repeat(100_000)), None);
    }
}
