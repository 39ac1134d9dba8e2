//! What the log hands to journald, at a socket in its place: that `journalctl VIGIE_ALARM=link` tells the story of an alarm, that
//! no secret stands in it, and that a flood does not fill it. journald itself is asked in `.ci/systemd/run`.

use std::cell::RefCell;
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::UnixDatagram;
use std::process::Command;

use crate::full_disk::may_mount;
use crate::house::{House, until_so};
use crate::people::{KARIM, MARIE};
use crate::programs::{Link, VIGIE};
use crate::site::Plan;

/// What listens in the place of journald.
struct Journald {
    socket: UnixDatagram,
    lines: RefCell<Vec<Vec<(String, String)>>>,
}

impl Journald {
    /// Starts the daemon as a service of systemd's: its standard error is a stream of the journal, as the environment says, and
    /// where journald listens there is a socket of ours, in a mount namespace of its own.
    fn starting(house: &mut House) -> Self {
        let folder = house.site.path().join("journal");
        std::fs::create_dir(&folder).unwrap();
        let socket = UnixDatagram::bind(folder.join("socket")).unwrap();
        socket.set_nonblocking(true).unwrap();
        let mut wrapped = Command::new("unshare");
        let mount = "mount -t tmpfs none /run && mkdir -p /run/systemd/journal && \
                     mount --bind \"$0\" /run/systemd/journal && exec \"$@\"";
        wrapped.args(["-rm", "sh", "-c", mount]).arg(folder).arg(VIGIE);
        std::fs::write(house.site.log(), "").unwrap();
        let stream = std::fs::metadata(house.site.log()).unwrap();
        wrapped.env("JOURNAL_STREAM", format!("{}:{}", stream.dev(), stream.ino()));
        house.launch(wrapped);
        Self { socket, lines: RefCell::default() }
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

#[test]
fn a_storm_of_alarms_is_told_in_some_lines_that_say_how_many_are_left_out() {
    let house = House::open(&Plan::default());
    for interface in 0..150 {
        house.trap(Link::Down, interface);
    }
    until_so("all stand", || house.standing().len() >= 150);
    let log = house.log();
    assert!(log.contains("too many such lines: the next are left out alarm=\"link\""), "{log}");
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
