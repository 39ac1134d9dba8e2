//! The tracer: follows a daemon from system call to system call, counts those that touch its store or a wire, and
//! kills it at the one that it was told.
//!
//! It changes nothing of what it lets pass. It is ptrace(2) itself and not `strace --inject`, which counts for each
//! thread and each kind of call on its own: with two workers and a writer nobody could say which call of the night
//! is its hundredth, and nobody could die right *after* a call.
//!
//! What it kills dies as it would by `kill -9`: the call at whose entry it dies is never made, the call at whose exit
//! it dies has taken effect and its thread never learns that. What else the other threads are in the middle of, the
//! kernel finishes or not, as it likes.

use std::str::FromStr;
use std::thread::JoinHandle;

use nix::errno::Errno;
use nix::libc;
use nix::sys::ptrace::{self, Options};
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

use crate::calls::{Call, Sight};
use crate::house::until_so;

/// A shell that waits to be followed, and then becomes the command that is appended to it.
pub(crate) const WAITS_TO_BE_FOLLOWED: [&str; 2] = ["-c", "kill -STOP $$; exec \"$0\" \"$@\""];

/// Where the daemon dies, among the calls that touch store or wire, from 1.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Point {
    /// The call is never made.
    Before(usize),
    /// The call has taken effect, and the daemon does not know it.
    After(usize),
}

impl Point {
    pub(crate) fn number(self) -> usize {
        match self {
            Self::Before(number) | Self::After(number) => number,
        }
    }
}

impl std::fmt::Display for Point {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Before(number) => write!(f, "before:{number}"),
            Self::After(number) => write!(f, "after:{number}"),
        }
    }
}

impl FromStr for Point {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |number: &str| number.parse().map_err(|error| format!("{text}: {error}"));
        match text.split_once(':') {
            Some(("before", rest)) => Ok(Self::Before(number(rest)?)),
            Some(("after", rest)) => Ok(Self::After(number(rest)?)),
            _ => Err(format!("{text} is neither before:NUMBER nor after:NUMBER")),
        }
    }
}

/// What was seen of a daemon's life.
#[derive(Debug, Default)]
pub(crate) struct Life {
    /// The calls that touched store or wire, in order.
    pub(crate) calls: Vec<Call>,
    /// Whether it was killed at its point; else it ended by itself.
    pub(crate) cut: bool,
}

/// One who follows a daemon, on a thread of its own as ptrace(2) obliges.
pub(crate) struct Tracer(JoinHandle<Life>);

impl Tracer {
    /// Follows a shell that [waits to be followed](WAITS_TO_BE_FOLLOWED), and all that it becomes.
    pub(crate) fn follow(pid: Pid, sight: Sight, point: Option<Point>) -> Self {
        until_so("the shell waits to be followed", || is_stopped(pid));
        let follow = move || Follower::new(pid, sight, point).run();
        Self(std::thread::Builder::new().name("tracer".to_owned()).spawn(follow).unwrap())
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.0.is_finished()
    }

    /// What was seen, once the daemon has ended.
    pub(crate) fn end(self) -> Life {
        self.0.join().unwrap()
    }
}

fn is_stopped(pid: Pid) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // The name in parentheses may hold anything (proc(5)).
    stat.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with('T'))
}

struct Follower {
    daemon: Pid,
    sight: Sight,
    point: Option<Point>,
    life: Life,
    /// Who is in the call after which the daemon dies.
    last: Option<Pid>,
}

impl Follower {
    fn new(daemon: Pid, sight: Sight, point: Option<Point>) -> Self {
        // Whoever stops following leaves nothing behind that would run on unseen.
        let options = Options::PTRACE_O_TRACESYSGOOD
            | Options::PTRACE_O_TRACECLONE
            | Options::PTRACE_O_TRACEEXIT
            | Options::PTRACE_O_EXITKILL;
        ptrace::seize(daemon, options).unwrap_or_else(|error| {
            panic!(
                "ptrace(2) is refused here ({error}); a container needs the capability SYS_PTRACE"
            )
        });
        kill(daemon, Signal::SIGCONT).unwrap();
        Self { daemon, sight, point, life: Life::default(), last: None }
    }

    fn run(mut self) -> Life {
        loop {
            // Of this thread's own: whoever else this program has started is others' business.
            let flags = WaitPidFlag::__WALL | WaitPidFlag::__WNOTHREAD;
            let go_on = match waitpid(Pid::from_raw(-1), Some(flags)).unwrap() {
                WaitStatus::PtraceSyscall(thread) => {
                    self.at_call(thread);
                    if self.life.cut {
                        kill(self.daemon, Signal::SIGKILL).unwrap();
                        return self.life;
                    }
                    ptrace::syscall(thread, None)
                }
                // It is left to end; who started it buries it.
                WaitStatus::PtraceEvent(thread, _, libc::PTRACE_EVENT_EXIT)
                    if thread == self.daemon =>
                {
                    return self.life;
                }
                WaitStatus::PtraceEvent(thread, ..) => ptrace::syscall(thread, None),
                WaitStatus::Stopped(thread, signal) => ptrace::syscall(thread, signal),
                WaitStatus::Exited(..)
                | WaitStatus::Signaled(..)
                | WaitStatus::Continued(_)
                | WaitStatus::StillAlive => Ok(()),
            };
            match go_on {
                // A thread that was killed meanwhile says so next.
                Ok(()) | Err(Errno::ESRCH) => {}
                Err(error) => panic!("a thread cannot go on: {error}"),
            }
        }
    }

    /// A thread stands at the entry or the exit of a call.
    fn at_call(&mut self, thread: Pid) {
        let Ok(stop) = ptrace::syscall_info(thread) else { return };
        match stop.op {
            libc::PTRACE_SYSCALL_INFO_ENTRY => {
                let Some(call) = self.sight.touching(self.daemon, thread) else { return };
                self.life.calls.push(call);
                let number = self.life.calls.len();
                self.life.cut = self.point == Some(Point::Before(number));
                if self.point == Some(Point::After(number)) {
                    self.last = Some(thread);
                }
            }
            libc::PTRACE_SYSCALL_INFO_EXIT => self.life.cut = self.last == Some(thread),
            _ => {}
        }
    }
}
