//! What is looked at every few seconds, from outside: the kernel's word on the process, the daemon's own on its tasks, and the size of
//! the store.

use std::collections::HashMap;
use std::path::Path;

use nix::unistd::Pid;
use rusqlite::{Connection, OpenFlags};

use crate::house::House;
use crate::site::Site;

/// One look.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sample {
    /// Seconds since the daemon was started.
    pub(crate) at: f64,
    /// Resident memory in KiB, what of it is the daemon's own and no page of a file, and the most there ever was of all.
    pub(crate) rss: f64,
    pub(crate) own: f64,
    pub(crate) peak: f64,
    pub(crate) descriptors: f64,
    pub(crate) threads: f64,
    /// Tasks inside the daemon that have not ended.
    pub(crate) tasks: f64,
    /// Bytes of the store's file, of what of it is in use, and of its log.
    pub(crate) store: f64,
    pub(crate) used: f64,
    pub(crate) wal: f64,
    pub(crate) entries: f64,
    /// The entry behind which the record begins.
    pub(crate) let_go: f64,
    pub(crate) standing: f64,
    pub(crate) owed: f64,
}

impl Sample {
    /// A look now; `None`, where the daemon does not answer in time.
    pub(crate) fn now(house: &House, site: &Site) -> Option<Self> {
        let told = house.vigie(&["metrics"])?;
        let mut numbers: HashMap<&str, f64> = HashMap::new();
        for line in told.lines().filter(|line| !line.starts_with('#')) {
            let Some((name, number)) = line.rsplit_once(' ') else { continue };
            let name = name.split('{').next().unwrap_or(name);
            *numbers.entry(name).or_default() += number.parse().unwrap_or(0.0);
        }
        let number = |name: &str| numbers.get(name).copied().unwrap_or(f64::NAN);
        let [rss, own, peak, threads] =
            kernel(house.pid, ["VmRSS:", "RssAnon:", "VmHWM:", "Threads:"]);
        let (used, let_go) = inside(&site.store()).ok()?;
        Some(Self {
            at: house.began.elapsed().as_secs_f64(),
            rss,
            own,
            peak,
            threads,
            descriptors: std::fs::read_dir(format!("/proc/{}/fd", house.pid)).ok()?.count() as f64,
            tasks: number("vigie_tasks"),
            store: size(&site.store()),
            used,
            wal: size(&site.path().join("store/vigie.db-wal")),
            entries: number("vigie_journal_entries_total"),
            let_go,
            standing: number("vigie_alarms"),
            owed: number("vigie_notifications_owed"),
        })
    }
}

fn kernel<const N: usize>(pid: Pid, names: [&str; N]) -> [f64; N] {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    names.map(|name| {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let word = line.and_then(|line| line.split_whitespace().next());
        word.and_then(|word| word.parse().ok()).unwrap_or(f64::NAN)
    })
}

fn size(file: &Path) -> f64 {
    std::fs::metadata(file).map_or(0.0, |file| file.len() as f64)
}

/// How much of the store is in use, and what it has let go of.
fn inside(store: &Path) -> rusqlite::Result<(f64, f64)> {
    let store = Connection::open_with_flags(store, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    store.busy_timeout(std::time::Duration::from_secs(5))?;
    let pragma = |name: &str| store.pragma_query_value(None, name, |row| row.get::<_, f64>(0));
    let pages = pragma("page_count")? - pragma("freelist_count")?;
    let let_go = store.query_row("SELECT seq FROM checkpoint", (), |row| row.get::<_, i64>(0));
    Ok((pages * pragma("page_size")?, let_go.unwrap_or(0) as f64))
}
