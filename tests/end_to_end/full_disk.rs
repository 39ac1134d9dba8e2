//! The disk is full: people are called all the same, nobody is told that their inform was
//! received, and everything is on the record once there is room.

use std::process::Command;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

use crate::house::{House, until, until_so};
use crate::idle::processor;
use crate::people::{KARIM, LEA, MARIE};
use crate::programs::{Link, Said, VIGIE, inform};
use crate::site::Plan;

/// How the disk is filled.
pub(crate) trait Disk {
    fn fill(&self, house: &House);
    fn make_room(&self, house: &House);
    /// The record, by the command line.
    fn journal(&self, house: &House, word: &str) -> Said;
}

/// No file of the daemon's may be longer than one octet any more (setrlimit(2)).
pub(crate) struct Limit;

impl Limit {
    fn set(house: &House, limit: &str) {
        let mut command = Command::new("prlimit");
        command.args(["--pid", &house.pid().to_string(), &format!("--fsize={limit}:")]);
        let said = Said::by(&mut command);
        assert_eq!(said.exit, Some(0), "{said:?}");
    }
}

impl Disk for Limit {
    fn fill(&self, house: &House) {
        Self::set(house, "1");
    }

    fn make_room(&self, house: &House) {
        Self::set(house, "unlimited");
    }

    fn journal(&self, house: &House, word: &str) -> Said {
        house.vigie(&["journal", word])
    }
}

/// A small file system in a mount namespace of the daemon's own.
struct Tmpfs;

impl Disk for Tmpfs {
    /// The daemon's own view of its store, from here.
    fn fill(&self, house: &House) {
        let filler = Self::seen(house).join("filler");
        let mut file = std::fs::File::options().create(true).append(true).open(filler).unwrap();
        let full = loop {
            if let Err(full) = std::io::Write::write_all(&mut file, &[b'x'; 4_096]) {
                break full;
            }
        };
        assert_eq!(full.kind(), std::io::ErrorKind::StorageFull, "{full}");
    }

    fn make_room(&self, house: &House) {
        std::fs::remove_file(Self::seen(house).join("filler")).unwrap();
    }

    fn journal(&self, house: &House, word: &str) -> Said {
        let mut command = Command::new("nsenter");
        command.args(["--target", &house.pid().to_string(), "--user", "--mount"]);
        command.args(["--preserve-credentials", VIGIE, "--config"]);
        Said::by(command.arg(house.site.file()).args(["journal", word]))
    }
}

impl Tmpfs {
    /// Starts the daemon on a file system of that size.
    fn start(house: &mut House, size: &str) {
        let mut wrapped = Command::new("unshare");
        let mount = format!("mount -t tmpfs -o size={size} none \"$0\" && exec \"$@\"");
        wrapped.args(["-rm", "sh", "-c", &mount]);
        wrapped.arg(house.site.store().parent().unwrap()).arg(VIGIE);
        house.launch(wrapped);
        house.until_up();
    }

    fn seen(house: &House) -> std::path::PathBuf {
        let store = house.site.store();
        let inside = store.parent().unwrap().strip_prefix("/").unwrap();
        std::path::Path::new("/proc").join(house.pid().to_string()).join("root").join(inside)
    }
}

/// Whether this machine lets this account mount a small file system of its own.
pub(crate) fn may_mount() -> bool {
    let mut mount = Command::new("unshare");
    let said = Said::by(mount.args(["-rm", "mount", "-t", "tmpfs", "none", "/mnt"]));
    if said.exit != Some(0) {
        println!("skipped: this machine lets nobody mount a small file system: {}", said.err);
    }
    said.exit == Some(0)
}

fn a_full_disk_silences_nobody(house: &House, disk: &impl Disk) {
    house.trap(Link::Down, 101);
    house.until_call(MARIE, "Lien 101");
    disk.fill(house);

    let mut sender = inform(&house.site.address, Link::Down, 107, 600, "0.5");
    let call = house.until_call(MARIE, "Lien 107");
    house.until_call(LEA, "Vigie ne peut plus écrire son journal");
    house.until_alarm("store", "journal", "unacknowledged");
    let status = house.vigie(&["status", "--json"]).json();
    assert_eq!(status["store"]["refuses_writes"], true, "{status}");
    until_so("its repetitions go unanswered, too", || {
        let status = house.vigie(&["status", "--json"]).json();
        let counters = |input: &Value| input["counters"]["unanswered"].as_u64();
        status["inputs"].as_array().unwrap().iter().find_map(counters) >= Some(2)
    });
    assert_eq!(sender.try_wait().unwrap(), None, "an inform is answered when it is on disk");

    house.text(MARIE, &call.code());
    house.until_sms(MARIE, |sms| sms.text.starts_with("Pris en charge"));
    house.until_alarm("link", "107", "acknowledged");
    assert_eq!(house.on_the_sim(), 1, "her answer stays on the SIM until it is on disk");

    disk.make_room(house);
    let answered = until("the inform is answered", || sender.try_wait().unwrap());
    assert!(answered.success());
    house.until_alarm("store", "journal", "normal");
    until_so("her answer is on disk, and off the SIM", || house.on_the_sim() == 0);
    let link = house.alarm("link", "107").unwrap();
    assert_eq!((&link["repeats"], &link["acknowledged_by"]), (&0.into(), &"marie".into()));
    let verified = disk.journal(house, "verify");
    assert_eq!(verified.exit, Some(0), "{verified:?}");
    let record = disk.journal(house, "export").out;
    let record: Vec<Value> =
        record.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let place =
        |word: &str| record.iter().position(|entry| entry["body"].to_string().contains(word));
    let (opened, taken) = (place("Lien 107 coupé").unwrap(), place("Pris en charge par").unwrap());
    assert!(opened < taken, "in the order in which it was decided");
    // The decision that the disk refused is tried again as it is; those after it are marked.
    assert_eq!(record[taken]["distress"], true, "{}", record[taken]);
}

