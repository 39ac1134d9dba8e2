//! What the service manager hears of the running daemon, at a socket of its own kind: that it is ready, how things stand, that it
//! reads its files again, that it lives, and that it stops. systemd itself is asked in `.ci/systemd/run`.

use std::cell::RefCell;
use std::os::unix::net::UnixDatagram;
use std::process::Command;
use std::time::Duration;

use nix::sys::signal::Signal;
use vigie::host::clock::Clock;
use vigie::watch::time::Mono;

use crate::bad_disk::Between;
use crate::full_disk::{Disk, Limit};
use crate::house::{House, until, until_so};
use crate::people::MARIE;
use crate::programs::{Link, VIGIE};
use crate::site::Plan;

/// The daemon must be heard within this, where the test has a watchdog: a hundred times shorter than a unit's.
const WITHIN: Duration = Duration::from_millis(600);
/// So long the disk does not answer, where it hangs.
const HANGS: Duration = Duration::from_secs(4);

/// A service manager that only listens.
struct Manager {
    socket: UnixDatagram,
    /// All that it has heard, and when.
    heard: RefCell<Vec<(Mono, String)>>,
}

impl Manager {
    /// Starts the daemon of this house, and listens.
    fn starting(house: &mut House, command: Command) -> Self {
        Self::minding(house, command, None)
    }

    /// Starts the daemon of this house, which must be heard within so long, and listens.
    fn minding(house: &mut House, mut command: Command, within: Option<Duration>) -> Self {
        let path = house.site.path().join("notify");
        let socket = UnixDatagram::bind(&path).unwrap();
        socket.set_nonblocking(true).unwrap();
        command.env("NOTIFY_SOCKET", path);
        if let Some(within) = within {
            command.env("WATCHDOG_USEC", within.as_micros().to_string());
        }
        house.launch(command);
        Self { socket, heard: RefCell::default() }
    }

    /// All words of all messages so far, in order.
    fn words(&self) -> Vec<String> {
        let mut message = [0; 4_096];
        while let Ok(length) = self.socket.recv(&mut message) {
            let text = String::from_utf8(message[..length].to_vec()).unwrap();
            self.heard.borrow_mut().push((Clock::new().now().mono, text));
        }
        let heard = self.heard.borrow();
        heard.iter().flat_map(|(_, text)| text.lines().map(str::to_owned)).collect()
    }

    fn count(&self, word: &str) -> usize {
        self.words().iter().filter(|heard| *heard == word).count()
    }

    /// How things stand, as was said last.
    fn status(&self) -> Option<String> {
        let words = self.words();
        words.iter().rev().find_map(|word| word.strip_prefix("STATUS=")).map(str::to_owned)
    }

    fn until_status(&self, part: &str) -> String {
        until(&format!("the status says {part}"), || {
            self.status().filter(|status| status.contains(part))
        })
    }

    /// The longest silence between two times at which the watchdog was fed.
    fn longest_silence(&self) -> Duration {
        self.words();
        let heard = self.heard.borrow();
        let fed = heard.iter().filter(|(_, text)| text.contains("WATCHDOG=1"));
        let fed: Vec<Mono> = fed.map(|(at, _)| *at).collect();
        fed.windows(2).map(|pair| pair[0].until(pair[1])).max().unwrap_or_default()
    }
}

#[test]
fn the_service_manager_is_told_when_it_is_ready_how_things_stand_and_that_it_stops() {
    let mut house = House::built(&Plan::default());
    let manager = Manager::starting(&mut house, Command::new(VIGIE));
    // It says so to the manager first.
    until_so("it is ready", || manager.count("READY=1") == 1 && house.log().contains("watching"));
    let log = house.log();
    let (listens, ready) = (log.find("listening for traps"), log.find("watching"));
    assert!(listens.is_some() && listens < ready, "who sends at once is heard: {log}");
    manager.until_status("alarms: 0 standing, 0 unacknowledged; modems: 1 of 1 up");
    house.trap(Link::Down, 7);
    manager.until_status("alarms: 1 standing, 1 unacknowledged");
    let call = house.until_call(MARIE, "Lien 7");
    house.text(MARIE, &call.code());
    manager.until_status("alarms: 1 standing, 0 unacknowledged");
    house.unplug();
    manager.until_status("modems: 0 of 1 up");
    assert_eq!(manager.count("WATCHDOG=1"), 0, "nobody wanted to know");
    house.signal(Signal::SIGTERM);
    assert_eq!(house.end().code(), Some(0));
    assert_eq!(manager.count("STOPPING=1"), 1);
    assert_eq!(manager.count("READY=1"), 1);
    // An alarm that changes a hundred times a second changes the line every two seconds at most.
    let lines = manager.words().iter().filter(|word| word.starts_with("STATUS=")).count();
    assert!(lines < 12, "{lines} lines");
}

