//! The credit of a prepaid SIM: asked of the network from time to time, told when it is low.
//!
//! A SIM without credit receives and does not send: nothing says so before the first call that does not leave.

use vigie_gsm::dialogue::Instant;

use crate::config::CreditSettings;

/// After so many answers in a row that tell nothing, that is an alarm too.
pub(super) const MOST_IN_VAIN: u32 = 3;
/// Credit is enough again when it is a tenth above what is low.
const ABOVE: i64 = 110;

/// What is known of the credit in one life.
#[derive(Debug, Default)]
pub(super) struct Credit {
    /// When it is asked for next; `None` until the modem serves.
    pub(super) due: Option<Instant>,
    /// How many answers in a row told nothing.
    pub(super) in_vain: u32,
    /// What was last told: whether it is low.
    pub(super) told: Option<bool>,
}

impl Credit {
    /// Whether an amount in hundredths is low; `None` between low and enough.
    pub(super) fn judge(hundredths: i64, settings: &CreditSettings) -> Option<bool> {
        let low = i64::from(settings.low).saturating_mul(100);
        if hundredths < low {
            return Some(true);
        }
        (hundredths.saturating_mul(100) >= low.saturating_mul(ABOVE)).then_some(false)
    }
}

/// An amount in hundredths, with two decimals.
pub(super) fn written(hundredths: i64) -> String {
    let sign = if hundredths < 0 { "-" } else { "" };
    let hundredths = hundredths.unsigned_abs();
    format!("{sign}{}.{:02}", hundredths / 100, hundredths % 100)
}

/// The amount in an operator's sentence, in hundredths: the number beside a currency, else the first with two
/// decimals, else the only whole one. Dates are none.
pub(super) fn amount(text: &str) -> Option<i64> {
    let numbers: Vec<Number> = numbers(text).collect();
    let money = numbers.iter().find(|number| number.is_money);
    let exact = || numbers.iter().find(|number| number.has_decimals);
    let only = || match numbers.as_slice() {
        [only] => Some(only),
        _ => None,
    };
    money.or_else(exact).or_else(only).map(|number| number.hundredths)
}

struct Number {
    hundredths: i64,
    has_decimals: bool,
    is_money: bool,
}

/// The numbers of a text that are no part of a date, a time or a code.
fn numbers(text: &str) -> impl Iterator<Item = Number> {
    let is_of_number = |letter: char| letter.is_ascii_digit() || ".,".contains(letter);
    let mut rest = text;
    let mut before = "";
    std::iter::from_fn(move || {
        loop {
            let start = rest.find(|letter: char| letter.is_ascii_digit())?;
            let (head, tail) = rest.split_at(start);
            let end = tail.find(|letter| !is_of_number(letter)).unwrap_or(tail.len());
            let (number, behind) = tail.split_at(end);
            let head = if head.is_empty() { before } else { head };
            (rest, before) = (behind, number);
            let is_money = names_money(behind, true) || names_money(head, false);
            if !is_money && (is_joined_behind(head) || is_joined_before(behind)) {
                continue;
            }
            let read = hundredths(number.trim_end_matches(['.', ',']));
            if let Some((hundredths, has_decimals)) = read {
                let sign = if head.ends_with(" -") { -1 } else { 1 };
                return Some(Number { hundredths: sign * hundredths, has_decimals, is_money });
            }
        }
    })
}

/// What stands between numbers of a date or a time, and around a code.
const JOINTS: [char; 5] = ['/', ':', '-', '*', '#'];

/// Whether a number behind that is a part of something longer: of a word, a date, a code.
fn is_joined_behind(head: &str) -> bool {
    let is_joint = head.len() == 1 && head.starts_with(JOINTS);
    is_joint || head.ends_with(['*', '#']) || head.ends_with(char::is_alphanumeric)
}

/// Whether a number before that is one.
fn is_joined_before(behind: &str) -> bool {
    let mut letters = behind.chars();
    match letters.next() {
        Some('*' | '#') => true,
        Some(joint) => {
            JOINTS.contains(&joint) && letters.next().is_some_and(|next| next.is_ascii_digit())
        }
        None => false,
    }
}

/// `12,34` or `12.3` or `12`, in hundredths, and whether there are decimals.
fn hundredths(number: &str) -> Option<(i64, bool)> {
    let (whole, part) = number.rsplit_once(['.', ',']).unwrap_or((number, ""));
    let whole: i64 = whole.parse().ok()?;
    let part = match part.len() {
        0 => 0,
        1 => part.parse::<i64>().ok()?.saturating_mul(10),
        2 => part.parse().ok()?,
        _ => return None,
    };
    let has_decimals = number.contains(['.', ',']);
    Some((whole.checked_mul(100)?.checked_add(part)?, has_decimals))
}

/// Whether a currency stands at the beginning, or at the end, of what surrounds a number.
fn names_money(text: &str, at_the_beginning: bool) -> bool {
    const NAMES: [&str; 9] = ["€", "eur", "£", "gbp", "$", "usd", "chf", "fr.", "cfa"];
    let text = text.trim().to_lowercase();
    NAMES.iter().any(
        |name| {
            if at_the_beginning { text.starts_with(name) } else { text.ends_with(name) }
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use vigie_gsm::dialogue::UssdCode;

    #[test]
    fn the_amount_is_found_in_what_operators_write() {
        for (text, hundredths) in [
            ("Votre credit est de 12,34 EUR valable jusqu'au 31/12/2026", Some(1_234)),
            ("Credit: 12.34€. Validite 31.12.2026", Some(1_234)),
            ("SFR: au 26/11/2026 a 09:15 il vous reste 5 euros", Some(500)),
            ("Ihr Guthaben: EUR 7,5", Some(750)),
            ("Balance £0.00 at 12:00", Some(0)),
            ("CHF 20.- ", Some(2_000)),
            ("EUR12.34 le 31/12", Some(1_234)),
            ("Solde -5,20 EUR", Some(-520)),
            ("Solde 3,20", Some(320)),
            ("Solde 15", Some(1_500)),
            ("Appelez le 123 ou le 456", None),
            ("Service indisponible", None),
            ("*123#", None),
            ("99999999999999999999 EUR", None),
            ("", None),
        ] {
            assert_eq!(amount(text), hundredths, "{text}");
        }
    }

    #[test]
    fn credit_is_low_below_one_limit_and_enough_a_tenth_above_it() {
        let code = UssdCode::new("*123#").expect("a question");
        let settings = CreditSettings { code, every: Duration::from_secs(60), low: 5 };
        let judged = [499, 500, 549, 550].map(|amount| Credit::judge(amount, &settings));
        assert_eq!(judged, [Some(true), None, None, Some(false)]);
    }

    #[test]
    fn an_amount_is_written_with_two_decimals() {
        assert_eq!([5, 50, 1_234, -520].map(written), ["0.05", "0.50", "12.34", "-5.20"]);
    }
}
