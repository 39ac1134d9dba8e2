//! Somebody edits the files, sees what that will change before it does, and reloads. What is under way goes on.

use nix::sys::signal::Signal;

use crate::house::{House, until_so};
use crate::programs::Link;
use crate::site::Plan;

const CHANGE: &str = "escalation `technique`: step 1 calls person:lea instead of person:marie; concerns 2 alarms: door, link";
const NEW: &str = "alarm `door` is new: called by escalation `technique`";

#[test]
fn what_a_reload_changes_is_told_before_in_the_log_and_on_the_record() {
    let house = House::open(&Plan::default());
    let told = house.vigie(&["check", "--against-running"]);
    assert_eq!(told.exit, Some(0), "{}", told.err);
    assert!(told.out.contains("A reload changes nothing in whom alarms call."), "{}", told.out);

    house.trap(Link::Down, 1);
    house.until_alarm("link", "1", "unacknowledged");
    let edited = house.configuration.replacen("person:marie", "person:lea", 1);
    let door = "[alarms.door]\nfrom = [\"snmp\"]\nmatch = { trap = \"1.3.6.1.4.1.9.9.1\" }\n\
                text = \"Porte\"\nescalation = \"technique\"\n";
    house.site.write(&format!("{edited}\n{door}"));
    let told = house.vigie(&["check", "--against-running"]);
    assert_eq!(told.exit, Some(0), "{}", told.err);
    for line in [CHANGE, NEW, "keep the ladder with which they opened"] {
        assert!(told.out.contains(line), "{line}: {}", told.out);
    }
    assert!(!house.log().contains(NEW), "nothing is in force by being looked at");

    house.signal(Signal::SIGHUP);
    until_so("the reload", || house.log().contains("the new configuration is in force"));
    for line in [CHANGE, NEW] {
        house.until_logged(line);
    }
    until_so("the record", || {
        let entries = house.journal();
        let reloaded = entries.iter().find(|entry| entry["kind"] == "reloaded");
        reloaded.is_some_and(|entry| {
            let changes = entry["body"]["event"]["reloaded"]["changes"].as_array();
            changes.is_some_and(|changes| {
                [CHANGE, NEW].iter().all(|line| changes.iter().any(|change| change == line))
            })
        })
    });
    house.trap(Link::Down, 2);
    house.until_alarm("link", "2", "unacknowledged");
    let called = |key: &str| {
        let log = house.log();
        let mut lines = log.lines().filter(|line| line.contains("person called"));
        lines.find(|line| line.contains(key)).map(str::to_owned)
    };
    until_so("the calls", || called("key=\"2\"").is_some());
    assert!(
        called("key=\"1\"").is_some_and(|line| line.contains("person=marie")),
        "{}",
        house.log()
    );
    assert!(called("key=\"2\"").is_some_and(|line| line.contains("person=lea")), "{}", house.log());
    let told = house.vigie(&["check", "--against-running"]);
    assert!(told.out.contains("A reload changes nothing in whom alarms call."), "{}", told.out);
}

#[test]
fn without_a_daemon_there_is_nothing_to_compare_with() {
    let mut house = House::open(&Plan::default());
    house.kill();
    let told = house.vigie(&["check", "--against-running"]);
    assert_eq!(told.exit, Some(69), "{}", told.err);
    assert!(told.err.contains("no daemon answers"), "{}", told.err);
    assert!(told.err.contains("the daemon that runs listens where it was"), "{}", told.err);
}

#[test]
fn what_a_reload_would_refuse_is_told_before() {
    let house = House::open(&Plan::default());
    let store = house.site.path().join("elsewhere.db").display().to_string();
    let old = house.configuration.lines().find(|line| line.starts_with("path")).unwrap();
    house.site.write(&house.configuration.replacen(old, &format!("path = \"{store}\""), 1));
    let told = house.vigie(&["check", "--against-running"]);
    assert_eq!(told.exit, Some(78), "{}{}", told.out, told.err);
    assert!(told.out.contains("A reload is refused: `store.path` is now "), "{}", told.out);
    house.signal(Signal::SIGHUP);
    until_so("the refusal", || house.log().contains("`store.path` is now "));
}

#[test]
fn a_reload_of_files_without_an_end_leaves_the_old_ones_in_force() {
    let house = House::open(&Plan::default());
    let most = || {
        let status = std::fs::read_to_string(format!("/proc/{}/status", house.pid())).unwrap();
        let most = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        most.split_whitespace().next().unwrap().parse::<u64>().unwrap()
    };
    let before = most();
    let folder = house.site.path().join("conf.d");
    std::fs::create_dir_all(&folder).unwrap();
    let hole = std::fs::File::create(folder.join("10-large.toml")).unwrap();
    hole.set_len(100 * 1_024 * 1_024).unwrap();
    nix::unistd::mkfifo(&folder.join("20-pipe.toml"), nix::sys::stat::Mode::S_IRWXU).unwrap();
    std::os::unix::fs::symlink("/dev/zero", folder.join("30-zero.toml")).unwrap();
    house.signal(Signal::SIGHUP);
    until_so("the refusal", || house.log().contains("the file is larger than 4 MiB"));
    until_so("the others", || house.log().matches("it is not a regular file").count() >= 2);
    let grown = most().saturating_sub(before);
    assert!(grown < 24 * 1_024, "{grown} KiB more for files that are refused");
    house.trap(Link::Down, 1);
    house.until_alarm("link", "1", "unacknowledged");
}
