//! What the kernel says: of this machine, of the programs that run on it, and of one of them.

use std::time::Duration;

/// A hundredth of a second: proc(5) counts in these on every Linux that Vigie runs on.
const TICK: Duration = Duration::from_millis(10);

/// The machine, in a line.
pub(crate) fn described() -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let load = read("/proc/loadavg");
    let load = load.split_whitespace().next().unwrap_or("?").to_owned();
    let information = read("/proc/cpuinfo");
    let model =
        information.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let model = model.map_or("processor unknown", |(_, model)| model);
    format!("{cores} cores ({model}); load average before the run {load}")
}

/// How much processor time was used: by everybody, and by this bench and those it started.
pub(crate) struct Use {
    all: Duration,
    busy: Duration,
    ours: Duration,
}

impl Use {
    pub(crate) fn now() -> Self {
        let stat = read("/proc/stat");
        let ticks: Vec<u32> = stat
            .lines()
            .next()
            .expect("the line of all processors")
            .split_whitespace()
            .skip(1)
            .filter_map(|field| u32::try_from(field.parse::<u64>().ok()?).ok())
            .collect();
        // user, nice, system, idle, iowait, irq, softirq, steal: what the host took counts as busy.
        let all: u32 = ticks.iter().take(8).sum();
        let idle = ticks[3] + ticks[4];
        // utime, stime, and those of children that have ended (all of ours have, between parts).
        let own = stat_of("self");
        let ours: u64 = own[11..15].iter().sum();
        Self { all: TICK * all, busy: TICK * (all - idle), ours: TICK * ours as u32 }
    }

    /// Which share of the machine others had since then.
    pub(crate) fn others_since(&self, before: &Self) -> f64 {
        let busy = self.busy.saturating_sub(before.busy);
        let others = busy.saturating_sub(self.ours.saturating_sub(before.ours));
        others.as_secs_f64() / self.all.saturating_sub(before.all).as_secs_f64().max(0.01)
    }
}

/// A running program, or `self`, as the kernel counts it.
#[derive(Clone)]
pub(crate) struct Program(pub(crate) String);

impl Program {
    pub(crate) fn own() -> Self {
        Self("self".to_owned())
    }

    /// Processor time so far.
    pub(crate) fn processor(&self) -> Duration {
        let fields = stat_of(&self.0);
        TICK * (fields[11] + fields[12]) as u32
    }

    /// Processor time so far to the nanosecond, and how often a thread of it slept and was woken;
    /// of the threads that live.
    pub(crate) fn threads(&self) -> (Duration, u64) {
        let folder = format!("/proc/{}/task", self.0);
        let mut sum = (Duration::ZERO, 0);
        for thread in std::fs::read_dir(folder).expect("a program that runs").flatten() {
            let path = thread.path();
            let ran = read(&path.join("schedstat").display().to_string());
            let ran = ran.split_whitespace().next().and_then(|word| word.parse().ok()).unwrap_or(0);
            sum.0 += Duration::from_nanos(ran);
            sum.1 += field(
                &read(&path.join("status").display().to_string()),
                "voluntary_ctxt_switches:",
            );
        }
        sum
    }

    /// Resident memory in MiB: now, and the most there ever was.
    pub(crate) fn memory(&self) -> (f64, f64) {
        let status = read(&format!("/proc/{}/status", self.0));
        let mib = |name| field(&status, name) as f64 / 1_024.0;
        (mib("VmRSS:"), mib("VmHWM:"))
    }
}

fn field(status: &str, name: &str) -> u64 {
    let line = status.lines().find_map(|line| line.strip_prefix(name)).expect(name);
    line.split_whitespace().next().and_then(|word| word.parse().ok()).expect(name)
}

/// The numbers of /proc/PID/stat behind the name: [11] is utime.
fn stat_of(program: &str) -> Vec<u64> {
    let stat = read(&format!("/proc/{program}/stat"));
    let (_, fields) = stat.rsplit_once(')').expect("a name in parentheses");
    // The state is a letter and a few others are negative: they count as 0 here.
    fields.split_whitespace().map(|field| field.parse().unwrap_or(0)).collect()
}

fn read(path: &str) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}