#[test]
fn a_store_that_takes_nothing_silences_nobody_and_what_was_decided_is_written_down_later() {
    let mut house = House::built(&Plan::default());
    // Past the limit the kernel sends SIGXFSZ, which is not what a full disk does.
    let mut wrapped = Command::new("sh");
    wrapped.args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\"", VIGIE]);
    house.launch(wrapped);
    house.until_up();
    a_full_disk_silences_nobody(&house, &Limit);
    house.restart_after_kill();
    assert_eq!(house.alarm("link", "107").unwrap()["acknowledged_by"], "marie");
}

#[test]
fn a_full_file_system_silences_nobody_and_what_was_decided_is_written_down_later() {
    if !may_mount() {
        return;
    }
    let mut house = House::built(&Plan::default());
    Tmpfs::start(&mut house, "1m");
    let short = house.until_alarm("store", "reserve", "unacknowledged");
    assert_eq!(
        short["priority"], "critical",
        "a disk of which nothing can be kept back is nearly full"
    );
    a_full_disk_silences_nobody(&house, &Tmpfs);
}

/// No digest says many things at once: each call is looked for by itself.
const EACH_BY_ITSELF: &str = "[storm]\nmessages = 1000\nreach-within = \"1h\"\n";

#[test]
fn on_a_full_disk_the_record_goes_on_in_the_reserve_and_people_are_told_while_it_lasts() {
    if !may_mount() {
        return;
    }
    let mut house = House::built(&Plan { more: EACH_BY_ITSELF, ..Plan::default() });
    Tmpfs::start(&mut house, "48m");
    let ballast = Tmpfs::seen(&house).join("vigie.db-ballast");
    assert!(ballast.exists());
    house.trap(Link::Down, 1);
    house.until_call(MARIE, "Lien 1");
    Tmpfs.fill(&house);

    for interface in 2..40 {
        let mut sender = inform(&house.site.address, Link::Down, interface, 600, "0.5");
        let answered = until("the inform is answered", || sender.try_wait().unwrap());
        assert!(answered.success(), "what is on disk is told to be");
    }
    house.until_call(MARIE, "Lien 39");
    house.until_call(LEA, "Trop peu de place pour le journal de Vigie");
    house.until_alarm("store", "reserve", "unacknowledged");
    assert!(!ballast.exists());
    let status = house.vigie(&["status", "--json"]).json();
    assert_eq!(status["store"]["short_of_room"], true, "{status}");
    assert_eq!(status["store"]["refuses_writes"], false, "{status}");
    assert!(house.alarm("store", "journal").is_none());
    let said = house.vigie(&["status"]).out;
    assert!(said.contains("SHORT OF ROOM; make room on its disk"), "{said}");

    // Somebody uses up what is left, too: after that it is as if there had been no reserve.
    Tmpfs.fill(&house);
    let mut interfaces = 200..;
    until("the reserve is used up", || {
        house.trap(Link::Down, interfaces.next()?);
        house.alarm("store", "journal")
    });
    // This is a measurement, as in `idle.rs`: who waits for a disk has nothing to do. Five seconds after the last time a reserve would be
    // asked for again, if one were in distress.
    let before = processor(&house);
    std::thread::sleep(Duration::from_secs(10));
    let took = processor(&house) - before;
    assert!(took < 300, "{took} hundredths of a second in ten seconds of distress");
    a_full_disk_silences_nobody(&house, &Tmpfs);
    house.until_alarm("store", "reserve", "normal");
    assert!(ballast.exists(), "it is laid again where there is room again");
}

/// As a service manager does it, within the file system of the daemon's own: it is started again
/// whenever it has died, as long as its pid may be written down.
const AGAIN_AND_AGAIN: &str = "mount -t tmpfs -o size=1m none \"$0\" || exit
    while setpriv --pdeathsig KILL \"$@\" & echo $! > \"$0/../pid\"; do wait; sleep 0.2; done";

/// Kills the daemon itself, not who starts it again.
fn kill_the_daemon(house: &House) {
    let pid = std::fs::read_to_string(house.site.path().join("pid")).unwrap();
    kill(Pid::from_raw(pid.trim().parse().unwrap()), Signal::SIGKILL).unwrap();
    house.release_modem();
}

#[test]
fn a_daemon_that_dies_on_a_full_disk_starts_again_and_goes_on_calling() {
    if !may_mount() {
        return;
    }
    let mut house = House::built(&Plan { marie: "3s", ..Plan::default() });
    let mut wrapped = Command::new("unshare");
    wrapped.args(["-rm", "sh", "-c", AGAIN_AND_AGAIN]);
    wrapped.arg(house.site.store().parent().unwrap()).arg(VIGIE);
    house.launch(wrapped);
    house.until_up();
    house.trap(Link::Down, 1);
    house.until_call(MARIE, "Lien 1");
    Tmpfs.fill(&house);
    kill_the_daemon(&house);

    house.until_call(KARIM, "Lien 1");
    let mut sender = inform(&house.site.address, Link::Down, 7, 600, "0.5");
    house.until_call(MARIE, "Lien 7");
    assert_eq!(sender.try_wait().unwrap(), None, "an inform is answered when it is on disk");
    Tmpfs.make_room(&house);
    assert!(until("the inform is answered", || sender.try_wait().unwrap()).success());
    house.until_alarm("store", "journal", "normal");
    assert_eq!(Tmpfs.journal(&house, "verify").exit, Some(0));
    house.kill();
    kill_the_daemon(&house);
}
