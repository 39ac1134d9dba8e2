//! Answers: what stands behind the colon, in the forms that real modems give it.
//!
//! Modems disagree on blanks, quotes, leading zeros and nesting (gammu's `at-creg*` tests, Wavecom's
//! `+CPMS=?`). What cannot be read is `None`, and the dialogue does without it.

use super::events::{Memory, Status, Technology};

/// More fields than any answer has: the rest is not worth its memory.
const MOST_FIELDS: usize = 64;

/// What follows `prefix:`, if the line begins so.
pub(super) fn answer<'line>(line: &'line str, prefix: &str) -> Option<&'line str> {
    let head = line.get(..prefix.len())?;
    let rest = line.get(prefix.len()..)?.trim_start().strip_prefix(':')?;
    head.eq_ignore_ascii_case(prefix).then_some(rest.trim())
}

/// The fields between commas, without their blanks; a comma in quotes does not part anything.
pub(super) fn fields(text: &str) -> Vec<&str> {
    let mut quoted = false;
    text.split(|letter| {
        quoted ^= letter == '"';
        letter == ',' && !quoted
    })
    .take(MOST_FIELDS)
    .map(str::trim)
    .collect()
}

/// A field without its quotes.
pub(super) fn bare(field: &str) -> &str {
    field.trim_matches(|letter: char| letter == '"' || letter == ' ')
}

fn number<N: std::str::FromStr>(field: &&str) -> Option<N> {
    field.trim().parse().ok()
}

/// `+CMTI: "SM",3` or `+CDSI: "SR",0` (27.005 3.4.1). SIM7600 says `,-1` when it stored nothing.
pub(super) fn place(text: &str) -> Option<(Memory, u16)> {
    let fields = fields(text);
    Some((Memory::named(bare(fields.first()?))?, number(fields.get(1)?)?))
}

/// The head of one message in `+CMGL` (27.005 4.1): index, state, octets of the TPDU.
pub(super) fn listed(text: &str) -> Option<(u16, u8, usize)> {
    let fields = fields(text);
    Some((number(fields.first()?)?, number(fields.get(1)?)?, number(fields.last()?)?))
}

/// The head of `+CMGR` (27.005 4.2): state, octets of the TPDU. `0,,0` is an empty slot.
pub(super) fn opened(text: &str) -> Option<(u8, usize)> {
    let fields = fields(text);
    Some((number(fields.first()?)?, number(fields.last()?)?))
}

/// The octets of the TPDU that `+CDS: 25` or `+CMT: ,24` announces (27.005 3.4.1).
pub(super) fn announced(text: &str) -> Option<usize> {
    number(fields(text).last()?)
}

/// How full the first memory is, from the answer to `+CPMS=` (27.005 3.2.2): used, total.
pub(super) fn fill(text: &str) -> Option<(u16, u16)> {
    let fields = fields(text);
    let mut numbers = fields.iter().filter_map(number);
    Some((numbers.next()?, numbers.next()?))
}

/// The memories that `+CPMS=?` offers for reading, writing and receiving: one to three groups. Wavecom
/// wraps all groups in one more pair of parentheses.
pub(super) fn memories(text: &str) -> Vec<Vec<Memory>> {
    let mut groups: Vec<Vec<Memory>> = Vec::new();
    let mut group = Vec::new();
    for (turn, part) in text.split('"').take(MOST_FIELDS).enumerate() {
        if turn % 2 == 1 {
            group.extend(Memory::named(part.trim()));
        } else if part.contains([')', '(']) && !group.is_empty() {
            groups.push(std::mem::take(&mut group));
        }
    }
    if !group.is_empty() {
        groups.push(group);
    }
    groups.truncate(3);
    groups
}

/// The values that `+CNMI=?` offers for mode, mt, bm, ds and bfr: `(0-2),(0,1,3),(0),(0-2),(0,1)`.
pub(super) fn choices(text: &str) -> Vec<Vec<u8>> {
    let mut groups = Vec::new();
    let mut group = Vec::new();
    let mut deep = false;
    for part in text.split_inclusive(['(', ')', ',']).take(MOST_FIELDS) {
        group.extend(range(part.trim_matches(['(', ')', ',', ' '])));
        deep = (deep || part.ends_with('(')) && !part.ends_with(')');
        if (part.ends_with(')') || (part.ends_with(',') && !deep)) && !group.is_empty() {
            groups.push(std::mem::take(&mut group));
        }
    }
    if !group.is_empty() {
        groups.push(group);
    }
    groups
}

