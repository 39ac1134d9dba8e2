//! Where commands write: output, complaints, and whether either may be coloured.
//!
//! A reader that goes away (`vigie … | head`) ends the writing and nothing else: no panic, and the
//! exit status is that of the command. Colours are for terminals only, and never with `NO_COLOR`.
//! What comes from wires and files is shown by [`plain`], so that no terminal obeys it.

use std::fmt::{Display, Write as _};
use std::io::{ErrorKind, IsTerminal, Write};

use super::sysexit::Sysexit;
use crate::watch::letters::is_unseen;

/// Output and complaints of one command.
pub struct Terminal {
    out: Stream,
    err: Stream,
    /// Whether the output is a screen, on which what was written can be written over.
    screen: bool,
}

/// One of the two, for as long as somebody reads it.
struct Stream {
    to: Box<dyn Write>,
    coloured: bool,
    /// Why nothing more is written.
    closed: Option<ErrorKind>,
}

/// How a piece of text stands out, where the terminal can show it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Style {
    /// As it is.
    Plain,
    /// What the eye should find first.
    Strong,
    /// What can be passed over.
    Faint,
    /// What is well.
    Good,
    /// What wants attention.
    Warning,
    /// What is wrong.
    Wrong,
}

impl Style {
    const fn code(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Strong => "\x1b[1m",
            Self::Faint => "\x1b[2m",
            Self::Good => "\x1b[32m",
            Self::Warning => "\x1b[33m",
            Self::Wrong => "\x1b[1;31m",
        }
    }
}

impl Terminal {
    /// The standard streams of the program.
    pub fn standard() -> Self {
        let obeys = std::env::var_os("TERM").is_none_or(|terminal| terminal != "dumb");
        let wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()) && obeys;
        let (out, err) = (std::io::stdout(), std::io::stderr());
        Self {
            screen: obeys && out.is_terminal(),
            out: Stream::new(wanted && out.is_terminal(), Box::new(std::io::BufWriter::new(out))),
            err: Stream::new(wanted && err.is_terminal(), Box::new(err)),
        }
    }

    /// Two streams without colours.
    pub fn new(out: Box<dyn Write>, err: Box<dyn Write>) -> Self {
        Self { out: Stream::new(false, out), err: Stream::new(false, err), screen: false }
    }

    /// One line of output.
    pub fn line(&mut self, line: impl Display) {
        self.out.line(&line);
    }

    /// A text of JSON, with a line end.
    pub fn json(&mut self, text: &str) {
        self.line(seen(text));
    }

    /// A line of the record: to a program octet for octet, as it is chained; on a screen as other JSON.
    pub fn record(&mut self, line: &str) {
        if self.screen { self.json(line) } else { self.line(line) }
    }

    /// One line that is no output: a complaint, a reason, a hint.
    pub fn complain(&mut self, line: impl Display) {
        self.err.line(&line);
    }

    /// Complaints go there from now on, if anywhere else.
    pub fn complain_by(&mut self, other: Option<Box<dyn Write>>) {
        if let Some(other) = other {
            self.err.to = other;
        }
    }

    /// A piece of output in that style.
    pub fn styled(&self, style: Style, text: impl Display) -> String {
        self.out.styled(style, &text)
    }

    /// A piece of a complaint in that style.
    pub fn styled_complaint(&self, style: Style, text: impl Display) -> String {
        self.err.styled(style, &text)
    }

    /// The output as it comes, for what is no line. What fails is told by its error.
    pub fn output(&mut self) -> &mut dyn Write {
        &mut self.out
    }

    /// Whether the output is a screen: what was written can be written over.
    pub fn is_screen(&self) -> bool {
        self.screen
    }

    /// Whether nobody reads the output any more: a long command may stop.
    pub fn is_closed(&self) -> bool {
        self.out.closed.is_some()
    }

    /// Writes out what waits; the end of the command, unless the output was lost.
    pub fn close(mut self, exit: Sysexit) -> Sysexit {
        let flushed = self.out.to.flush();
        self.out.note(flushed);
        // Nothing can be said when the place to say it is gone.
        let flushed = self.err.to.flush();
        self.err.note(flushed);
        match self.out.closed {
            None | Some(ErrorKind::BrokenPipe) => exit,
            Some(_) if exit == Sysexit::Ok => Sysexit::Output,
            Some(_) => exit,
        }
    }
}

impl std::fmt::Debug for Terminal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Terminal").field("closed", &self.out.closed).finish_non_exhaustive()
    }
}

