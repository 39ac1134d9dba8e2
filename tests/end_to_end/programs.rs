//! The programs that a night needs: net-snmp's senders and Vigie's own command line.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

pub(crate) const VIGIE: &str = env!("CARGO_BIN_EXE_vigie");

/// What a program said, and how it ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Said {
    pub(crate) exit: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Said {
    /// Runs a program to its end.
    pub(crate) fn by(command: &mut Command) -> Self {
        let said = command.stdin(Stdio::null()).output();
        let said = said.unwrap_or_else(|error| panic!("{command:?}: {error}"));
        Self {
            exit: said.status.code(),
            out: String::from_utf8(said.stdout).unwrap(),
            err: String::from_utf8(said.stderr).unwrap(),
        }
    }

    /// The JSON that it printed, having ended well.
    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.exit, Some(0), "{self:?}");
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// Vigie's command line, for the site of this file.
pub(crate) fn vigie(file: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(VIGIE);
    command.arg("--config").arg(file).args(words).env("NO_COLOR", "1");
    command
}

/// A trap or an inform of net-snmp's.
#[derive(Clone, Copy)]
pub(crate) enum Link {
    Down,
    Up,
}

/// `snmptrap`, sent once.
pub(crate) fn trap(to: &str, link: Link, interface: u32) {
    let said = Said::by(net_snmp("snmptrap", &[], to).args(varbinds(link, interface)));
    assert_eq!(said.exit, Some(0), "{said:?}");
}

/// `snmpinform`, which repeats itself so many times, as many seconds apart, until it is answered.
pub(crate) fn inform(to: &str, link: Link, interface: u32, repeats: u32, apart: &str) -> Child {
    net_snmp("snmpinform", &["-r", &repeats.to_string(), "-t", apart], to)
        .args(varbinds(link, interface))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Where net-snmp keeps the boots of its engine: a folder for each test, since its programs write it without regard for each other.
fn persistent() -> std::path::PathBuf {
    let thread = std::thread::current();
    let test: String = thread.name().unwrap_or("a test").replace(':', "-");
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(test)
}

/// One of net-snmp's programs that speaks v2c, with whatever is sent to be appended.
pub(crate) fn net_snmp(program: &str, options: &[&str], to: &str) -> Command {
    let version = ["-v", "2c", "-c", "public"];
    net_snmp_with(program, &[&version, options].concat(), to)
}

/// One of net-snmp's programs, with whatever is sent to be appended.
pub(crate) fn net_snmp_with(program: &str, options: &[&str], to: &str) -> Command {
    let mut command = Command::new(program);
    command
        .args(options)
        .arg(format!("udp:{to}"))
        .env("MIBS", "")
        .env("SNMPCONFPATH", env!("CARGO_TARGET_TMPDIR"))
        .env("SNMP_PERSISTENT_DIR", persistent());
    command
}

pub(crate) fn varbinds(link: Link, interface: u32) -> [String; 5] {
    let trap = match link {
        Link::Down => "1.3.6.1.6.3.1.1.5.3",
        Link::Up => "1.3.6.1.6.3.1.1.5.4",
    };
    let index = format!("1.3.6.1.2.1.2.2.1.1.{interface}");
    ["".to_owned(), trap.to_owned(), index, "i".to_owned(), interface.to_string()]
}
