//! The disk fails under the running daemon: its file system turns read-only, or its syncs fail.
//! People are called all the same, nobody is told that their inform was received, and all goes on
//! when the disk does.
//!
//! The kernel's answers are given by strace, to calls that concern the store alone. A file system
//! that holds a file open for writing cannot be remounted read-only by hand (EBUSY): only the
//! kernel does that, when the device fails.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::house::{House, until, until_so};
use crate::people::{LEA, MARIE};
use crate::programs::{Link, inform};
use crate::site::Plan;

/// Somebody stands between the daemon and the kernel.
pub(crate) struct Between(Child);

impl Between {
    /// Each of these calls on the store fails with this error; `None` if this machine lets nobody
    /// stand there.
    fn failing(house: &House, calls: &str, error: &str) -> Option<Self> {
        Self::injecting(house, calls, &format!("error={error}"))
    }

    /// The next of these calls on the store takes so long; `None` if this machine lets nobody stand there.
    pub(crate) fn delaying(house: &House, calls: &str, takes: Duration) -> Option<Self> {
        Self::injecting(house, calls, &format!("delay_enter={}:when=1", takes.as_micros()))
    }

    /// From now on each of these calls on the store takes so long; `None` if this machine lets nobody stand there.
    pub(crate) fn slowing(house: &House, calls: &str, takes: Duration) -> Option<Self> {
        Self::injecting(house, calls, &format!("delay_enter={}", takes.as_micros()))
    }

    fn injecting(house: &House, calls: &str, fault: &str) -> Option<Self> {
        let mut strace = Command::new("strace");
        strace.args(["-f", "-p", &house.pid().to_string(), "-o", "/dev/null"]);
        for beside in ["", "-wal", "-shm", "-lock"] {
            strace.arg("-P").arg(format!("{}{beside}", house.site.store().display()));
        }
        strace.args(["-e", &format!("trace={calls}")]);
        strace.args(["-e", &format!("inject={calls}:{fault}")]);
        let mut child = strace.stdin(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut said = String::new();
        let words = child.stderr.take().expect("it is piped");
        BufReader::new(words).read_line(&mut said).unwrap();
        if said.contains("attached") {
            return Some(Self(child));
        }
        println!("skipped: this machine lets nobody stand before its kernel: {said}");
        child.wait().unwrap();
        None
    }

    /// The disk is well again.
    pub(crate) fn leave(mut self) {
        let strace = Pid::from_raw(self.0.id().try_into().unwrap());
        kill(strace, Signal::SIGTERM).unwrap();
        until("strace lets go", || self.0.try_wait().unwrap());
    }
}

impl Drop for Between {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn a_failing_disk_silences_nobody(calls: &str, error: &str) {
    let mut house = House::open(&Plan::default());
    house.trap(Link::Down, 1);
    house.until_call(MARIE, "Lien 1");
    let Some(between) = Between::failing(&house, calls, error) else { return };

    let mut sender = inform(&house.site.address, Link::Down, 7, 600, "0.5");
    let call = house.until_call(MARIE, "Lien 7");
    house.until_call(LEA, "Vigie ne peut plus écrire son journal");
    let alarm = house.until_alarm("store", "journal", "unacknowledged");
    let text = alarm["text"].as_str().unwrap();
    assert!(text.contains("fails; look at the kernel's log"), "{text}");
    house.text(MARIE, &call.code());
    house.until_sms(MARIE, |sms| sms.text.starts_with("Pris en charge"));
    assert_eq!(house.on_the_sim(), 1, "her answer stays on the SIM until it is on disk");
    assert_eq!(sender.try_wait().unwrap(), None, "an inform is answered when it is on disk");

