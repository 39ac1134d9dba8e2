//! A board with a latch: what it keeps is cleared when it is on disk, and not before.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::mpsc;

use super::simulated::Bench;
use crate::adapters::contacts::device::{
    Cleared, Device, Gone, LineNumber, OutputNumber, Shown, Sight, Unset, Wanted,
};
use crate::adapters::contacts::points::Points;
use crate::health::Wire;
use crate::inbox::{Letter, Receipt};
use crate::watch::decision::Outcome;
use crate::watch::event::Happening;
use crate::watch::own_alarms::SelfAlarm;
use crate::watch::time::Mono;

const LATCHED: &str = "modbus = \"tcp://10.0.0.7\"
[contacts.cabinet.lines.door]
line = 4
debounce = \"0s\"
latch = { line = 36 }
";

/// A board with one input and its latch, which the test sets.
#[derive(Clone)]
struct Board(Arc<Mutex<State>>);

struct State {
    is_latched: bool,
    /// Why it does not clear its latch, if it does not.
    refuses: Option<&'static str>,
    is_gone: bool,
    looks: u32,
    clears: u32,
}

impl Board {
    fn new() -> Self {
        let state = State { is_latched: false, refuses: None, is_gone: false, looks: 0, clears: 0 };
        Self(Arc::new(Mutex::new(state)))
    }

    fn state<T>(&self, of: impl FnOnce(&mut State) -> T) -> T {
        of(&mut self.0.lock().unwrap())
    }

    async fn until(&self, what: &str, is: impl Fn(&mut State) -> bool) {
        let waiting = async {
            while !self.state(&is) {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), waiting).await.unwrap_or_else(|_| {
            panic!("waited in vain: {what}");
        });
    }

    /// Waits until it was looked at so many times more.
    async fn looked_at(&self, times: u32) {
        let looks = self.state(|state| state.looks);
        self.until("looks", |state| state.looks >= looks + times).await;
    }
}

impl Device for Board {
    async fn set(&mut self, _: OutputNumber, _: bool) -> Result<(), Unset> {
        Err(Unset::Refused("it has none".to_owned()))
    }

    async fn look(&mut self, _: Option<Mono>, _: &mut Wanted) -> Result<Vec<Sight>, Gone> {
        tokio::time::sleep(Duration::from_millis(2)).await;
        self.read().await
    }

    async fn read(&mut self) -> Result<Vec<Sight>, Gone> {
        self.state(|state| {
            state.looks += 1;
            if state.is_gone {
                return Err(Gone::now("unplugged"));
            }
            let shown = Shown::Latched { bit: true, is_set: state.is_latched };
            Ok(vec![Sight::Read(vec![shown])])
        })
    }

    async fn clear(&mut self, lines: &[LineNumber]) -> Result<Vec<Sight>, Gone> {
        assert_eq!(lines, [0]);
        let cleared = self.state(|state| {
            state.clears += 1;
            match state.refuses {
                Some(why) => Cleared::Refused(why.to_owned()),
                None => {
                    state.is_latched = false;
                    Cleared::Clear
                }
            }
        });
        Ok(vec![Sight::Cleared(vec![(0, cleared)])])
    }
}

/// The end of the inbox.
struct Letters(mpsc::Receiver<Letter>);

impl Letters {
    fn of(bench: &mut Bench) -> Self {
        Self(std::mem::replace(&mut bench.letters, mpsc::channel(1).1))
    }

    /// The next signal of the contact, and who waits for it to be on disk.
    async fn signal(&mut self) -> (String, Receipt) {
        loop {
            let letter = tokio::time::timeout(Duration::from_secs(60), self.0.recv()).await;
            match letter.expect("a letter").expect("the house stands") {
                Letter::Event { happening: Happening::Signal(signal), receipt, .. } => {
                    return (signal.text.to_string(), receipt);
                }
                Letter::Event { happening: Happening::Own(own), .. } => assert!(!own.active),
                other => panic!("{other:?}"),
            }
        }
    }

    async fn is(&mut self, text: &str) -> Receipt {
        let (signal, receipt) = self.signal().await;
        assert_eq!(signal, text);
        receipt
    }
}