impl Stream {
    fn new(coloured: bool, to: Box<dyn Write>) -> Self {
        Self { to, coloured, closed: None }
    }

    fn line(&mut self, line: &dyn Display) {
        if self.closed.is_none() {
            let written = writeln!(self.to, "{line}");
            self.note(written);
        }
    }

    fn styled(&self, style: Style, text: &dyn Display) -> String {
        match (self.coloured, style) {
            (false, _) | (true, Style::Plain) => text.to_string(),
            (true, style) => format!("{}{text}\x1b[0m", style.code()),
        }
    }

    fn note(&mut self, written: std::io::Result<()>) {
        if let Err(error) = written {
            self.closed.get_or_insert(error.kind());
        }
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.to.write(bytes);
        if let Err(error) = &written
            && error.kind() != ErrorKind::Interrupted
        {
            self.closed.get_or_insert(error.kind());
        }
        written
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.to.flush()
    }
}

/// Text from outside, on one line: what a terminal would obey instead of showing is made visible.
pub fn plain(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter == '\n' {
            shown.push('\u{23ce}');
        } else if is_unseen(letter) {
            shown.extend(letter.escape_unicode());
        } else {
            shown.push(letter);
        }
    }
    shown
}

/// JSON in which letters that nobody sees are escaped: the same to every program, and no terminal obeys it.
fn seen(json: &str) -> String {
    let mut shown = String::with_capacity(json.len());
    for letter in json.chars() {
        // Those of ASCII that a text may not hold are escaped already; others are of its layout.
        if letter >= '\u{7f}' && is_unseen(letter) {
            for unit in letter.encode_utf16(&mut [0; 2]) {
                write!(shown, "\\u{unit:04x}").expect("a String takes whatever is written to it");
            }
        } else {
            shown.push(letter);
        }
    }
    shown
}

#[cfg(test)]
pub(super) mod paper {
    //! A terminal for the tests.

    use std::io::Write;
    use std::sync::{Arc, Mutex};

    /// What was written, to be read afterwards.
    #[derive(Clone, Default)]
    pub(crate) struct Paper(Arc<Mutex<Vec<u8>>>);

    impl Paper {
        pub(crate) fn text(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
        }
    }

    impl Write for Paper {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    /// Nobody reads.
    pub(crate) struct Gone;

    impl Write for Gone {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::BrokenPipe.into())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Err(std::io::ErrorKind::BrokenPipe.into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::paper::{Gone, Paper};
    use super::*;

    #[test]
    fn a_reader_that_goes_away_ends_the_writing_and_changes_no_exit_status() {
        let mut terminal = Terminal::new(Box::new(Gone), Box::new(Gone));
        terminal.line("one");
        terminal.line("two");
        assert!(terminal.is_closed());
        assert_eq!(terminal.close(Sysexit::Configuration), Sysexit::Configuration);
        assert_eq!(Terminal::new(Box::new(Gone), Box::new(Gone)).close(Sysexit::Ok), Sysexit::Ok);
    }

    #[test]
    fn what_is_no_terminal_gets_no_colours() {
        let paper = Paper::default();
        let mut terminal = Terminal::new(Box::new(paper.clone()), Box::new(Paper::default()));
        let text = terminal.styled(Style::Wrong, "fire");
        terminal.line(text);
        assert_eq!(paper.text(), "fire\n");
    }

    #[test]
    fn a_signal_cannot_command_the_terminal() {
        assert_eq!(plain("a\x1b[2Jb\nc\u{202e}"), "a\\u{1b}[2Jb\u{23ce}c\\u{202e}");
        assert_eq!(plain("\u{61c}\u{ad}\u{180e}\u{e0041}"), "\\u{61c}\\u{ad}\\u{180e}\\u{e0041}");
    }

    #[test]
    fn json_commands_no_terminal_and_says_the_same_to_every_program() {
        let said = "é \u{7f}\u{9b}2J\u{202e}\u{e0041}\n\x1b";
        let text = serde_json::to_string_pretty(&[said]).unwrap();
        let shown = seen(&text);
        assert!(shown.contains("é \\u007f\\u009b2J\\u202e\\udb40\\udc41\\n\\u001b"), "{shown}");
        assert!(!shown.chars().any(|letter| letter != '\n' && is_unseen(letter)), "{shown}");
        assert_eq!(serde_json::from_str::<[String; 1]>(&shown).unwrap(), [said]);
    }
}
