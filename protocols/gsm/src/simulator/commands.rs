//! Commands: a line is parted into its commands, and the basic ones are carried out (V.250 5.2).

use super::Modem;
use super::settings::Settings;

/// What the modem asks for by its prompt, and how many octets were announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Prompt {
    /// A message to send.
    Message { octets: usize },
    /// The report on a message that was handed over.
    Report { octets: usize },
}

/// What a command line leads to.
#[derive(Debug, Default)]
pub(super) struct Answer {
    /// Each is one line, or a head and its PDU with a line end between.
    pub(super) lines: Vec<String>,
    /// The modem wants a text.
    pub(super) prompt: Option<Prompt>,
    /// A refusal that is followed by `OK`, as phonesim does.
    pub(super) but: Option<&'static str>,
    /// It restarts after the answer.
    pub(super) restart: bool,
    /// The answer is all: no result follows.
    pub(super) without_result: bool,
}

impl Answer {
    /// One line, and then `OK`.
    pub(super) fn of(line: impl Into<String>) -> Self {
        Self { lines: vec![line.into()], ..Self::default() }
    }
}

/// Why a command is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// `ERROR`.
    Plain,
    /// `+CME ERROR` with this number (27.007 9.2).
    Cme(u16),
    /// `+CMS ERROR` with this number (27.005 3.2.5).
    Cms(u16),
}

/// How an extended command is used (V.250 5.4.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form<'line> {
    /// `+X`.
    Execute,
    /// `+X?`.
    Read,
    /// `+X=?`.
    Test,
    /// `+X=` and this.
    Set(&'line str),
}

impl<'line> Form<'line> {
    /// The name in capitals, and what follows it.
    fn part(command: &'line str) -> (String, Self) {
        let end = command.find(['=', '?']).unwrap_or(command.len());
        let (name, rest) = command.split_at_checked(end).unwrap_or((command, ""));
        let form = match rest {
            "" => Self::Execute,
            "?" => Self::Read,
            "=?" => Self::Test,
            _ => Self::Set(rest.strip_prefix('=').unwrap_or(rest)),
        };
        (name.trim().to_ascii_uppercase(), form)
    }
}

impl Modem {
    /// Carries out what follows `AT`: basic commands side by side, extended ones parted by semicolons.
    pub(super) fn command_line(&mut self, line: &str) -> Result<Answer, Refusal> {
        let mut answer = Answer::default();
        for part in parts(line) {
            let next = match part.chars().next() {
                Some('+' | '^' | '$' | '*' | '#' | '%') => {
                    let (name, form) = Form::part(part);
                    let mut answer = self.extended(&name, form)?;
                    let bare = self.profile.without_result.iter().any(|bare| bare == part);
                    answer.without_result = bare;
                    answer
                }
                _ => self.basic(part)?,
            };
            answer.lines.extend(next.lines);
            answer.prompt = next.prompt;
            answer.but = next.but;
            answer.restart |= next.restart;
            answer.without_result |= next.without_result;
        }
        Ok(answer)
    }

    /// Basic commands: a letter, perhaps behind `&`, and a number (V.250 5.3.1). `E0V1Q0` are three.
    fn basic(&mut self, mut rest: &str) -> Result<Answer, Refusal> {
        let mut answer = Answer::default();
        while !rest.is_empty() {
            if rest.starts_with('+') {
                let next = self.command_line(rest)?;
                answer.lines.extend(next.lines);
                answer.prompt = next.prompt;
                return Ok(answer);
            }
            let name = rest.trim_start_matches(['&', '\\']).chars().next().ok_or(Refusal::Plain)?;
            let marked = rest.starts_with(['&', '\\']);
            let after = rest.split_once(name).map_or("", |(_, after)| after);
            let end = after
                .find(|letter: char| !letter.is_ascii_digit() && letter != '=')
                .unwrap_or(after.len());
            let (value, next) = after.split_at_checked(end).unwrap_or((after, ""));
            rest = next.trim_start();
            self.basic_command(name.to_ascii_uppercase(), marked, value, &mut answer)?;
        }
        Ok(answer)
    }

    fn basic_command(
        &mut self,
        name: char,
        marked: bool,
        value: &str,
        answer: &mut Answer,
    ) -> Result<(), Refusal> {
        match (marked, name) {
            (false, 'E') => self.settings.echo = value == "1",
            (false, 'V') => self.settings.words = value == "1",
            (false, 'Z') | (true, 'F') => {
                let radio = self.settings.radio;
                self.settings = Settings { radio, ..Settings::at_start(&self.profile) };
            }
            (false, 'I') => {
                let profile = &self.profile;
                answer.lines.extend(
                    [&profile.manufacturer, &profile.model, &profile.revision].map(Clone::clone),
                );
            }
            (false, 'H') => self.end_call(),
            (false, 'Q' | 'X' | 'S' | 'L' | 'M') | (true, 'C' | 'D' | 'W' | 'K' | 'S' | 'Q') => {}
            _ => return Err(Refusal::Plain),
        }
        Ok(())
    }
}

/// The commands between semicolons that no quotes protect.
fn parts(line: &str) -> Vec<&str> {
    let mut quoted = false;
    let parts = line.split(|letter| {
        quoted ^= letter == '"';
        letter == ';' && !quoted
    });
    parts.map(str::trim).filter(|part| !part.is_empty()).collect()
}
