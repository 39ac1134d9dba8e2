//! The log as journald takes it: each line with its fields, by which `journalctl` finds it.
//!
//! `journalctl VIGIE_ALARM=cold-room` tells that alarm's story: each field of a line is one of the journal's, in upper case and
//! with `VIGIE_` before it, so that it cannot be taken for one of another program's or of journald's own. The message is what a
//! terminal would show, on one line; the fields have each value as it is. A line that journald does not take is lost, and nobody is told: there is nowhere to. One that hangs keeps the log's thread waiting and nobody else.
//!
//! # Decision (2026-11-27): systemd-journal-logger, handed records by a layer of our own
//!
//! The crate speaks journald's own protocol and is a logger for `log`; we speak `tracing`. Its `journal_send` takes one record, so a
//! layer makes a `log::Record` of an event, with the fields as key-values, and hands it over. Rejected: `tracing-log` and a global
//! logger, which lead from `log` to `tracing` and lose the fields on the way back.

use std::fmt::{Debug, Write};
use std::os::unix::net::UnixDatagram;

use log::kv::{Error, Key, Source, Value, VisitSource};
use log::{Level, Record};
use systemd_journal_logger::{JournalLog, connected_to_journal};
use tracing::field::{Field, Visit};
use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Layer};

use super::writer::{Load, Log, MISSING};
use super::{Road, on_one_line};

/// As what `journalctl -t` finds us.
const IDENTIFIER: &str = "vigie";
/// What is before the name of each field.
const PREFIX: &str = "VIGIE_";

/// So much room a line takes at least, whatever it says: what is known of its place in the code, and the ends of its texts.
const FRAME: usize = 256;

/// Hands lines to whoever takes them.
pub(super) struct Journald<W>(pub(super) W);

/// Where journald takes lines.
const DOOR: &str = "/run/systemd/journal/socket";

/// The journal, as the log's thread writes to it. Nothing before the first line, since the library knocks when it is opened, and
/// waits at a door behind which journald hangs.
pub(super) struct Journal(Option<JournalLog>);

/// The journal, if the standard error is it (`JOURNAL_STREAM` names its device and inode) and it listens.
pub(super) fn connected() -> Option<Journal> {
    let listens = || UnixDatagram::unbound().and_then(|socket| socket.connect(DOOR)).is_ok();
    (connected_to_journal() && listens()).then_some(Journal(None))
}

impl Journal {
    fn send(&mut self, record: &Record<'_>) {
        if self.0.is_none() {
            let opened = JournalLog::empty().ok();
            self.0 = opened.map(|journal| journal.with_syslog_identifier(IDENTIFIER.to_owned()));
        }
        if let Some(journal) = &self.0 {
            let _ = journal.journal_send(record);
        }
    }
}

/// Leaves a line to the log's thread.
pub(super) fn say(line: Line) {
    if let Some(Road::Journal(writer)) = super::ROAD.get() {
        let load = Load { lines: 1, octets: line.octets() };
        writer.say(line, load);
    }
}

impl Log for Journal {
    type Saying = Line;

    fn write(&mut self, line: Line) {
        line.hand_to(|record| self.send(record));
    }

    fn missing(&mut self, lines: usize) {
        let fields = Fields(vec![(format!("{PREFIX}LINES"), lines.to_string())]);
        self.send(
            &Record::builder()
                .args(format_args!("{MISSING} lines={lines}"))
                .level(Level::Warn)
                .target(module_path!())
                .key_values(&fields)
                .build(),
        );
    }
}

/// One line, on its way to the journal.
pub(super) struct Line {
    about: &'static Metadata<'static>,
    message: String,
    fields: Fields,
}

