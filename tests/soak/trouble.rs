//! What goes wrong, and for how long: one hand for each wire, each with its own dice, all at once. Whatever a hand has broken it mends
//! before it is done.

mod lan;
mod modems;
mod peers;

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::Mutex;
use std::time::Duration;

use nix::sys::signal::Signal;
use nix::unistd::Pid;

use crate::cable::{Cable, FAULTS, Mode};
use crate::chance::Chance;
use crate::house::House;
use crate::line::Line;
use crate::mosquitto::Mosquitto;
use crate::over::Over;
use crate::site::{DOOR, Files, Site, Wires};

pub(crate) use lan::lan;
pub(crate) use modems::modem;
pub(crate) use peers::{peers, scrapes, was_answered};

/// How often what was done, by its name.
#[derive(Default)]
pub(crate) struct Tally(Mutex<BTreeMap<String, u64>>);

impl Tally {
    pub(crate) fn one(&self, what: &str) {
        let mut tally = self.0.lock().expect("nobody panics with it");
        *tally.entry(what.to_owned()).or_default() += 1;
    }

    pub(crate) fn all(&self) -> BTreeMap<String, u64> {
        self.0.lock().expect("nobody panics with it").clone()
    }
}

/// How long something is wrong, or well.
fn a_while(chance: &mut Chance) -> Duration {
    chance.seconds(2, 20)
}

/// A cable hangs, carries nonsense or is cut, and is whole again.
pub(crate) fn cable(name: &str, cable: &Cable, mut chance: Chance, over: &Over, tally: &Tally) {
    while over.pause(a_while(&mut chance)) {
        let fault = *chance.pick(&FAULTS);
        tally.one(&format!("{name}: {fault:?}"));
        cable.set(fault);
        over.pause(a_while(&mut chance));
        cable.set(Mode::Whole);
    }
}

/// The broker dies, is stopped, hangs, and is given payloads that nobody can read.
pub(crate) fn broker(broker: &Mutex<Mosquitto>, mut chance: Chance, over: &Over, tally: &Tally) {
    let hand = |what: &str, act: &mut dyn FnMut(&mut Mosquitto)| {
        tally.one(&format!("broker: {what}"));
        act(&mut broker.lock().expect("nobody panics with it"));
    };
    while over.pause(a_while(&mut chance)) {
        let length = a_while(&mut chance);
        match chance.below(5) {
            0 => {
                hand("killed", &mut Mosquitto::kill);
                over.pause(length);
                hand("started", &mut Mosquitto::start);
            }
            1 => {
                hand("stopped", &mut Mosquitto::stop);
                over.pause(length);
                hand("started", &mut Mosquitto::start);
            }
            2 => {
                hand("hangs", &mut |broker| broker.signal(Signal::SIGSTOP));
                over.pause(length);
                hand("goes on", &mut |broker| broker.signal(Signal::SIGCONT));
            }
            3 => hand("giant payload", &mut |broker| publish(broker, "plant/1/level", 3 << 20)),
            _ => hand("unreadable payloads", &mut |broker| {
                for size in [0, 1, 1_000] {
                    publish(broker, "plant/1/level", size);
                    publish(broker, "plant/2/motor", size);
                    publish(broker, "plant//deep/er/and/deeper/\u{1F525}", size);
                }
            }),
        }
    }
}

/// So many octets that are no text, of QoS 1.
fn publish(broker: &Mosquitto, topic: &str, size: usize) {
    let file = broker.path("octets");
    let octets: Vec<u8> = (0..size).map(|place| (place * 131 % 251) as u8 | 0x80).collect();
    std::fs::write(&file, octets).expect("room for a file");
    let file = file.display().to_string();
    let publishing = broker.program("mosquitto_pub", &["-q", "1", "-t", topic, "-f", &file]);
    let mut limited = Command::new("timeout");
    let _ = limited.arg("5").arg(publishing.get_program()).args(publishing.get_args()).output();
}

/// The serial line is pulled out and plugged in again, or nobody answers at its end.
pub(crate) fn line(line: &mut Line, mut chance: Chance, over: &Over, tally: &Tally) {
    while over.pause(a_while(&mut chance)) {
        if let Some(board) = &mut line.board {
            board.shows("coil", DOOR, u16::from(chance.per_mille(600)));
        }
        over.pause(a_while(&mut chance));
        line.board = None;
        let unplugged = chance.per_mille(500);
        tally.one(if unplugged { "line: unplugged" } else { "line: nobody answers" });
        if unplugged {
            line.unplug();
        }
        over.pause(a_while(&mut chance));
        if unplugged {
            line.plug_in();
        }
        line.speaks();
    }
    if let Some(board) = &mut line.board {
        board.shows("coil", DOOR, 1);
    }
}

/// No file may be written any further for a moment: as on a full disk, nothing reaches the store.
pub(crate) fn disk(house: Pid, mut chance: Chance, over: &Over, tally: &Tally) {
    let limit = |limit: &str| {
        let mut command = Command::new("prlimit");
        let _ = command.args(["--pid", &house.to_string(), &format!("--fsize={limit}:")]).output();
    };
    while over.pause(chance.seconds(20, 90)) {
        tally.one("disk: full");
        limit("1");
        over.pause(chance.seconds(1, 8));
        limit("unlimited");
    }
}

/// The files are changed and read again, and now and then they are wrong.
pub(crate) fn files(
    (house, site, wires): (&House, &Site, &Wires),
    mut chance: Chance,
    over: &Over,
    tally: &Tally,
) {
    let kinds = [
        Files::AtFirst,
        Files::Reworded,
        Files::Rewired,
        Files::Rewired,
        Files::Broken,
        Files::Wrong,
    ];
    let load = |files: Files| {
        tally.one(&format!("files: {files:?}"));
        site.write(wires, files);
        house.signal(Signal::SIGHUP);
    };
    while over.pause(chance.seconds(10, 40)) {
        load(*chance.pick(&kinds));
    }
    load(Files::AtFirst);
}
