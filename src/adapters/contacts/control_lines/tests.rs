//! A port over simulated lines: what is counted, when it is read, and what is told of one that hangs.

use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex};

use tokio::sync::watch;

use super::*;
use crate::adapters::contacts::device::wired;
use crate::adapters::contacts::tests::simulated::settings;
use crate::inbox::Closing;

/// Lines that stand as the test says.
#[derive(Clone, Debug)]
struct Simulated(Arc<Mutex<(bool, u32)>>);

impl Simulated {
    fn shows(&self, is_on: bool, moves: u32) {
        *self.0.lock().unwrap() = (is_on, moves);
    }
}

impl Lines for Simulated {
    fn read(&self) -> Result<Controls, ControlError> {
        let (is_on, moves) = *self.0.lock().unwrap();
        let still = Control { is_on: false, moves: None };
        let dsr = Control { is_on, moves: Some(moves) };
        Ok(Controls { cts: still, dsr, dcd: still, ri: still })
    }

    fn drive(&self, _: Driven, _: bool) -> Result<bool, ControlError> {
        Err(ControlError::HungUp)
    }
}

/// A port that answers nothing until it is let go.
struct Hung(Mutex<Receiver<()>>);

impl Lines for Hung {
    fn read(&self) -> Result<Controls, ControlError> {
        let _ = self.0.lock().unwrap().recv();
        Err(ControlError::HungUp)
    }

    fn drive(&self, _: Driven, _: bool) -> Result<bool, ControlError> {
        self.read().map(|_| true)
    }
}

const DOOR: &str = "serial = \"/dev/ttyUSB7\"
[contacts.cabinet.lines.door]
line = \"dsr\"
debounce = \"0s\"
";

fn wants() -> (watch::Sender<bool>, Wanted) {
    let (close, closing) = watch::channel(false);
    let (_, signs) = watch::channel(Vec::new());
    (close, Wanted { signs, closing: Closing::new(closing) })
}

#[tokio::test]
async fn a_port_is_read_in_its_time_and_a_pulse_between_two_readings_is_seen_by_its_count() {
    let (settings, clock) = (settings(DOOR), Clock::new());
    let lines = Simulated(Arc::new(Mutex::new((true, u32::MAX - 1))));
    let poll = Duration::from_millis(30);
    let name = Path::new("/dev/ttyUSB7");
    let mut port = Port::with(name, lines.clone(), poll, &wired(&settings), &[], clock);
    let (_close, mut wanted) = wants();
    let first = port.look(None, &mut wanted).await.unwrap();
    assert_eq!(
        first,
        [Sight::Read(vec![Shown::Counted { bit: true, count: u32::MAX - 1 }])],
        "at once"
    );
    let read = clock.now().mono;
    assert_eq!(port.look(Some(read), &mut wanted).await, Ok(vec![]), "it is not time to read");
    // It opened and closed: two movements, over which the count begins anew.
    lines.shows(true, 0);
    let second = port.look(None, &mut wanted).await.unwrap();
    assert!(clock.now().mono >= read.after(Duration::from_millis(20)), "it waited for its time");
    assert_eq!(second, [Sight::Read(vec![Shown::Counted { bit: true, count: 0 }])]);
}

#[tokio::test]
async fn a_port_that_hangs_is_told_with_its_words_and_its_handle_stays_with_the_thread() {
    let settings = settings(DOOR);
    let (release, held) = sync_channel::<()>(0);
    let name = Path::new("/dev/ttyUSB-hangs");
    let hung = Hung(Mutex::new(held));
    let poll = Duration::from_millis(30);
    let mut port = Port::with(name, hung, poll, &wired(&settings), &[], Clock::new());
    let says =
        "/dev/ttyUSB-hangs: the device does not answer the system: nothing came within 10 seconds";
    assert_eq!(port.read().await, Err(Gone::now(says)));
    let Err(Unset::Refused(_)) = port.set(0, true).await else { panic!("there is no output") };
    assert_eq!(port.read().await, Err(Gone::now(says)), "nothing more is asked of it");
    release.send(()).unwrap();
}
