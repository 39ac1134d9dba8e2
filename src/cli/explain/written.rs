//! A signal as an operator writes it, or as the journal exports it.
//!
//! Beside `input`, `kind`, `source`, `text` and `received`, everything is a field, whether it
//! stands at the top or under `fields`. Only `input` must be there.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use crate::watch::name::InputName;
use crate::watch::signal::{Fields, Kind, Signal, Tells, Value};
use crate::watch::time::Utc;

/// Why what was given is no signal.
#[derive(Debug, thiserror::Error)]
pub enum SignalError {
    /// It is not JSON.
    #[error("the signal is no JSON: {0}")]
    Syntax(#[from] serde_json::Error),
    /// It is something else.
    #[error("the signal is no JSON object: write {{\"input\": \"snmp.network\", …}}")]
    NoObject,
    /// It does not say where it came from.
    #[error("the signal has no `input`: write \"input\": \"snmp.network\"")]
    NoInput,
    /// A field of every signal is not what it must be.
    #[error("`{field}` must be {wanted}")]
    Wrong {
        /// Which.
        field: &'static str,
        /// What it must be.
        wanted: &'static str,
    },
    /// The kind of input is not known.
    #[error("`{0}` is no kind of input: there are snmp, gsm, mqtt, contacts and vigie")]
    Kind(String),
}

/// Reads a signal; where it does not say when it was received, that is now.
///
/// # Errors
/// [`SignalError`]: a sentence for the person who wrote it.
pub fn read(text: &str, now: Utc) -> Result<Signal, SignalError> {
    // Only the first line of an export: one signal is explained at a time.
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<Json>();
    let value = values.next().ok_or(SignalError::NoObject)??;
    let Json::Object(object) = recorded(value) else { return Err(SignalError::NoObject) };
    signal(object, now)
}

/// The signal in an entry of the journal, or what was given.
fn recorded(value: Json) -> Json {
    let paths = [
        "/body/event/signal",
        "/body/event/message/signal",
        "/event/signal",
        "/event/message/signal",
    ];
    let found = paths
        .into_iter()
        .find_map(|path| value.pointer(path).filter(|found| found.is_object()).cloned());
    found.unwrap_or(value)
}

fn signal(mut object: Map<String, Json>, now: Utc) -> Result<Signal, SignalError> {
    let input = text(&mut object, "input")?.ok_or(SignalError::NoInput)?;
    let kind = match text(&mut object, "kind")? {
        Some(kind) => kind,
        None => input.split('.').next().unwrap_or_default().to_owned(),
    };
    let kind = Kind::named(&kind).ok_or(SignalError::Kind(kind))?;
    let source = text(&mut object, "source")?.unwrap_or_default();
    let words = text(&mut object, "text")?.unwrap_or_default();
    let received = received(object.remove("received"))?.unwrap_or(now);
    let mut fields = Fields::default();
    let under = match object.remove("fields") {
        None => Map::new(),
        Some(Json::Object(under)) => under,
        Some(_) => return Err(SignalError::Wrong { field: "fields", wanted: "an object" }),
    };
    // What the journal keeps beside a signal is none of its fields.
    for beside in ["raw", "identity", "source_time"] {
        object.remove(beside);
    }
    for (name, value) in under.into_iter().chain(object) {
        fields.set(name, serde_json::from_value::<Value>(value)?);
    }
    Ok(Signal {
        input: InputName::new(&input),
        kind,
        source: Arc::from(source),
        fields,
        text: Arc::from(words),
        source_time: None,
        tells: Tells::News,
        received,
        identity: None,
        raw: Arc::from([]),
    })
}

fn text(
    object: &mut Map<String, Json>,
    field: &'static str,
) -> Result<Option<String>, SignalError> {
    match object.remove(field) {
        None | Some(Json::Null) => Ok(None),
        Some(Json::String(text)) => Ok(Some(text)),
        Some(_) => Err(SignalError::Wrong { field, wanted: "text" }),
    }
}

/// RFC 3339, or microseconds as in the journal.
fn received(value: Option<Json>) -> Result<Option<Utc>, SignalError> {
    let wrong = SignalError::Wrong {
        field: "received",
        wanted: "a time such as \"2026-11-23T03:12:00+01:00\"",
    };
    match value {
        None | Some(Json::Null) => Ok(None),
        Some(Json::Number(micros)) => micros.as_i64().map(Utc::from_micros).map(Some).ok_or(wrong),
        Some(Json::String(text)) => {
            text.parse::<jiff::Timestamp>().map(|time| Some(Utc::from(time))).map_err(|_| wrong)
        }
        Some(Json::Bool(_) | Json::Array(_) | Json::Object(_)) => Err(wrong),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Utc = Utc::from_micros(1_000_000);

    #[test]
    fn fields_stand_at_the_top_or_under_fields() {
        let flat =
            read(r#"{"input": "snmp.network", "trap": "IF-MIB::linkDown", "ifIndex": 7}"#, NOW)
                .unwrap();
        let nested = read(
            r#"{"input": "snmp.network", "kind": "snmp", "fields": {"trap": "IF-MIB::linkDown", "ifIndex": 7}}"#,
            NOW,
        );
        assert_eq!(flat, nested.unwrap());
        assert_eq!(flat.kind, Kind::Snmp);
        assert_eq!(flat.received, NOW);
        assert_eq!(flat.fields.get("ifIndex"), Some(&Value::Int(7)));
    }

    #[test]
    fn an_entry_of_the_journal_is_read_as_it_is_exported() {
        let mut signal =
            read(r#"{"input": "gsm.orange", "source": "+33600000000", "text": "DEFAUT"}"#, NOW)
                .unwrap();
        signal.raw = Arc::from([1_u8, 2]);
        let entry = serde_json::json!({"seq": 7, "kind": "signal", "body": {"event": {"signal": &signal}, "facts": []}});
        let read = read(&format!("{entry}\n{entry}\n"), Utc::default()).unwrap();
        signal.raw = Arc::from([]);
        assert_eq!(read, signal);
    }

    #[test]
    fn what_is_no_signal_is_refused_with_its_place() {
        let error = |text: &str| read(text, NOW).unwrap_err().to_string();
        assert!(error("{\n  \"input\": nothing}").contains("line 2 column"));
        assert!(error("").contains("no JSON object"));
        assert!(error("[1]").contains("no JSON object"));
        assert!(error("{}").contains("no `input`"));
        assert!(error(r#"{"input": 3}"#).contains("`input` must be text"));
        assert!(error(r#"{"input": "x25.one"}"#).contains("`x25` is no kind"));
        assert!(
            error(r#"{"input": "snmp.a", "received": "yesterday"}"#)
                .contains("`received` must be a time")
        );
    }
}
