//! An alarm of Vigie's own, as the daemon tells it: by the definitions of the files that take its place, and by Vigie's where none does.
//!
//! A definition takes its place for what it says of the signal. What of the signal is not known is not guessed: which definition it
//! depends on is said instead.

use super::sample::{Rehearsed, Sample};
use crate::watch::definition::Definition;
use crate::watch::name::DefinitionName;
use crate::watch::own_alarms::{OWN_INPUT, SelfAlarm};
use crate::watch::signal::{Kind, Value};
use crate::watch::site::Site;
use crate::watch::time::Utc;

/// Who tells of an alarm of Vigie's own.
pub(super) struct Told<'s> {
    /// What is known of its signal.
    fields: Vec<(String, Value)>,
    /// The definitions of the files that take its place and may read the signal as active.
    by: Vec<&'s Definition>,
    /// Whether any takes its place; else Vigie's own tells of it.
    is_taken: bool,
    /// Sentences for the operator.
    pub(super) notes: Vec<String>,
}

impl Told<'_> {
    /// What is activated: those that take the place of Vigie's own; else Vigie's own, under that key.
    pub(super) fn activate(self, own: &Definition, key: Option<&str>, at: Utc) -> Vec<Rehearsed> {
        let sample = |definition| Sample::new(definition, self.fields.clone(), at);
        if self.is_taken {
            self.by.iter().map(|by| sample(by).activate(by, None)).collect()
        } else {
            vec![sample(own).activate(own, key)]
        }
    }
}

/// Who tells of what was asked for, where that is an alarm of Vigie's own and no definition of the files bears its name.
pub(super) fn told<'s>(
    site: &'s Site,
    name: &DefinitionName,
    set: &[(String, Value)],
    key: Option<&str>,
    at: Utc,
) -> Option<Told<'s>> {
    if site.definitions.configured().any(|known| known.name == *name) {
        return None;
    }
    let general = name.as_str().split(':').next().unwrap_or_default();
    let alarm = SelfAlarm::ALL.into_iter().find(|alarm| alarm.name() == general)?;
    let fields = known(alarm, set, key);
    let (mut by, mut names, mut notes) = (Vec::new(), Vec::new(), Vec::new());
    let told =
        |known: &&Definition| known.from.iter().any(|from| from.means(Kind::Vigie, OWN_INPUT));
    for definition in site.definitions.configured().filter(told) {
        let matches = &definition.matches;
        if !fields.iter().all(|(field, value)| matches.allows(Kind::Vigie, field, value)) {
            continue;
        }
        let unknown = |field: &str| !fields.iter().any(|(known, _)| known == field);
        match matches.fields().iter().find(|wanted| unknown(&wanted.field)) {
            None => {
                names.push(format!("`{}`", definition.name));
                if Sample::new(definition, fields.clone(), at).is_left_alone(definition) {
                    notes.push(format!("`{}` does not read it as active", definition.name));
                } else {
                    by.push(definition);
                }
            }
            Some(wanted) => notes.push(format!(
                "`{}` takes its place where `{field}` is {}: say it with --set {field}=...",
                definition.name,
                wanted.wanted(),
                field = wanted.field,
            )),
        }
    }
    let is_taken = !names.is_empty();
    if is_taken {
        let verb = if names.len() == 1 { "takes" } else { "take" };
        notes.insert(0, format!("in the files {} {verb} the place of {name}", names.join(", ")));
    }
    Some(Told { fields, by, is_taken, notes })
}