#[test]
fn a_reload_is_told_with_its_beginning_and_its_end_and_a_refusal_stands_in_the_status() {
    let mut house = House::built(&Plan::default());
    let manager = Manager::starting(&mut house, Command::new(VIGIE));
    house.until_up();
    until_so("it is ready", || manager.count("READY=1") == 1);
    let reload = |number: usize| {
        house.signal(Signal::SIGHUP);
        until_so("the reload is over", || manager.count("READY=1") == number + 1);
        let words = manager.words();
        let begun = words.iter().rposition(|word| word == "RELOADING=1").unwrap();
        let over = words.iter().rposition(|word| word == "READY=1").unwrap();
        assert!(begun < over, "{words:?}");
        // systemd takes a reload without it for failed, and ends the service.
        let token = words.get(begun + 1).and_then(|word| word.strip_prefix("MONOTONIC_USEC="));
        assert!(token.is_some_and(|token| token.parse::<u64>().is_ok()), "{words:?}");
        assert_eq!(manager.count("RELOADING=1"), number);
    };
    house.site.write(&house.configuration.replace("person:karim", "person:karin"));
    reload(1);
    let status = manager.until_status("THE NEW CONFIGURATION IS REFUSED, the old one is in force:");
    assert!(status.contains("`vigie check` shows it"), "{status}");
    house.site.write(&house.configuration);
    reload(2);
    until_so("nothing is refused any more", || {
        manager.status().is_some_and(|status| !status.contains("REFUSED"))
    });
}

#[test]
fn the_watchdog_is_fed_while_the_disk_answers_and_not_while_it_hangs() {
    let mut house = House::built(&Plan::default());
    let manager = Manager::minding(&mut house, Command::new(VIGIE), Some(WITHIN));
    house.until_up();
    let entries = house.journal().len();
    let fed = manager.count("WATCHDOG=1");
    until_so("it is fed", || manager.count("WATCHDOG=1") >= fed + 5);
    assert_eq!(house.journal().len(), entries, "that puts nothing on the record");

    // Nothing happens at the site: the disk alone hangs, once.
    let Some(between) = Between::delaying(&house, "fdatasync", HANGS) else { return };
    until_so("the disk hangs", || manager.longest_silence() >= HANGS * 9 / 10);
    assert!(HANGS * 9 / 10 > WITHIN, "a service manager would have acted");
    between.leave();
    let fed = manager.count("WATCHDOG=1");
    until_so("it is fed again when the disk answers", || manager.count("WATCHDOG=1") >= fed + 5);
    house.verify();
}

#[test]
fn a_disk_that_hangs_while_nothing_happens_is_told_of_and_the_daemon_is_left_to_call() {
    // The watchdog's patience as it would be on a site, in small: a third of it between two proofs, and the disk hangs for longer.
    const PATIENCE: Duration = Duration::from_secs(30);
    let mut house = House::built(&Plan::default());
    let manager = Manager::minding(&mut house, Command::new(VIGIE), Some(PATIENCE));
    house.until_up();
    let takes = PATIENCE + Duration::from_secs(10);
    let Some(between) = Between::delaying(&house, "fdatasync", takes) else { return };
    house.until_alarm("store", "journal", "unacknowledged");
    house.trap(Link::Down, 7);
    house.until_call(MARIE, "Lien 7");
    house.until_alarm("store", "journal", "normal");
    between.leave();
    assert!(manager.longest_silence() < PATIENCE, "a service manager would have ended it");
    house.verify();
}

#[test]
fn a_full_disk_is_no_hung_service_people_are_called_and_it_is_left_to_live() {
    let mut house = House::built(&Plan::default());
    // Past the limit the kernel sends SIGXFSZ, which is not what a full disk does.
    let mut wrapped = Command::new("sh");
    wrapped.args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\"", VIGIE]);
    let manager = Manager::minding(&mut house, wrapped, Some(WITHIN));
    house.until_up();
    Limit.fill(&house);
    house.trap(Link::Down, 7);
    house.until_call(MARIE, "Lien 7");
    house.until_alarm("store", "journal", "unacknowledged");
    manager.until_status("THE RECORD CANNOT BE WRITTEN, people are called from memory");
    let fed = manager.count("WATCHDOG=1");
    until_so("it is fed all the same", || manager.count("WATCHDOG=1") >= fed + 5);
    Limit.make_room(&house);
    house.until_alarm("store", "journal", "normal");
}
