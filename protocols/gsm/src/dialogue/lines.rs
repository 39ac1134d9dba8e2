//! Lines: what came from the wire, cut where the modem meant it.
//!
//! CR, LF and any mixture of both end a line (V.250 5.7.1; modems disagree on how many they send). It
//! never judges what a line means. A line that outgrows the bound is dropped to its end and counted;
//! so are bytes that no line may hold. Memory stays below the bound whatever the wire sends.

/// The longest line that we keep: a PDU is 352 characters, the longest list of features we met 4 kB.
const LONGEST: usize = 8192;

/// What the bytes so far add up to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// A line that is not empty, without its end.
    Line(String),
    /// The modem waits for a PDU (27.005 3.5.1: `<CR><LF>> `, where no line end follows).
    Prompt,
}

/// The line that is being received.
#[derive(Debug, Default)]
pub(super) struct Lines {
    line: Vec<u8>,
    overlong: bool,
    dropped: u64,
}

impl Lines {
    /// Takes one byte. `>` is a prompt only while we wait for one: elsewhere it is text.
    pub(super) fn take(&mut self, byte: u8, awaiting_prompt: bool) -> Option<Piece> {
        match byte {
            b'\r' | b'\n' => return self.end(),
            b'>' if awaiting_prompt && self.line.is_empty() => return Some(Piece::Prompt),
            // What a late prompt leaves behind must not deface the line that follows it.
            b' ' | b'>' if self.line.is_empty() => {}
            0..0x20 | 0x7f => self.dropped = self.dropped.saturating_add(1),
            _ if self.overlong => self.dropped = self.dropped.saturating_add(1),
            _ if self.line.len() >= LONGEST => self.overflow(),
            _ => self.line.push(byte),
        }
        None
    }

    /// Forgets the line under way, and hands out how many bytes no line could hold.
    pub(super) fn forget(&mut self) {
        self.dropped = self.dropped.saturating_add(length(&self.line));
        self.line.clear();
    }

    /// How many bytes were dropped since the last call.
    pub(super) fn dropped(&mut self) -> u64 {
        std::mem::take(&mut self.dropped)
    }

    fn overflow(&mut self) {
        self.forget();
        self.dropped = self.dropped.saturating_add(1);
        self.overlong = true;
    }

    fn end(&mut self) -> Option<Piece> {
        if std::mem::take(&mut self.overlong) || self.line.is_empty() {
            return None;
        }
        let line = std::mem::take(&mut self.line);
        let text = String::from_utf8_lossy(&line).trim_end().to_owned();
        (!text.is_empty()).then_some(Piece::Line(text))
    }
}

fn length(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, Lines, Piece};

    fn cut(bytes: &[u8]) -> Vec<String> {
        let mut lines = Lines::default();
        let mut found = Vec::new();
        for byte in bytes {
            match lines.take(*byte, false) {
                Some(Piece::Line(line)) => found.push(line),
                Some(Piece::Prompt) => found.push("PROMPT".to_owned()),
                None => {}
            }
        }
        found
    }

    #[test]
    fn every_kind_of_line_end_gives_the_same_lines() {
        for end in ["\r\n", "\r", "\n", "\r\r\n", "\n\r", "\r\n\r\n", "\r\0\n"] {
            let bytes = format!("{end}+CSQ: 17,99{end}{end}OK{end}");
            assert_eq!(cut(bytes.as_bytes()), ["+CSQ: 17,99", "OK"], "{end:?}");
        }
    }

    #[test]
    fn nulls_and_control_bytes_disappear_and_are_counted() {
        let mut lines = Lines::default();
        for byte in b"\0O\x1bK\x1a" {
            assert_eq!(lines.take(*byte, false), None);
        }
        assert_eq!(lines.take(b'\r', false), Some(Piece::Line("OK".to_owned())));
        assert_eq!(lines.dropped(), 3);
        assert_eq!(lines.dropped(), 0);
    }

    #[test]
    fn a_line_of_4_kb_arrives_whole_and_an_endless_one_is_dropped() {
        let long = "A".repeat(4096);
        assert_eq!(cut(format!("{long}\r\nOK\r\n").as_bytes()), [long.as_str(), "OK"]);
        let endless = "A".repeat(3 * LONGEST);
        assert_eq!(cut(format!("{endless}\r\nOK\r\n").as_bytes()), ["OK"]);
        let mut lines = Lines::default();
        for _ in 0..(1 << 20) {
            lines.take(b'A', false);
            assert!(lines.line.len() <= LONGEST);
        }
    }

    #[test]
    fn a_prompt_needs_no_line_end_and_counts_only_when_awaited() {
        let mut lines = Lines::default();
        for byte in b"\r\n" {
            assert_eq!(lines.take(*byte, true), None);
        }
        assert_eq!(lines.take(b'>', true), Some(Piece::Prompt));
        assert_eq!(lines.take(b' ', false), None);
        assert_eq!(cut(b"\r\n> OK\r\n"), ["OK"]);
        assert_eq!(cut(b"a > b\r\n"), ["a > b"]);
    }

    #[test]
    fn bytes_of_another_alphabet_do_no_harm() {
        assert_eq!(
            cut(b"+COPS: 0,0,\"T\xe9l\xe9\",7\r\n"),
            ["+COPS: 0,0,\"T\u{fffd}l\u{fffd}\",7"]
        );
    }
}