/// What the signal bears for certain, and what the operator says of it. The key of Vigie's own alarms is their subject.
fn known(alarm: SelfAlarm, set: &[(String, Value)], key: Option<&str>) -> Vec<(String, Value)> {
    let mut fields = set.to_vec();
    let certain = [
        ("input", Value::text(OWN_INPUT)),
        ("kind", Value::text(Kind::Vigie.name())),
        ("source", Value::text(OWN_INPUT)),
        ("alarm", Value::text(alarm.name())),
        ("active", Value::Bool(true)),
    ];
    fields.retain(|(name, _)| !certain.iter().any(|(certain, _)| name == certain));
    fields.extend(certain.map(|(name, value)| (name.to_owned(), value)));
    if let Some(key) = key.filter(|_| !fields.iter().any(|(name, _)| name == "subject")) {
        fields.push(("subject".to_owned(), Value::text(key)));
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::super::super::arguments::Rehearse;
    use super::super::super::sysexit::Sysexit;
    use super::super::super::terminal::Terminal;
    use super::super::super::terminal::paper::Paper;
    use super::super::ladder;

    /// Two on a ladder each, and Vigie's own alarms on marie's.
    const SITE: &str = r#"
        [site]
        name = "Nord"
        time-zone = "Europe/Paris"
        last-resort = "everybody"
        [people.marie]
        phone = "+33612345678"
        [people.karim]
        phone = "+33698765432"
        [escalations.everybody]
        steps = [{ notify = ["person:marie"], wait = "10m" }]
        [escalations.technique]
        steps = [{ notify = ["person:karim"], wait = "5m" }]
        [gsm.modem]
        device = "/dev/modem"
    "#;

    fn rehearsed(alarms: &str, what: &str, subject: Option<&str>) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("vigie.toml");
        std::fs::write(&path, format!("{SITE}{alarms}")).unwrap();
        let (out, err) = (Paper::default(), Paper::default());
        let mut terminal = Terminal::new(Box::new(out.clone()), Box::new(err.clone()));
        let asked = Rehearse {
            what: what.to_owned(),
            at: Some("2026-11-29 03:00".to_owned()),
            key: subject.map(str::to_owned),
            set: Vec::new(),
            length: None,
        };
        let exit = ladder::rehearse(&path, &asked, &mut terminal);
        assert_eq!(terminal.close(exit), Sysexit::Ok, "{}", err.text());
        out.text()
    }

    #[test]
    fn who_gave_an_alarm_of_vigie_another_ladder_sees_that_ladder() {
        let modem = r#"[alarms.modem]
            from = ["vigie"]
            match = { alarm = "modem-lost" }
            active = "active"
            text = "{subject} is gone"
            priority = "critical"
            escalation = "technique""#;
        let told = rehearsed(modem, "modem-lost", Some("gsm.modem"));
        for shown in [
            "note: in the files `modem` takes the place of modem-lost",
            "modem on Sunday 2026-11-29 03:00:00 CET, by escalation `technique`",
            "SMS to karim: \"CRITICAL Nord: gsm.modem is gone. Reply ",
        ] {
            assert!(told.contains(shown), "{shown}: {told}");
        }
        let other = rehearsed(modem, "input-lost", Some("gsm.modem"));
        assert!(!other.contains("modem on ") && other.contains("Input gsm.modem lost"), "{other}");
    }

    #[test]
    fn who_took_the_ladder_away_from_all_alarms_of_vigie_sees_that_nobody_is_called() {
        let shown = "[alarms.own]\nfrom = [\"vigie\"]\nmatch = { alarm = \"*\" }\nactive = \"active\"\ntext = \"x\"";
        let told = rehearsed(shown, "modem-lost", None);
        assert!(told.contains("own stands, and nobody else is called"), "{told}");
        assert!(!told.contains("SMS to"), "{told}");
        let never = shown.replace("\"active\"", "\"active && alarm != 'modem-lost'\"");
        let told = rehearsed(&never, "modem-lost", None);
        assert!(
            told.contains("note: `own` does not read it as active\nnobody is called"),
            "{told}"
        );
        assert!(rehearsed(&never, "input-lost", None).contains("own stands"), "of others it does");
    }

    #[test]
    fn all_definitions_that_are_told_of_an_alarm_of_vigie_are_rehearsed_together() {
        let of = |name: &str, only: &str, ladder: &str| {
            format!(
                "[alarms.{name}]\nfrom = [\"vigie\"]\nmatch = {{ alarm = \"modem-lost\"{only} }}\nactive = \"active\"\ntext = \"{name}\"\nescalation = \"{ladder}\"\n"
            )
        };
        let orange = of("orange", ", subject = \"gsm.orange\"", "technique");
        let both = of("first", "", "technique") + &of("second", "", "everybody") + &orange;
        let told = rehearsed(&both, "modem-lost", None);
        for shown in [
            "`first`, `second` take the place of modem-lost",
            "note: `orange` takes its place where `subject` is `gsm.orange`: say it with --set subject=...",
            "SMS to karim: \"MEDIUM Nord: first.",
            "SMS to marie: \"MEDIUM Nord: second.",
            "first: at ",
            "second: at ",
        ] {
            assert!(told.contains(shown), "{shown}: {told}");
        }
        assert!(rehearsed(&orange, "modem-lost", None).contains("Modem {subject} is lost"));
        assert!(
            rehearsed(&orange, "modem-lost", Some("gsm.orange")).contains("MEDIUM Nord: orange")
        );
    }
}