fn range(part: &str) -> Vec<u8> {
    let (from, to) = part.split_once('-').unwrap_or((part, part));
    match (from.trim().parse::<u8>(), to.trim().parse::<u8>()) {
        (Ok(from), Ok(to)) if to < 10 => (from..=to).collect(),
        _ => Vec::new(),
    }
}

/// mode, mt, bm, ds as `+CNMI?` gives them.
pub(super) fn indications(text: &str) -> Option<(u8, u8)> {
    let fields = fields(text);
    Some((number(fields.get(1)?)?, number(fields.get(3)?)?))
}

/// `+CREG`, `+CGREG` and `+CEREG` (27.007 7.2, 10.1.20, 10.1.22), asked or unsolicited.
///
/// The two differ by a leading `n`; we tell them apart by the second field, which is the state (a short
/// number) in an answer, and a location code (quoted, or four digits) in an unsolicited line.
pub(super) fn registration(text: &str) -> Option<(Status, Option<Technology>)> {
    let fields = fields(text);
    let second = fields.get(1).copied().unwrap_or_default();
    let asked = !second.starts_with('"') && second.len() < 4 && second.parse::<u8>().is_ok();
    let (status, technology) = if asked { (1, 4) } else { (0, 3) };
    let status = Status::of(number(fields.get(status)?)?);
    let technology = fields.get(technology).and_then(|field| bare(field).parse().ok());
    Some((status, technology.and_then(Technology::of)))
}

/// `+CSQ: 17,99` (27.007 8.5) in dBm; the outer `None` is nonsense, the inner one "not known" (99).
pub(super) fn strength(text: &str) -> Option<Option<i16>> {
    match number::<i16>(fields(text).first()?)? {
        steps @ 0..=31 => Some(Some(-113 + 2 * steps)),
        // 100 to 191 is the scale of TD-SCDMA and LTE that some modems mix in: -116 dBm and up.
        steps @ 100..=191 => Some(Some(steps - 216)),
        _ => Some(None),
    }
}

/// `+COPS: 0,0,"Orange F",7` (27.007 7.3): the operator's name and the technology.
pub(super) fn operator(text: &str) -> Option<(String, Option<Technology>)> {
    let fields = fields(text);
    let name: String = bare(fields.get(2)?).chars().take(64).collect();
    let technology = fields.get(3).and_then(number).and_then(Technology::of);
    (!name.is_empty()).then_some((name, technology))
}

/// The first field as text: `+CSCA: "+33689004000",145`, `+CPIN: SIM PIN`.
pub(super) fn text(answer: &str) -> Option<String> {
    let text: String = bare(fields(answer).first()?).chars().take(64).collect();
    (!text.is_empty()).then_some(text)
}

/// `+CIMI`: six to fifteen digits (27.007 5.6), with a prefix or without.
pub(super) fn subscriber(answer: &str) -> Option<String> {
    let digits = bare(answer.trim());
    let fits =
        (6..=15).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit());
    fits.then(|| digits.to_owned())
}

/// The number in `+CNUM: "Line 1","+33700000001",145` (27.007 7.1).
pub(super) fn own_number(answer: &str) -> Option<String> {
    let number: String = bare(fields(answer).get(1)?).chars().take(24).collect();
    (!number.is_empty()).then_some(number)
}

/// Two hexadecimal digits to an octet; `None` if the line is not that.
pub(super) fn octets(line: &str) -> Option<Vec<u8>> {
    if !line.len().is_multiple_of(2) || !line.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    line.as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}

