//! What the log hands to journald, at a socket in its place: that `journalctl VIGIE_ALARM=link` tells the story of an alarm, that
//! no secret stands in it, and that a flood does not fill it. journald itself is asked in `.ci/systemd/run`.

use std::cell::RefCell;
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::{UnixDatagram, UnixStream};
use std::path::PathBuf;
use std::process::Command;

use nix::sys::signal::Signal;

use crate::full_disk::may_mount;
use crate::house::{House, until_so};
use crate::people::{KARIM, MARIE};
use crate::programs::{Link, VIGIE, inform};
use crate::site::Plan;

/// What listens in the place of journald.
struct Journald {
    socket: UnixDatagram,
    folder: PathBuf,
    lines: RefCell<Vec<Vec<(String, String)>>>,
}

impl Journald {
    /// Starts the daemon before a journald that reads.
    fn starting(house: &mut House) -> Self {
        let folder = house.site.path().join("journal");
        std::fs::create_dir(&folder).unwrap();
        let socket = UnixDatagram::bind(folder.join("socket")).unwrap();
        socket.set_nonblocking(true).unwrap();
        let journald = Self { socket, folder, lines: RefCell::default() };
        journald.launch(house);
        journald
    }

    /// Starts the daemon as a service of systemd's: its standard error is a stream of the journal, as the environment says, and
    /// where journald listens there is a socket of ours, in a mount namespace of its own.
    fn launch(&self, house: &mut House) {
        let mut wrapped = Command::new("unshare");
        let mount = "mount -t tmpfs none /run && mkdir -p /run/systemd/journal && \
                     mount --bind \"$0\" /run/systemd/journal && exec \"$@\"";
        wrapped.args(["-rm", "sh", "-c", mount]).arg(&self.folder).arg(VIGIE);
        std::fs::write(house.site.log(), "").unwrap();
        let stream = std::fs::metadata(house.site.log()).unwrap();
        wrapped.env("JOURNAL_STREAM", format!("{}:{}", stream.dev(), stream.ino()));
        house.launch(wrapped);
    }

    /// It reads no more, and so much waits for it that the next line waits at its door. Each sender may leave a few only.
    fn hang(&self) {
        let leaves = || {
            let sender = UnixDatagram::unbound().unwrap();
            sender.set_nonblocking(true).unwrap();
            sender.send_to(b"", self.folder.join("socket"))
        };
        while leaves().is_ok() {}
    }

    /// All lines so far that have this field with this value.
    fn about(&self, field: &str, value: &str) -> Vec<Vec<(String, String)>> {
        let mut datagram = vec![0; 64 * 1_024];
        while let Ok(length) = self.socket.recv(&mut datagram) {
            if length > 0 {
                self.lines.borrow_mut().push(fields(&datagram[..length]));
            }
        }
        let has = |line: &&Vec<(String, String)>| of(line, field) == Some(value);
        self.lines.borrow().iter().filter(has).cloned().collect()
    }

    /// Waits until a line about that alarm says so, and gives it.
    fn until_said(&self, alarm: &str, phrase: &str) -> Vec<(String, String)> {
        crate::house::until(&format!("{phrase} of {alarm}"), || {
            let lines = self.about("VIGIE_ALARM", alarm);
            let says = |line: &Vec<(String, String)>| {
                of(line, "MESSAGE").is_some_and(|message| message.starts_with(phrase))
            };
            lines.into_iter().find(says)
        })
    }
}

/// The fields of one line: `NAME=VALUE`, or a name, a length and a value of any bytes.
fn fields(mut datagram: &[u8]) -> Vec<(String, String)> {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let mut fields = Vec::new();
    while let Some(end) = datagram.iter().position(|byte| *byte == b'\n') {
        let (line, rest) = (&datagram[..end], &datagram[end + 1..]);
        if let Some(equals) = line.iter().position(|byte| *byte == b'=') {
            fields.push((text(&line[..equals]), text(&line[equals + 1..])));
            datagram = rest;
        } else {
            let length = u64::from_le_bytes(rest[..8].try_into().unwrap());
            let end = 8 + usize::try_from(length).unwrap();
            fields.push((text(line), text(&rest[8..end])));
            datagram = &rest[end + 1..];
        }
    }
    fields
}

fn of<'a>(line: &'a [(String, String)], name: &str) -> Option<&'a str> {
    line.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str())
}

