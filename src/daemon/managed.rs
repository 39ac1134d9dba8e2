//! What the service manager is told of the open house: how things stand, and that it lives.
//!
//! The line is what `systemctl status` shows. It is made of what is on disk, and told when it changes, but no more often than
//! [`PACE`], however much happens. Without a service manager none of this runs.
//!
//! # Decision (2026-11-27): the watchdog is fed by the road of an alarm, as far as the disk
//!
//! A daemon whose timer runs while its disk hangs looks alive, and calls nobody. So a proof goes in at the inbox like a letter,
//! waits its turn, passes the sequencer, and is answered by the journal's writer behind the commit of that round, when a few octets
//! beside the record are written and synced ([`Inbox::prove`]). Nothing is added to the record. Rejected: an entry for each proof,
//! which would fill the record with nothing; a look through the writer's connection, which memory answers while the disk hangs.
//!
//! *A disk that refuses has answered.* One that is full, read-only or broken is the business of distress (behaviour §5): people are
//! called from memory, and a restart would end exactly that, and might not come up. The watchdog is fed, and what the disk said is
//! in the log. So is one that hangs: after fifteen seconds the sequencer goes on without it, and answers in its place. What the watchdog ends
//! is a road that does not go on.
//!
//! *How often:* a third of the interval after the last time, so that an answer may take two thirds. With `WatchdogSec=60`, as
//! the unit has it, that is every twenty seconds, with forty for the road, of which a disk that hangs takes fifteen. It costs the disk one
//! block each time. Rejected: half of the interval, as `sd_watchdog_enabled(3)` proposes for a timer, which leaves the disk those
//! thirty and nothing for the road.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};
use tracing::{info, warn};

use crate::board::Count;
use crate::changes::Changes;
use crate::health::{Reading, Wire};
use crate::host::service;
use crate::inbox::{Closing, Inbox};
use crate::supervision::Tasks;
use crate::watch::Watch;
use crate::watch::own_alarms::{ACCESS, RECORD, SelfAlarm};
use crate::watch::signal::Kind;

/// The line is told no more often than this: it is made of a look at all that stands.
const PACE: Duration = Duration::from_secs(2);
/// So long after the last look there is another, though no alarm has changed: a modem may be up again.
const LOOK: Duration = Duration::from_secs(8);

/// The inputs, whichever are open.
type Inputs = watch::Receiver<crate::control::Inputs>;

/// Opens what tells the service manager, where there is one.
pub(super) fn begin(tasks: &mut Tasks, inbox: &Inbox, changes: &Changes, inputs: Inputs) {
    if service::is_managed() {
        let standing = Standing { inbox: inbox.clone(), changes: changes.clone(), inputs };
        tasks.essential("service status", standing.tell(tasks.closing()));
    }
    if let Some(within) = service::watchdog() {
        info!(?within, "the service manager's watchdog is fed");
        tasks.essential("watchdog", feed(within, inbox.clone(), tasks.closing()));
    }
}

/// How things stand.
struct Standing {
    inbox: Inbox,
    changes: Changes,
    inputs: Inputs,
}

impl Standing {
    /// Tells the line whenever it is another, until the house closes.
    async fn tell(self, mut closing: Closing) {
        let mut changed = self.changes.follow();
        let mut told = String::new();
        loop {
            let modems = modems(&self.inputs.borrow().readings);
            let line = tokio::select! {
                line = self.inbox.ask(move |watch| line(watch, modems)) => line,
                () = closing.closing() => return,
            };
            if let Some(line) = line.ok().filter(|line| *line != told) {
                service::status(&line).await;
                told = line;
            }
            let pause = async {
                sleep(PACE).await;
                // Whether something has changed or nothing for long, there is another look.
                let _ = timeout(LOOK, changed.next()).await;
            };
            tokio::select! {
                () = pause => {}
                () = closing.closing() => return,
            }
        }
    }
}

/// The modems.
#[derive(Clone, Copy, Default)]
struct Modems {
    all: usize,
    up: usize,
}

fn modems(inputs: &[Reading]) -> Modems {
    let modems = inputs.iter().map(Reading::now).filter(|input| input.kind == Kind::Gsm);
    modems.fold(Modems::default(), |modems, modem| Modems {
        all: modems.all.saturating_add(1),
        up: modems.up.saturating_add(usize::from(modem.state == Wire::Up)),
    })
}

