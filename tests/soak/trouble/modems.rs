//! Modems and their networks: pulled out, silent, hung, reset, full, refused, and speaking nonsense.

use std::time::Duration;

use tokio::runtime::Handle;
use vigie::host::simulated_modem::Control;
use vigie_gsm::simulator::{Fault, Modem};

use super::{Tally, a_while};
use crate::chance::Chance;
use crate::over::Over;
use crate::people::another;

/// What the network says to a message that it refuses: unassigned number, out of order, congestion, no service, unknown (27.005 3.2.5).
const REFUSALS: [u16; 5] = [1, 27, 42, 331, 500];
/// A word of the field that nobody asked for.
const CHATTER: [&str; 3] = ["^RSSI:17", "RING", "+CIEV: 2,4"];

/// What is done to one.
type Act = Box<dyn FnOnce(&mut Modem, Duration) + Send>;

/// Everything that befalls one modem.
pub(crate) fn modem(
    name: &str,
    (on, modem): (&Handle, &Control),
    mut chance: Chance,
    over: &Over,
    tally: &Tally,
) {
    let with = |act: Act| {
        let _ = on.block_on(modem.with(act));
    };
    let set = |registration: u8, signal: u8| {
        with(Box::new(move |modem, now| {
            modem.register(registration, now);
            modem.set_signal(signal);
        }));
    };
    while over.pause(a_while(&mut chance)) {
        let length = a_while(&mut chance);
        let (what, fault) = fault(&mut chance, length);
        tally.one(&format!("{name}: {what}"));
        match (what, fault) {
            ("unplugged", _) => {
                let _ = on.block_on(modem.unplug());
                over.pause(length);
                let _ = on.block_on(modem.replug());
            }
            ("full", _) => with(Box::new(|modem, now| modem.fill_slots(now))),
            ("no network", _) => {
                set(*chance.pick(&[0, 2, 3]), 99);
                over.pause(length);
                set(1, 17);
            }
            (_, fault) => {
                let ends = matches!(fault, Fault::Chatter(_));
                with(Box::new(move |modem, now| modem.fail(fault, now)));
                over.pause(length);
                if ends {
                    with(Box::new(|modem, now| modem.fail(Fault::Chatter(Vec::new()), now)));
                }
            }
        }
    }
    // Another one of its kind: what was to befall the next message does not.
    with(Box::new(|modem, now| *modem = another(now)));
    let _ = on.block_on(modem.replug());
}

/// What goes wrong next, and what that is to the modem, if it concerns no more than it.
fn fault(chance: &mut Chance, length: Duration) -> (&'static str, Fault) {
    let mute = Fault::Mute(length);
    match chance.below(16) {
        0 | 1 => ("unplugged", mute),
        2 => ("full", mute),
        3 => ("no network", mute),
        4 | 5 => ("mute", mute),
        6 => ("hangs", Fault::Hung),
        7 => ("takes all for data", Fault::Connected),
        8 => ("garbage", Fault::Garbage((0..2_000).map(|_| chance.below(256) as u8).collect())),
        9 => ("resets", Fault::Reset { silent: chance.per_mille(500) }),
        10 => ("torn line", Fault::TornLine),
        11 => ("chatters", Fault::Chatter(CHATTER.map(str::to_owned).to_vec())),
        12 => ("answer swallowed", Fault::SwallowAnswer),
        13 => ("answer late", Fault::LateAnswer(length)),
        14 => ("no prompt", Fault::NoPrompt),
        _ => ("message refused", Fault::Refuse(*chance.pick(&REFUSALS))),
    }
}
