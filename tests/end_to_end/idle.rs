//! A quiet night costs the machine nothing.

use crate::house::House;
use crate::site::Plan;

/// What the kernel says of the daemon in this file of /proc/PID.
fn proc(house: &House, file: &str) -> String {
    std::fs::read_to_string(format!("/proc/{}/{file}", house.pid())).unwrap()
}

/// Processor time so far, in hundredths of a second (proc(5): utime and stime).
pub(crate) fn processor(house: &House) -> u64 {
    let stat = proc(house, "stat");
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
}

#[test]
fn an_idle_daemon_takes_no_processor_and_little_memory() {
    let house = House::open(&Plan::default());
    // This is a measurement: what is waited for is that nothing happens for five seconds. Five hundredths of a second are a processor's
    // hundredth; on a machine at work a start may still be under way in the first of these.
    let mut measured = Vec::new();
    let is_idle = (0..6).any(|_| {
        let before = processor(&house);
        std::thread::sleep(std::time::Duration::from_secs(5));
        measured.push(processor(&house) - before);
        measured.last() < Some(&5)
    });
    assert!(is_idle, "{measured:?} hundredths of a second in five seconds of idleness each");
    let status = proc(&house, "status");
    // What it holds itself: the pages of the program's file, large in a debug build, are the kernel's to drop.
    let resident = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).unwrap();
    let kibibytes: u64 = resident.trim().trim_end_matches(" kB").parse().unwrap();
    println!(
        "idle: {measured:?} hundredths of a second of processor in 5 s; {kibibytes} KiB of its own"
    );
    assert!(kibibytes < 16 * 1_024, "{kibibytes} KiB");
}