/// What somebody reads who asks how the service is: what may silence it comes first.
fn line(watch: &Watch, modems: Modems) -> String {
    let state = watch.state();
    let mut parts = Vec::new();
    if state.stands(SelfAlarm::Store, RECORD) {
        parts.push("THE RECORD CANNOT BE WRITTEN, people are called from memory".to_owned());
    }
    let Count { standing, unacknowledged } = Count::of(watch);
    parts.push(format!("alarms: {standing} standing, {unacknowledged} unacknowledged"));
    parts.push(match modems {
        Modems { all: 0, .. } => "no modem".to_owned(),
        Modems { all, up } => format!("modems: {up} of {all} up"),
    });
    for files in state.subjects(SelfAlarm::ConfigurationRefused) {
        let why = state.reason(SelfAlarm::ConfigurationRefused, files).unwrap_or("see the log");
        parts.push(match files {
            ACCESS => format!("EVERY ACCOUNT OF THIS MACHINE MAY COMMAND VIGIE: {why}"),
            _ => format!("THE NEW CONFIGURATION IS REFUSED, the old one is in force: {why}"),
        });
    }
    parts.join("; ")
}

/// Feeds the watchdog as long as a letter comes to the disk, until the house closes.
async fn feed(within: Duration, inbox: Inbox, mut closing: Closing) {
    let mut due = interval(within / 3);
    due.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut refuses = false;
    loop {
        let proof = async {
            due.tick().await;
            inbox.prove().await
        };
        let answer = tokio::select! {
            proof = proof => proof,
            () = closing.closing() => return,
        };
        // Nobody answers any more: whose end that was ends the house.
        let Ok(answer) = answer else { return closing.closing().await };
        match &answer {
            // Said once, and not every twenty seconds.
            Err(error) if !refuses => {
                warn!(%error, "the disk of the record answers, and refuses; the watchdog is fed");
            }
            Ok(()) | Err(_) => {}
        }
        refuses = answer.is_err();
        service::alive().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::board::tests::{FILE, happens, trap, watch};
    use crate::watch::event::Happening;
    use crate::watch::own_alarms::SelfSignal;

    fn own(alarm: SelfAlarm, subject: &str, reason: &str) -> Happening {
        Happening::Own(SelfSignal::raised(alarm, subject, reason))
    }

    #[test]
    fn the_line_of_the_service_says_what_stands_and_what_is_refused() {
        let mut watch = watch(&format!(
            "{FILE}\n[people.lea]\nphone = \"+33600000003\"\n[gsm.orange]\ndevice = \"/dev/null\"\n\
             [escalations.all]\nsteps = [{{ notify = [\"person:lea\"] }}]\n\
             [alarms.link]\nfrom = [\"snmp.network\"]\nmatch = {{ trap = \"IF-MIB::linkDown\" }}\n\
             text = \"Link\"\nmomentary = true\nescalation = \"all\"\n"
        ));
        let modems = Modems { all: 2, up: 1 };
        assert_eq!(
            line(&watch, Modems::default()),
            "alarms: 0 standing, 0 unacknowledged; no modem"
        );
        happens(&mut watch, trap("IF-MIB::linkDown", ""));
        assert_eq!(line(&watch, modems), "alarms: 1 standing, 1 unacknowledged; modems: 1 of 2 up");
        happens(&mut watch, own(SelfAlarm::ConfigurationRefused, "vigie.toml", "2 errors"));
        let refused = "THE NEW CONFIGURATION IS REFUSED, the old one is in force: 2 errors";
        assert!(line(&watch, modems).ends_with(refused), "{}", line(&watch, modems));
        happens(&mut watch, own(SelfAlarm::ConfigurationRefused, ACCESS, "/etc/vigie/conf.d"));
        let open = "EVERY ACCOUNT OF THIS MACHINE MAY COMMAND VIGIE: /etc/vigie/conf.d; THE NEW";
        assert!(line(&watch, modems).contains(open), "{}", line(&watch, modems));
        happens(&mut watch, own(SelfAlarm::Store, RECORD, "the disk is full"));
        assert!(line(&watch, modems).starts_with("THE RECORD CANNOT BE WRITTEN"));
    }
}
