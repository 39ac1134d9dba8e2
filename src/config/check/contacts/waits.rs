//! How long contacts wait: within bounds, and told where a wait is worth nothing.
//!
//! A wait of seconds is what a contact needs to come to rest; whoever wants an alarm to wait for longer says so in its definition.

use std::time::Duration;

use vigie_contacts::{ChatterRule, Rules};

use super::device::Device;
use super::wiring::kept;
use crate::config::file::contacts::{Chatter, Line};
use crate::config::finding::{Finding, Findings};
use crate::config::settings::{Bus, ContactDevice};
use crate::config::written::Slot;

/// How long a level must hold.
const DEBOUNCE: Duration = Duration::from_millis(50);
/// How long both halves of a pair may say the same, where both are seen to move.
const DISCREPANCY: Duration = Duration::from_millis(500);
/// Three activations within a minute are chattering (ISA-18.2): more than six changes are more than that.
const CHANGES: u32 = 6;
/// Somebody who answers a storm at the cabinet presses once a second: each press is two changes.
const PRESSES: u32 = 120;
const WINDOW: Duration = Duration::from_secs(60);
const QUIET: Duration = Duration::from_secs(60);
/// What chatters is an alarm for as long as it is not quiet: no longer than half a shift.
const LONGEST_CHATTER: Duration = Duration::from_secs(4 * 3_600);
/// On a serial line the answer to another question may come late and pass for this one's.
const AGREEING_ON_RTU: u8 = 2;

/// What a wait may be.
struct Bounds {
    key: &'static str,
    /// Longer ones are told, and accepted.
    usual: Duration,
    usual_called: &'static str,
    longest: Duration,
    longest_called: &'static str,
    help: &'static str,
}

const OF_DEBOUNCE: Bounds = Bounds {
    key: "debounce",
    usual: Duration::from_secs(1),
    usual_called: "1s",
    longest: Duration::from_secs(10),
    longest_called: "10s",
    help: "write \"50ms\", or leave it out; an alarm that is to wait has `on-delay`",
};

/// A float switch among waves, and no more.
const OF_MINIMUM_PULSE: Bounds = Bounds {
    key: "minimum-pulse",
    usual: Duration::from_secs(10),
    usual_called: "10s",
    longest: Duration::from_secs(60),
    longest_called: "1m",
    help: "write \"200ms\", or leave it out; an alarm that is to wait has `on-delay`",
};

/// The limit switches of a motor valve are a pair that takes its time.
const OF_DISCREPANCY: Bounds = Bounds {
    key: "discrepancy",
    usual: Duration::from_secs(60),
    usual_called: "1m",
    longest: Duration::from_secs(600),
    longest_called: "10m",
    help: "write as long as the device takes to move, or leave it out",
};

/// Reads what every contact has rules for.
pub(super) fn rules(table: &Line, device: &Device, findings: &mut Findings) -> Option<Rules> {
    let debounce = wait(&table.debounce, &OF_DEBOUNCE, device, findings);
    let mut rules = Rules::new(debounce.unwrap_or(DEBOUNCE));
    if let Some(pulse) = wait(&table.minimum_pulse, &OF_MINIMUM_PULSE, device, findings) {
        rules = rules.with_minimum_pulse(pulse);
    }
    rules = match &device.settings {
        ContactDevice::Gpio(_) => rules,
        ContactDevice::Serial { .. } => rules.polled(),
        ContactDevice::Modbus(board) => match board.bus {
            Bus::Tcp(_) => rules.polled(),
            Bus::Rtu { .. } => {
                let agreeing = rules.polled().with_agreeing(AGREEING_ON_RTU);
                agreeing.expect("no rule refuses two readings")
            }
        },
    };
    let chatter = table.chatter.value();
    let value =
        |of: fn(&Chatter) -> &Slot<Duration>| chatter.and_then(|chatter| of(chatter).value());
    let usual = if table.button.is_absent() { CHANGES } else { PRESSES };
    let changes = chatter.and_then(|chatter| chatter.changes.value().copied()).unwrap_or(usual);
    let window = value(|chatter| &chatter.window).copied().unwrap_or(WINDOW);
    let quiet = value(|chatter| &chatter.quiet).copied().unwrap_or(QUIET);
    if let Some(chatter) = chatter {
        check_length("window", &chatter.window, findings);
        check_length("quiet", &chatter.quiet, findings);
    }
    // What is beyond any rule is refused by it.
    let changes = u16::try_from(changes).unwrap_or(u16::MAX);
    let rule = ChatterRule::new(changes, window, quiet);
    let place = chatter.map_or(table.place, |chatter| chatter.place);
    let help = "write { changes = 6, window = \"1m\", quiet = \"1m\" }";
    Some(rules.with_chatter(kept(rule, place, help, findings)?))
}