#[test]
fn journalctl_finds_the_story_of_an_alarm_by_its_name_and_no_secret_in_it() {
    if !may_mount() {
        return;
    }
    let mut house = House::built(&Plan { marie: "2s", ..Plan::default() });
    let journald = Journald::starting(&mut house);
    house.until_up();
    house.trap(Link::Down, 7);
    let opened = journald.until_said("link", "alarm active");
    assert_eq!(of(&opened, "VIGIE_KEY"), Some("7"));
    assert_eq!(of(&opened, "VIGIE_PRIORITY"), Some("high"));
    assert_eq!(of(&opened, "PRIORITY"), Some("5"), "{opened:?}");
    assert_eq!(of(&opened, "SYSLOG_IDENTIFIER"), Some("vigie"));
    let occurrence = of(&opened, "VIGIE_OCCURRENCE").unwrap().to_owned();
    let called = journald.until_said("link", "person called");
    assert_eq!(of(&called, "VIGIE_PERSON"), Some("marie"));
    let call = house.until_call(KARIM, "Lien 7");
    house.text(KARIM, &call.code());
    let taken = journald.until_said("link", "acknowledged");
    assert_eq!(of(&taken, "VIGIE_PERSON"), Some("karim"));
    house.trap(Link::Up, 7);
    journald.until_said("link", "alarm returned");
    house.text(KARIM, &format!("{} FIN", call.code()));
    journald.until_said("link", "confirmed");
    let closed = journald.until_said("link", "occurrence closed");
    assert_eq!(of(&closed, "VIGIE_OCCURRENCE"), Some(occurrence.as_str()));

    let story = journald.about("VIGIE_ALARM", "link");
    let steps: Vec<_> = story.iter().filter_map(|line| of(line, "VIGIE_STEP")).collect();
    assert_eq!(steps, ["1", "2"], "silence escalates: {story:?}");
    assert!(story.iter().all(|line| of(line, "VIGIE_OCCURRENCE") == Some(occurrence.as_str())));
    let said = format!("{:?}", journald.lines.borrow());
    for secret in [call.code().as_str(), "coupé", MARIE] {
        assert!(!said.contains(secret), "{secret}: {said}");
    }
    assert_eq!(house.log(), "", "all of it goes to the journal");
}

/// An alarm comes, its sender hears so, somebody is called, answers, and is heard; then the daemon is told to end, and ends.
fn watches_and_ends(house: &mut House, interface: u32) {
    let answered = inform(&house.site.address, Link::Down, interface, 3, "5").wait().unwrap();
    assert!(answered.success(), "{interface}: {answered}");
    let call = house.until_call(MARIE, &format!("Lien {interface}"));
    house.text(MARIE, &call.code());
    house.until_alarm("link", &interface.to_string(), "acknowledged");
    house.signal(Signal::SIGTERM);
    assert!(house.end().success());
}

#[test]
fn a_journal_that_hangs_silences_nothing_and_keeps_the_daemon_neither_from_ending_nor_from_starting()
 {
    if !may_mount() {
        return;
    }
    let mut house = House::built(&Plan::default());
    let journald = Journald::starting(&mut house);
    house.until_up();
    journald.hang();
    watches_and_ends(&mut house, 7);
    // What waited was given up at the end; it hangs from the first line on.
    journald.hang();
    journald.launch(&mut house);
    house.until_up();
    house.trap(Link::Down, 8);
    house.until_call(MARIE, "Lien 8");
    let opened = journald.until_said("link", "alarm active");
    assert_eq!(of(&opened, "VIGIE_KEY"), Some("8"), "when it reads again it has all: {opened:?}");
    let called = journald.until_said("link", "person called");
    assert_eq!(of(&called, "VIGIE_KEY"), Some("8"));
    house.verify();
}

#[test]
fn a_reader_of_the_log_that_stops_reading_silences_nothing_and_keeps_the_daemon_not_from_ending() {
    let mut house = House::built(&Plan::default());
    let (reader, mut writer) = UnixStream::pair().unwrap();
    writer.set_nonblocking(true).unwrap();
    while writer.write(&[b'x'; 4_096]).is_ok() {}
    writer.set_nonblocking(false).unwrap();
    house.launch_complaining_to(writer);
    house.until_up();
    watches_and_ends(&mut house, 7);
    drop(reader);
}

#[test]
fn a_storm_of_alarms_is_told_in_some_lines_that_say_how_many_are_left_out() {
    let house = House::open(&Plan::default());
    for interface in 0..150 {
        house.trap(Link::Down, interface);
    }
    until_so("all stand", || house.standing().len() >= 150);
    house.until_logged("too many such lines: the next are left out alarm=\"link\"");
    let log = house.log();
    assert_eq!(log.matches("alarm active alarm=link").count(), 100, "{log}");
    let mut interfaces = 1_000..;
    until_so("the first one after the flood says how much was left out", || {
        house.trap(Link::Down, interfaces.next().unwrap());
        let log = house.log();
        let told = log.lines().find(|line| line.contains("such lines were left out alarm="));
        told.is_some_and(|line| {
            line.contains("left_out=") && line.contains("line=\"alarm active\"")
        })
    });
}
