//! Hostile bytes: no panic, no standstill, no growth.
//!
//! `VIGIE_BYTES=100000000 cargo test --release -p vigie-gsm --test dialogue hostile -- --nocapture` feeds so many of
//! each kind, and says what memory that took.

use std::time::Duration;

use crate::dice::Dice;
use crate::night::{Night, submit};
use vigie_gsm::dialogue::{Dialogue, Event, Settings};
use vigie_gsm::simulator::{Fault, Modem, Profile};

/// Feeds bytes, lets time run to each deadline and submits whenever it can. Says how many events came.
fn endure(dialogue: &mut Dialogue, bytes: &[u8], dice: &mut Dice) -> usize {
    let mut now = Duration::from_secs(1);
    let mut events = 0;
    let mut rest = bytes;
    let mut ticket = 0;
    while !rest.is_empty() {
        let (piece, next) = rest.split_at(dice.below(40).min(rest.len()).max(1));
        rest = next;
        now += Duration::from_millis(u64::try_from(dice.below(50)).expect("small"));
        dialogue.receive(piece, now);
        if let Some(deadline) = dialogue.deadline()
            && dice.below(8) == 0
        {
            now = now.max(deadline);
            dialogue.elapse(now);
        }
        while dialogue.transmit().is_some() {}
        while let Some(event) = dialogue.event() {
            events += 1;
            if let Event::Received { slot, .. } = event
                && dice.below(2) == 0
            {
                dialogue.delete(slot);
            }
        }
        if dialogue.can_submit() {
            ticket += 1;
            dialogue.submit(ticket, submit("out", false)).expect("it can");
        }
    }
    events
}

/// What the dialogue and a modem really said to each other, seen from the dialogue.
fn transcript() -> Vec<u8> {
    let mut night = Night::new(Profile { equipment_slots: 5, ..Profile::instant() });
    night.modem.fail(Fault::Chatter(vec!["+CREG: 5".to_owned(), "^RSSI: 3".to_owned()]), night.now);
    let mut heard = Vec::new();
    for turn in 0..200 {
        if let Some(bytes) = night.dialogue.transmit() {
            night.modem.receive(&bytes, night.now);
        }
        if let Some(bytes) = night.modem.transmit() {
            heard.extend_from_slice(&bytes);
            night.dialogue.receive(&bytes, night.now);
        }
        if turn % 10 == 0 {
            night.modem.deliver("+33612345678", "4711 OK", night.now).expect("it fits");
        }
        if night.dialogue.can_submit() {
            night.submit(turn, "out");
        }
        night.now = night.now.max(night.dialogue.deadline().expect("it always has one"));
        night.dialogue.elapse(night.now);
    }
    heard
}

/// How many bytes of each kind, at least.
fn wanted() -> usize {
    std::env::var("VIGIE_BYTES").ok().and_then(|many| many.parse().ok()).unwrap_or(250_000)
}

/// The memory of this process, in KiB, where the system tells.
fn memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

#[test]
fn garbage_does_no_harm() {
    const AT_ONCE: usize = 250_000;
    let mut dice = Dice::new(0x5eed_0002);
    let mut dialogue = Dialogue::new(Settings::default(), Duration::ZERO);
    let alphabet = b"\r\n> +CMGLRSTIDE:ERROK,\"0123456789ABCDEF\x1a\x1b\0";
    let (mut fed, mut before) = (0, None);
    while fed < wanted() {
        let garbage: Vec<u8> = (0..AT_ONCE).map(|_| dice.octet()).collect();
        endure(&mut dialogue, &garbage, &mut dice);
        let likely: Vec<u8> = (0..AT_ONCE).map(|_| *dice.choose(alphabet)).collect();
        endure(&mut dialogue, &likely, &mut dice);
        fed += AT_ONCE;
        before = before.or_else(memory);
    }
    println!(
        "garbage: twice {fed} bytes; {before:?} KiB after the first, {:?} at the end",
        memory()
    );
    if let (Some(before), Some(after)) = (before, memory()) {
        assert!(after < before + 16_384, "{before} KiB became {after}");
    }
}