const NORMAL: &str = "door: normal, closed";
const PULSE: &str = "door: alarm, open; 1 pulse that no reading showed";

#[tokio::test]
async fn a_latch_is_cleared_when_all_that_its_contact_told_is_on_disk_and_not_before() {
    let mut bench = Bench::of(LATCHED);
    let mut letters = Letters::of(&mut bench);
    let (board, mut points) = (Board::new(), Points::of(&bench.settings));
    let close = bench.close.clone();
    let test = async {
        letters.is(NORMAL).await.give(Outcome::Taken);
        for pulse in 1..=2 {
            board.state(|state| state.is_latched = true);
            let alarm = letters.is(PULSE).await;
            let back = letters.is(NORMAL).await;
            board.looked_at(5).await;
            assert_eq!(board.state(|state| state.clears), pulse - 1, "nothing is on disk");
            alarm.give(Outcome::Taken);
            board.looked_at(5).await;
            assert_eq!(board.state(|state| state.clears), pulse - 1, "its return is not");
            back.give(Outcome::Taken);
            board.until("clear", |state| !state.is_latched).await;
            board.looked_at(5).await;
            assert_eq!(board.state(|state| state.clears), pulse, "once");
        }
        assert!(letters.0.try_recv().is_err(), "each pulse is told once");
        close.send_replace(true);
    };
    tokio::join!(bench.live(board.clone(), &mut points), test);
    assert_eq!(bench.counted("pulses_counted"), 2);
}

#[tokio::test]
async fn a_latch_that_cannot_be_cleared_is_told_once_and_is_no_new_pulse_at_each_reading() {
    let mut bench = Bench::of(LATCHED);
    let mut letters = Letters::of(&mut bench);
    let (board, mut points) = (Board::new(), Points::of(&bench.settings));
    let close = bench.close.clone();
    let test = async {
        letters.is(NORMAL).await.give(Outcome::Taken);
        board.state(|state| {
            (state.is_latched, state.refuses) = (true, Some("the board refuses"));
        });
        letters.is(PULSE).await.give(Outcome::Taken);
        letters.is(NORMAL).await.give(Outcome::Taken);
        let Some(Letter::Event { happening: Happening::Own(own), .. }) = letters.0.recv().await
        else {
            panic!("it is told");
        };
        assert_eq!((own.alarm, own.active), (SelfAlarm::LatchStuck, true));
        assert_eq!(&*own.reason, "door: the board refuses");
        board.looked_at(50).await;
        assert!(letters.0.try_recv().is_err(), "neither a pulse nor the fault a second time");
        assert_eq!(board.state(|state| state.clears), 3, "the next try is in a minute");
        close.send_replace(true);
    };
    tokio::join!(bench.live(board.clone(), &mut points), test);
}

#[tokio::test]
async fn a_pulse_whose_receipt_did_not_come_before_the_board_was_lost_is_told_again() {
    let mut bench = Bench::of(LATCHED);
    let mut letters = Letters::of(&mut bench);
    let (board, mut points) = (Board::new(), Points::of(&bench.settings));
    board.state(|state| state.is_latched = true);
    let first = async {
        letters.is(NORMAL).await.give(Outcome::Taken);
        letters.is(PULSE).await.give(Outcome::Taken);
        // Nobody says that this one is on disk.
        drop(letters.is(NORMAL).await);
        board.looked_at(3).await;
        board.state(|state| state.is_gone = true);
    };
    tokio::join!(bench.live(board.clone(), &mut points), first);
    assert_eq!(board.state(|state| (state.clears, state.is_latched)), (0, true));
    assert_eq!(bench.reading.now().state, Wire::Up, "who runs a life says how it ended");
    board.state(|state| state.is_gone = false);
    let close = bench.close.clone();
    let second = async {
        letters.is("door: seen again; normal, closed").await.give(Outcome::Taken);
        letters.is(PULSE).await.give(Outcome::Taken);
        letters.is(NORMAL).await.give(Outcome::Taken);
        board.until("clear", |state| !state.is_latched).await;
        close.send_replace(true);
    };
    tokio::join!(bench.live(board.clone(), &mut points), second);
}