fn check_length(key: &str, slot: &Slot<Duration>, findings: &mut Findings) {
    if let Some(written) = slot.read().filter(|written| written.value > LONGEST_CHATTER) {
        let sentence = format!("`{key}` is 4h at most: for so long nobody hears of the contact");
        findings.add(Finding::error(written.place, sentence).help("write \"1m\", or leave it out"));
    }
}

/// Reads how long both halves of a pair may say the same: where they are read, no single reading is to make a fault.
pub(super) fn discrepancy(table: &Line, device: &Device, findings: &mut Findings) -> Duration {
    let usual = device.poll().map_or(DISCREPANCY, |poll| DISCREPANCY.max(poll.saturating_mul(2)));
    wait(&table.discrepancy, &OF_DISCREPANCY, device, findings).unwrap_or(usual)
}

fn wait(
    slot: &Slot<Duration>,
    bounds: &Bounds,
    device: &Device,
    findings: &mut Findings,
) -> Option<Duration> {
    let written = slot.read()?;
    let (key, value) = (bounds.key, written.value);
    if value > bounds.longest {
        let sentence = format!("`{key}` is {} at most", bounds.longest_called);
        findings.add(Finding::error(written.place, sentence).help(bounds.help));
    } else if value > bounds.usual {
        let sentence =
            format!("`{key}` is longer than {}: nobody is told before", bounds.usual_called);
        findings.add(Finding::warning(written.place, sentence).help(bounds.help));
    } else if !value.is_zero() && device.poll().is_some_and(|poll| value < poll) {
        let sentence = format!(
            "`{key}` is shorter than `poll`: it says no more than that two readings must agree"
        );
        let help = "leave it out, or have the device read more often with `poll`";
        findings.add(Finding::warning(written.place, sentence).help(help));
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::read_str;
    use crate::config::settings::Wiring;
    use vigie_contacts::{Level, PairRule};

    fn discrepancy(device: &str) -> PairRule {
        let site = "[site]\nname = \"Nord\"\ntime-zone = \"Europe/Paris\"\n[contacts.cabinet]\n";
        let pair = "[contacts.cabinet.lines]\nvalve = { line = 1, pair-with = \"rest\" }\nrest = { line = 2 }\n";
        let read = read_str(&[("vigie.toml", &format!("{site}{device}\n{pair}"))]);
        let settings = read.settings.expect("it is sound");
        let contact = settings.contacts.iter().flat_map(|device| &device.contacts).next();
        match contact.map(|contact| contact.wiring.clone()) {
            Some(Wiring::Pair { rule, .. }) => rule,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_pair_that_is_read_has_time_to_move_between_two_readings() {
        for (device, milliseconds) in [
            ("gpio = \"/dev/gpiochip0\"", 500),
            ("modbus = \"tcp://10.0.0.7\"\npoll = \"20ms\"", 500),
            ("modbus = \"tcp://10.0.0.7\"\npoll = \"250ms\"", 500),
            ("modbus = \"tcp://10.0.0.7\"\npoll = \"251ms\"", 502),
            ("modbus = \"tcp://10.0.0.7\"", 1_000),
            ("modbus = \"tcp://10.0.0.7\"\npoll = \"2s\"", 4_000),
        ] {
            let rule = PairRule::new(Level::Closed, Duration::from_millis(milliseconds));
            assert_eq!(Ok(discrepancy(device)), rule, "{device}");
        }
    }
}