#[test]
fn mutated_transcripts_do_no_harm() {
    let transcript = transcript();
    assert!(transcript.len() > 5000);
    let mut dice = Dice::new(0x5eed_0003);
    let mut fed = 0;
    while fed < wanted() {
        let mut bytes = transcript.clone();
        for _ in 0..dice.below(200) {
            let at = dice.below(bytes.len());
            match dice.below(4) {
                0 => bytes[at] = dice.octet(),
                1 => drop(bytes.remove(at)),
                2 => bytes.insert(at, dice.octet()),
                _ => {
                    let piece: Vec<u8> =
                        bytes.iter().skip(at).take(dice.below(100)).copied().collect();
                    let to = dice.below(bytes.len());
                    bytes.splice(to..to, piece);
                }
            }
        }
        let mut dialogue = Dialogue::new(Settings::default(), Duration::ZERO);
        endure(&mut dialogue, &bytes, &mut dice);
        fed += bytes.len();
    }
    println!("mutated transcripts: {fed} bytes");
}

#[test]
fn lines_that_all_look_right_do_no_harm() {
    let lines = [
        "OK",
        "ERROR",
        "+CMS ERROR: 321",
        "+CMGL: 1,0,,24",
        "+CMGL: 2,1,,9999999",
        "+CMGR: 0,,24",
        "+CMTI: \"SM\",3",
        "+CMTI: \"XX\",65535",
        "+CDS: 25",
        "+CMT: ,3",
        "0006070B913316325476F862101010000000621010100000000000",
        "+CMGS: 300",
        "+CMGS: 3",
        "> ",
        "+CPMS: 10,10,10,10",
        "+CPMS: (((((",
        "+CNMI: (0-2)",
        "+CNMI: 0,0,0,0,0",
        "+CPIN: SIM PIN",
        "+CPIN: READY",
        "RDY",
        "^BOOT:1",
        "SMS Ready",
        "AT+CMGL=4",
        "+CMEE: 1",
        "+CREG: 1,1",
        "+CSQ: 99,99",
        "+COPS: 0,0,\"X\",7",
        "é\u{fffd}",
        "4",
        "0",
    ];
    let mut dice = Dice::new(0x5eed_0004);
    let mut dialogue = Dialogue::new(Settings::default(), Duration::ZERO);
    let mut bytes = Vec::new();
    for _ in 0..20_000 {
        bytes.extend_from_slice(dice.choose(&lines).as_bytes());
        bytes.extend_from_slice(b"\r\n");
    }
    assert!(bytes.len() > 200_000);
    assert!(endure(&mut dialogue, &bytes, &mut dice) > 0);
}

#[test]
fn an_owner_who_takes_no_events_does_not_make_the_dialogue_grow() {
    let mut night = Night::ready(Profile { slots: 250, ..Profile::instant() });
    let mut now = night.now;
    for turn in 0..5000 {
        night.modem.deliver("+33612345678", &format!("in {turn}"), now).expect("it fits");
        night.modem.register(u8::try_from(turn % 6).expect("small"), now);
        if let Some(bytes) = night.modem.transmit() {
            night.dialogue.receive(&bytes, now);
        }
        if let Some(bytes) = night.dialogue.transmit() {
            night.modem.receive(&bytes, now);
        }
        now = now.max(night.dialogue.deadline().expect("it always has one"));
        night.dialogue.elapse(now);
    }
    let mut waiting = 0;
    while night.dialogue.event().is_some() {
        waiting += 1;
    }
    assert!(waiting <= 520, "{waiting} events waited");
}

#[test]
fn the_simulated_modem_survives_the_same_bytes() {
    let mut dice = Dice::new(0x5eed_0005);
    let mut modem = Modem::new(Profile::default(), Duration::ZERO);
    let mut now = Duration::ZERO;
    let alphabet = b"ATATATAT+CMGFSLRD=0123456789,;\"?&EVZ\r\r\r\x1a\x1b\n\x08\xff\0";
    for turn in 0..20_000 {
        let bytes: Vec<u8> = (0..20).map(|_| *dice.choose(alphabet)).collect();
        now += Duration::from_millis(7);
        modem.receive(&bytes, now);
        if turn % 100 == 0 {
            modem.deliver("VIGIE", "text", now).expect("it fits");
            modem.transmit();
        }
    }
}
