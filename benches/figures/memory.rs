//! What the daemon holds in memory: idle, and with alarms standing that came over the wire.

use crate::daemon::{Daemon, House};
use crate::informs::Sender;
use crate::site;
use crate::table::{Table, Wanted};

/// So many informs are under way at once.
const STORM: usize = 1_024;

pub(crate) fn measure(table: &mut Table) {
    table.heading("Resident memory of the daemon, MiB (1,000 definitions)");
    let quiet = House::built(&site::definitions(1_000, false));
    let daemon = quiet.open();
    let mut sender = Sender::to(&quiet.address);
    table.row("idle", now(&daemon), Wanted::AtMost(20.0));
    sender.send(1, 9_999, STORM);
    table.row("10,000 alarms standing", now(&daemon), Wanted::Nothing);
    sender.send(10_000, 90_000, STORM);
    table.row("100,000 alarms standing", now(&daemon), Wanted::AtMost(150.0));
    table.row("and the most until then", daemon.program.memory().1, Wanted::Nothing);
    drop(daemon);
    let daemon = quiet.open();
    table.row("100,000 alarms standing, after a crash", now(&daemon), Wanted::AtMost(150.0));
    table.row("and its start, in seconds", daemon.started_in.as_secs_f64(), Wanted::AtMost(2.0));
    drop(daemon);
    let calling = House::built(&format!("{}{}", site::NO_MODEM, site::definitions(1_000, true)));
    let daemon = calling.open();
    Sender::to(&calling.address).send(1, 99_999, STORM);
    table.row(
        "100,000 alarms standing, each with a call that waits for a modem",
        now(&daemon),
        Wanted::AtMost(150.0),
    );
    table.row("and the most until then", daemon.program.memory().1, Wanted::Nothing);
}

fn now(daemon: &Daemon) -> f64 {
    daemon.program.memory().0
}