    between.leave();
    let answered = until("the inform is answered", || sender.try_wait().unwrap());
    assert!(answered.success());
    house.until_alarm("store", "journal", "normal");
    until_so("her answer is on disk, and off the SIM", || house.on_the_sim() == 0);
    house.trap(Link::Down, 8);
    house.until_call(MARIE, "Lien 8");
    house.verify();
    house.restart_after_kill();
    assert_eq!(house.alarm("link", "7").unwrap()["acknowledged_by"], "marie");
}

#[test]
fn a_disk_that_hangs_silences_nobody_and_what_was_decided_meanwhile_is_on_the_record_once() {
    let mut house = House::open(&Plan::default());
    house.trap(Link::Down, 1);
    house.until_call(MARIE, "Lien 1");
    // Longer than the daemon waits for it, and shorter than this test does.
    let takes = Duration::from_secs(35);
    let Some(between) = Between::delaying(&house, "fdatasync,fsync", takes) else { return };
    let mut sender = inform(&house.site.address, Link::Down, 7, 600, "0.5");
    let call = house.until_call(MARIE, "Lien 7");
    let alarm = house.until_alarm("store", "journal", "unacknowledged");
    let text = alarm["text"].as_str().unwrap();
    assert!(text.contains("the disk does not answer"), "{text}");
    house.text(MARIE, &call.code());
    house.until_sms(MARIE, |sms| sms.text.starts_with("Pris en charge"));
    assert_eq!(sender.try_wait().unwrap(), None, "an inform is answered when it is on disk");
    let told = house.vigie(&["status"]).out;
    assert!(told.contains("REFUSES WRITES"), "{told}");

    house.until_alarm("store", "journal", "normal");
    assert!(until("the inform is answered", || sender.try_wait().unwrap()).success());
    between.leave();
    until_so("her answer is on disk, and off the SIM", || house.on_the_sim() == 0);
    house.verify();
    house.restart_after_kill();
    assert_eq!(house.alarm("link", "7").unwrap()["acknowledged_by"], "marie");
    let opened = house
        .journal()
        .into_iter()
        .filter(|entry| entry["kind"] == "signal" && entry.to_string().contains("\"opened\""));
    assert_eq!(opened.count(), 2, "each link once");
}

#[test]
fn a_disk_that_is_slow_again_and_again_is_an_alarm_and_status_says_how_slow() {
    let house = House::open(&Plan { slow: "300ms", ..Plan::default() });
    house.trap(Link::Down, 1);
    house.until_call(MARIE, "Lien 1");
    let takes = Duration::from_millis(700);
    let Some(between) = Between::slowing(&house, "fdatasync,fsync", takes) else { return };
    for link in 2..5 {
        house.trap(Link::Down, link);
        house.until_call(MARIE, &format!("Lien {link}"));
    }
    house.until_call(LEA, "Le disque du journal de Vigie est lent");
    let alarm = house.until_alarm("store-slow", "journal", "unacknowledged");
    let text = alarm["text"].as_str().unwrap();
    assert!(text.contains("too long from 0.3 s; look at the disk"), "{text}");
    let status = house.vigie(&["status", "--json"]).json();
    let store = status["store"].clone();
    assert_eq!(
        (&store["slow"], &store["refuses_writes"]),
        (&true.into(), &false.into()),
        "{store}"
    );
    assert!(store["writes"]["last_ms"].as_f64().is_some_and(|last| last >= 700.0), "{store}");
    between.leave();
    house.verify();
}

#[test]
fn a_file_system_that_turns_read_only_silences_nobody_and_all_goes_on_when_it_is_writable_again() {
    let writes = "pwrite64,write,ftruncate,fdatasync,fsync";
    a_failing_disk_silences_nobody(writes, "EROFS");
}

#[test]
fn a_disk_whose_syncs_fail_silences_nobody_and_all_goes_on_when_they_work_again() {
    a_failing_disk_silences_nobody("fdatasync,fsync", "EIO");
}

#[test]
fn a_disk_whose_writes_fail_silences_nobody_and_all_goes_on_when_they_work_again() {
    a_failing_disk_silences_nobody("pwrite64,write", "EIO");
}