impl Line {
    /// Lets this be seen as a record.
    pub(super) fn hand_to(&self, taker: impl FnOnce(&Record<'_>)) {
        taker(
            &Record::builder()
                .args(format_args!("{}", self.message))
                .level(level(*self.about.level()))
                .target(self.about.target())
                .module_path(self.about.module_path())
                .file(self.about.file())
                .line(self.about.line())
                .key_values(&self.fields)
                .build(),
        );
    }

    /// How much room it takes.
    fn octets(&self) -> usize {
        let fields =
            self.fields.0.iter().map(|(name, value)| name.len().saturating_add(value.len()));
        fields.fold(self.message.len().saturating_add(FRAME), usize::saturating_add)
    }
}

impl<S: Subscriber, W: Fn(Line) + 'static> Layer<S> for Journald<W> {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut said = Said::default();
        event.record(&mut said);
        let Said { phrase, rest, fields } = said;
        let message = on_one_line(&format!("{phrase}{rest}"), false).into_owned();
        (self.0)(Line { about: event.metadata(), message, fields });
    }
}

fn level(level: tracing::Level) -> Level {
    match level {
        tracing::Level::ERROR => Level::Error,
        tracing::Level::WARN => Level::Warn,
        tracing::Level::INFO => Level::Info,
        tracing::Level::DEBUG => Level::Debug,
        tracing::Level::TRACE => Level::Trace,
    }
}

/// What a line says.
#[derive(Default)]
struct Said {
    phrase: String,
    /// The fields, as a terminal shows them.
    rest: String,
    fields: Fields,
}

/// The fields, as the journal has them.
#[derive(Default)]
struct Fields(Vec<(String, String)>);

impl Said {
    fn field(&mut self, field: &Field, value: String) {
        let name = field.name().to_ascii_uppercase();
        self.fields.0.push((format!("{PREFIX}{name}"), value));
    }
}

impl Visit for Said {
    /// A text that is no name may hold what it likes: it is shown in quotes.
    fn record_str(&mut self, field: &Field, value: &str) {
        let _ = write!(self.rest, " {field}={value:?}");
        self.field(field, value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let value = format!("{value:?}");
        if field.name() == "message" {
            self.phrase = value;
        } else {
            let _ = write!(self.rest, " {field}={value}");
            self.field(field, value);
        }
    }
}

impl Source for Fields {
    fn visit<'kvs>(&'kvs self, visitor: &mut dyn VisitSource<'kvs>) -> Result<(), Error> {
        let mut fields = self.0.iter();
        fields.try_for_each(|(name, value)| {
            visitor.visit_pair(Key::from_str(name), Value::from(value.as_str()))
        })
    }
}

#[cfg(test)]
mod tests {
    use tracing::{info, warn};
    use tracing_subscriber::layer::SubscriberExt;

    use super::super::testing::{Collected, collecting};

    #[test]
    fn a_line_has_its_fields_and_reads_as_on_a_terminal() {
        let collected = Collected::default();
        let layers = tracing_subscriber::registry().with(collecting(&collected));
        tracing::subscriber::with_default(layers, || {
            let key = Some("a \"b\"\nc").filter(|_| true);
            info!(alarm = %"cold-room", key, occurrence = 7, person = %"marie", "acknowledged");
            warn!(key = None::<&str>, ok = true, "no key");
            warn!(topic = %"a\nERROR it burns\x1b[2J", "a message was not read");
        });
        assert_eq!(
            collected.lines(),
            [
                "acknowledged alarm=cold-room key=\"a \\\"b\\\"\\nc\" occurrence=7 person=marie",
                "no key ok=true",
                "a message was not read topic=a\\u{a}ERROR it burns\\u{1b}[2J"
            ]
        );
        assert_eq!(
            collected.fields(0),
            [
                ("VIGIE_ALARM", "cold-room"),
                ("VIGIE_KEY", "a \"b\"\nc"),
                ("VIGIE_OCCURRENCE", "7"),
                ("VIGIE_PERSON", "marie")
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
        );
        assert_eq!(collected.levels(), [log::Level::Info, log::Level::Warn, log::Level::Warn]);
        assert_eq!(collected.fields(2)[0].1, "a\nERROR it burns\x1b[2J", "no octet is lost");
    }
}