/// The PDU, if it has the length that its head announced for the TPDU alone. Some modems leave the service
/// centre out: then we put "none" in its place, so that all PDUs look alike.
pub(super) fn whole(mut pdu: Vec<u8>, announced: usize) -> Result<Vec<u8>, Vec<u8>> {
    let centre = pdu.first().map_or(0, |length| usize::from(*length).saturating_add(1));
    if centre.saturating_add(announced) == pdu.len() && announced > 0 {
        return Ok(pdu);
    }
    if announced == pdu.len() && announced > 0 {
        pdu.insert(0, 0);
        return Ok(pdu);
    }
    Err(pdu)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<Vec<String>> {
        memories(text).iter().map(|group| group.iter().map(ToString::to_string).collect()).collect()
    }

    #[test]
    fn the_memories_are_read_flat_nested_and_alone() {
        assert_eq!(
            names(r#"("SM","ME"),("SM","ME"),("SM")"#),
            [vec!["SM", "ME"], vec!["SM", "ME"], vec!["SM"]]
        );
        assert_eq!(names(r#"(("SM","BM","SR"),("SM"))"#), [vec!["SM", "BM", "SR"], vec!["SM"]]);
        assert_eq!(names(r#"("ME")"#), [["ME"]]);
        assert_eq!(names(r#""SM","ME""#), [["SM", "ME"]]);
        assert_eq!(names(r#"( "SM" , "ME" ),( "SM" )"#), [vec!["SM", "ME"], vec!["SM"]]);
        assert!(names("").is_empty());
        assert!(names("((((").is_empty());
    }

    #[test]
    fn the_indications_are_read_as_lists_ranges_and_bare_numbers() {
        assert_eq!(
            choices("(0,1,2),(0-3),(0,2),(0-2),(0,1)"),
            [vec![0, 1, 2], vec![0, 1, 2, 3], vec![0, 2], vec![0, 1, 2], vec![0, 1]]
        );
        assert_eq!(choices("(0-2), (0,1,3), (0), (0, 2), (0)")[3], [0, 2]);
        assert_eq!(
            choices("2,(0,1),0,(0-1),1"),
            [vec![2], vec![0, 1], vec![0], vec![0, 1], vec![1]]
        );
        assert!(choices("(0-255)").is_empty());
        assert!(choices("").is_empty());
    }

    #[test]
    fn registration_is_understood_in_every_form_seen_in_the_field() {
        let home = (Status::Home, None);
        for text in [
            "1",
            "0,1",
            "000,001",
            " 2, 1",
            "1,\"00C3\",\"0000A1B2\"",
            "1,00C3,A1B2",
            "2,1,00C3,A1B2",
        ] {
            assert_eq!(registration(text), Some(home), "{text}");
        }
        let lte = Some((Status::Roaming, Some(Technology::Lte)));
        assert_eq!(registration("2,5,\"00C3\",\"0000A1B2\",7"), lte);
        assert_eq!(registration("5,\"00C3\",\"0000A1B2\",7"), lte);
        assert_eq!(registration("0,\"unbalanced"), Some((Status::NotSearching, None)));
        assert_eq!(registration(""), None);
    }

    #[test]
    fn signal_strength_is_in_dbm_and_99_is_not_known() {
        assert_eq!(strength("17,99"), Some(Some(-79)));
        assert_eq!(strength("0,0"), Some(Some(-113)));
        assert_eq!(strength("31"), Some(Some(-51)));
        assert_eq!(strength("99,99"), Some(None));
        assert_eq!(strength("x"), None);
    }

    #[test]
    fn the_heads_of_messages_survive_names_with_commas() {
        assert_eq!(listed("3,1,,24"), Some((3, 1, 24)));
        assert_eq!(listed("0,0,\"Dupont, Jean\",24"), Some((0, 0, 24)));
        assert_eq!(opened("0,,0"), Some((0, 0)));
        assert_eq!(opened("1,24"), Some((1, 24)));
        assert_eq!(announced(",24"), Some(24));
        assert_eq!(announced("\"+336\",24"), Some(24));
        assert_eq!(place("\"SM\",3"), Memory::named("SM").map(|memory| (memory, 3)));
        assert_eq!(place(",-1"), None);
    }

    #[test]
    fn a_pdu_is_whole_only_with_the_announced_length() {
        let pdu = octets("0791336000000000040A").expect("hexadecimal");
        assert!(whole(pdu.clone(), 2).is_ok());
        assert!(whole(pdu.clone(), 3).is_err());
        assert_eq!(whole(vec![4, 10], 2), Ok(vec![0, 4, 10]), "without service centre");
        assert!(whole(Vec::new(), 0).is_err());
        assert_eq!(octets("0"), None);
        assert_eq!(octets("0G"), None);
        assert_eq!(octets("é0"), None);
    }
}
