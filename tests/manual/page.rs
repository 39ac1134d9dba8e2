//! A page of the manual as `man` reads it (the macros man(7) of roff), from plain text.
//!
//! Of the text only what stands between backticks is markup: it is printed bold. Every letter that roff would
//! take for an order of its own is written so that it is none.

/// Behind each heading: no word is cut, since it may be copied and pasted, and lines are ragged on the right.
const UNCUT: &str = ".nh\n.ad l\n";

/// A page that is being written.
#[derive(Debug)]
pub(crate) struct Page(String);

impl Page {
    /// A page of that name, of section 1 (programs) or 5 (files).
    pub(crate) fn new(name: &str, section: &str, about: &str) -> Self {
        let mut page = Self(String::new());
        let (date, version) = (date(), env!("CARGO_PKG_VERSION"));
        page.line(&format!(".TH {} {section} {date} \"Vigie {version}\" \"Vigie\"", plain(name)));
        page.heading("NAME");
        page.line(&format!("{} \\- {}", plain(name), plain(about)));
        page
    }

    /// The page as it is written into its file.
    pub(crate) fn finish(self) -> String {
        self.0
    }

    /// The heading of a section.
    pub(crate) fn heading(&mut self, text: &str) {
        self.line(&format!(".SH \"{}\"", quoted(text)));
        self.uncut();
    }

    /// The heading of a part of a section.
    pub(crate) fn subheading(&mut self, text: &str) {
        self.line(&format!(".SS \"{}\"", quoted(text)));
        self.uncut();
    }

    /// Paragraphs; an empty line parts two.
    pub(crate) fn text(&mut self, text: &str) {
        for paragraph in text.split("\n\n") {
            self.part();
            self.words(paragraph);
        }
    }

    /// A term, and beside or beneath it what it means.
    pub(crate) fn item(&mut self, term: &str, meaning: &str) {
        self.line(".TP");
        self.words(term);
        self.words(meaning);
    }

    /// What follows belongs to the item before, until [`Self::back`].
    pub(crate) fn beneath(&mut self) {
        self.line(".RS");
    }

    /// The end of what belongs to an item.
    pub(crate) fn back(&mut self) {
        self.line(".RE");
    }

    /// Lines as they stand in a file or on a terminal.
    pub(crate) fn example(&mut self, text: &str) {
        self.part();
        self.line(".RS 4");
        self.line(".EX");
        for line in text.trim_matches('\n').lines() {
            self.line(&guarded(&plain(line)));
        }
        self.line(".EE");
        self.line(".RE");
    }

    /// A paragraph of words, filled by roff; a sentence begins a line, as roff wants it.
    fn words(&mut self, text: &str) {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        self.line(&guarded(&marked(&text)));
    }

    /// The beginning of a paragraph, which a heading is already.
    fn part(&mut self) {
        if !self.0.ends_with(UNCUT) {
            self.line(".PP");
        }
    }

    /// Each heading forgets it.
    fn uncut(&mut self) {
        self.0.push_str(UNCUT);
    }

    fn line(&mut self, line: &str) {
        self.0.push_str(line);
        self.0.push('\n');
    }
}

/// The day of the package's latest change: a page is the same whenever it is made.
fn date() -> String {
    let changes = include_str!("../../contrib/debian/changelog");
    let signed = changes.lines().find_map(|line| line.strip_prefix(" -- "));
    let (_, date) = signed.and_then(|line| line.split_once("  ")).expect("a change has its date");
    let date = jiff::fmt::rfc2822::parse(date).expect("a date as RFC 2822 has it");
    date.strftime("%Y-%m-%d").to_string()
}

/// Words of a comment or a cell as a sentence: with a capital and a full stop.
pub(crate) fn sentence(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut letters = text.chars();
    let first = letters.next().map(char::to_uppercase).into_iter().flatten();
    let text: String = first.chain(letters).collect();
    if text.ends_with(['.', '?', '"']) { text } else { format!("{text}.") }
}

/// Text between backticks is bold.
fn marked(text: &str) -> String {
    let parts = text.split('`').enumerate().map(|(number, part)| {
        let part = plain(part);
        if number % 2 == 1 { format!("\\fB{part}\\fR") } else { part }
    });
    parts.collect()
}

/// A line that begins with a dot or a quote would be an order.
fn guarded(line: &str) -> String {
    if line.starts_with(['.', '\'']) { format!("\\&{line}") } else { line.to_owned() }
}

/// In a heading, which is a word in quotes.
fn quoted(text: &str) -> String {
    plain(text).replace('"', "\\(dq")
}

/// Letters, none of which is an order, nor a hyphen or a quote that roff would set as a typographer does.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    for letter in text.chars() {
        match letter {
            '\\' => plain.push_str("\\e"),
            '-' => plain.push_str("\\-"),
            '\'' => plain.push_str("\\(aq"),
            '`' => plain.push_str("\\(ga"),
            '^' => plain.push_str("\\(ha"),
            '~' => plain.push_str("\\(ti"),
            '…' => plain.push_str("..."),
            ascii if ascii.is_ascii() => plain.push(ascii),
            other => plain.push_str(&format!("\\[u{:04X}]", u32::from(other))),
        }
    }
    plain
}
