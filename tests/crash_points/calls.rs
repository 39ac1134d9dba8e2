//! Which system calls touch the store or a wire, by the kernel's word on a thread that stands at one (proc(5)).
//!
//! What is read from the store (`pread64`) changes nothing, and is not counted; what is read from a wire is gone from
//! it. The locks and the shared memory of the store die with the daemon by design. The log is no wire.

use std::collections::HashMap;
use std::path::PathBuf;

use nix::libc::{self, c_long};
use nix::unistd::Pid;

/// A system call that touches store or wire.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Call {
    name: &'static str,
    on: &'static str,
}

impl std::fmt::Display for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} on the {}", self.name, self.on)
    }
}

/// Calls on a descriptor that change what it stands for.
const CHANGES: &[(c_long, &str)] = &[
    (libc::SYS_write, "write"),
    (libc::SYS_writev, "writev"),
    (libc::SYS_pwrite64, "pwrite64"),
    (libc::SYS_pwritev, "pwritev"),
    (libc::SYS_fsync, "fsync"),
    (libc::SYS_fdatasync, "fdatasync"),
    (libc::SYS_ftruncate, "ftruncate"),
    (libc::SYS_fallocate, "fallocate"),
    (libc::SYS_sendto, "sendto"),
    (libc::SYS_sendmsg, "sendmsg"),
    (libc::SYS_sendmmsg, "sendmmsg"),
];

/// Calls on a descriptor that take something off a wire.
const TAKES: &[(c_long, &str)] = &[
    (libc::SYS_read, "read"),
    (libc::SYS_readv, "readv"),
    (libc::SYS_recvfrom, "recvfrom"),
    (libc::SYS_recvmsg, "recvmsg"),
    (libc::SYS_recvmmsg, "recvmmsg"),
    (libc::SYS_accept4, "accept4"),
];

/// Calls on a path: the daemon makes them on its store and its control socket alone.
const MOVES: &[(c_long, &str)] = &[
    #[cfg(target_arch = "x86_64")]
    (libc::SYS_unlink, "unlink"),
    #[cfg(target_arch = "x86_64")]
    (libc::SYS_rename, "rename"),
    #[cfg(target_arch = "x86_64")]
    (libc::SYS_link, "link"),
    (libc::SYS_unlinkat, "unlinkat"),
    (libc::SYS_renameat2, "renameat2"),
    (libc::SYS_linkat, "linkat"),
];

/// What the daemon's descriptors stand for.
pub(crate) struct Sight {
    store: PathBuf,
    control: PathBuf,
    /// By the names that the kernel gives them; it never gives one twice.
    sockets: HashMap<PathBuf, Option<&'static str>>,
}

impl Sight {
    /// Of a daemon with this folder for its store and this path for its control socket.
    pub(crate) fn new(store: PathBuf, control: PathBuf) -> Self {
        Self { store, control, sockets: HashMap::new() }
    }

    /// The call at which the thread stands, if it touches store or wire.
    pub(crate) fn touching(&mut self, daemon: Pid, thread: Pid) -> Option<Call> {
        let call = std::fs::read_to_string(format!("/proc/{daemon}/task/{thread}/syscall")).ok()?;
        let mut words = call.split_whitespace();
        let number: c_long = words.next()?.parse().ok()?;
        let named = |calls: &[(c_long, &'static str)]| {
            calls.iter().find(|(known, _)| *known == number).map(|(_, name)| *name)
        };
        if let Some(name) = named(MOVES) {
            return Some(Call { name, on: "files" });
        }
        let name = named(CHANGES).or_else(|| named(TAKES))?;
        let descriptor = words.next()?.trim_start_matches("0x");
        let descriptor = u64::from_str_radix(descriptor, 16).ok()?;
        self.stands_for(daemon, descriptor).map(|on| Call { name, on })
    }

    fn stands_for(&mut self, daemon: Pid, descriptor: u64) -> Option<&'static str> {
        let named = std::fs::read_link(format!("/proc/{daemon}/fd/{descriptor}")).ok()?;
        if named.starts_with(&self.store) {
            let ahead = named.extension().is_some_and(|ending| ending == "db-wal");
            return Some(if ahead { "write-ahead log" } else { "store" });
        }
        if named.starts_with("/dev/pts") {
            return Some("modem");
        }
        let inode = named.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?;
        let known = self.sockets.get(&named).copied();
        known.unwrap_or_else(|| {
            let what = self.socket(daemon, inode);
            self.sockets.insert(named.clone(), what);
            what
        })
    }

    /// What kind of socket it is; those that the daemon's parts have among themselves are none.
    fn socket(&self, daemon: Pid, inode: &str) -> Option<&'static str> {
        let listed = |table: &str, column: usize| {
            let table = std::fs::read_to_string(format!("/proc/{daemon}/net/{table}")).ok()?;
            let line =
                table.lines().find(|line| line.split_whitespace().nth(column) == Some(inode));
            line.map(str::to_owned)
        };
        if listed("udp", 9).or_else(|| listed("udp6", 9)).is_some() {
            return Some("SNMP socket");
        }
        let control = listed("unix", 6)?.ends_with(&*self.control.to_string_lossy());
        control.then_some("control socket")
    }
}
