//! The site that is watched, and what a switch of it says.

use std::fmt::Write as _;
use std::sync::Arc;

use vigie::config;
use vigie::watch::name::InputName;
use vigie::watch::signal::{Fields, Kind, Signal, Tells, Value};
use vigie::watch::site::Site;
use vigie::watch::time::Utc;

/// What stands in every file; where the daemon listens and keeps its store comes with [`crate::daemon`].
pub(crate) const HEAD: &str = "[site]\nname = \"Bench\"\ntime-zone = \"Europe/Paris\"\nlast-resort = \"all\"\ncode-digits = 6\n\
     [people.marie]\nphone = \"+33612345678\"\n\
     [escalations.all]\nsteps = [{ notify = [\"person:marie\"], wait = \"8h\" }]\n";
/// A modem that no message ever leaves.
pub(crate) const NO_MODEM: &str = "[gsm.modem]\ndevice = \"/dev/null\"\n";

/// Definitions in this number: one selects the links of the bench's own switches and calls nobody,
/// or a person; the others look at the same traps of other devices.
pub(crate) fn definitions(many: usize, calling: bool) -> String {
    const LINK: &str = "trap = [\"IF-MIB::linkDown\", \"IF-MIB::linkUp\"]";
    const SAYS: &str =
        "active = 'trap == \"IF-MIB::linkDown\"'\nnormal = 'trap == \"IF-MIB::linkUp\"'\n";
    let mut text = String::new();
    for number in 1..many {
        let _ = write!(
            text,
            "[alarms.other-{number}]\nfrom = [\"snmp.network\"]\nmatch = {{ {LINK}, source = \"192.168.{}.{}\" }}\n\
             {SAYS}text = \"Link\"\n",
            number / 250,
            number % 250
        );
    }
    let escalation = if calling { "escalation = \"all\"\n" } else { "" };
    let _ = write!(
        text,
        "[alarms.link]\nfrom = [\"snmp.network\"]\nmatch = {{ {LINK}, source = [\"10.0.0.0/8\", \"127.0.0.0/8\"] }}\n\
         key = \"{{source}}/{{ifIndex}}\"\n{SAYS}text = \"Link {{ifIndex}} down on {{source}}\"\npriority = \"high\"\n{escalation}"
    );
    text
}

/// The site that these tables say.
pub(crate) fn read(tables: &str) -> Site {
    let text = format!("{HEAD}[snmp.network]\nlisten = [\"127.0.0.1:16200\"]\n{tables}");
    let reading = config::read_str(&[("bench.toml", &text)]);
    let errors: Vec<String> = reading
        .complaints
        .iter()
        .filter(|complaint| complaint.is_error())
        .map(ToString::to_string)
        .collect();
    reading.settings.unwrap_or_else(|| panic!("{}", errors.join("\n"))).site
}

/// A trap of the kind that a switch sends, each number from another port.
pub(crate) fn link_down(number: u64, received: Utc) -> Signal {
    let port = i64::try_from(number).expect("a small number");
    let mut fields = Fields::with_capacity(10);
    let mut vars = Fields::with_capacity(3);
    vars.set("1.3.6.1.2.1.2.2.1.1", Value::Int(port));
    vars.set("1.3.6.1.2.1.2.2.1.7", Value::Int(1));
    vars.set("1.3.6.1.2.1.2.2.1.8", Value::Int(2));
    fields.set("trap", Value::text("IF-MIB::linkDown"));
    fields.set("trap_oid", Value::text("1.3.6.1.6.3.1.1.5.3"));
    fields.set("version", Value::text("2c"));
    fields.set("community", Value::text("public"));
    fields.set("uptime", Value::Int(123_456));
    fields.set("ifIndex", Value::Int(port));
    fields.set("ifAdminStatus", Value::Int(1));
    fields.set("ifOperStatus", Value::Int(2));
    fields.set("vars", Value::Map(vars));
    Signal {
        input: InputName::from("snmp.network"),
        kind: Kind::Snmp,
        source: Arc::from("10.0.0.1"),
        fields,
        text: Arc::from("IF-MIB::linkDown from 10.0.0.1"),
        source_time: None,
        tells: Tells::News,
        received,
        identity: None,
        raw: Arc::from([0x30_u8; 120]),
    }
}
