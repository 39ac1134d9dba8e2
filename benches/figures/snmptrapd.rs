//! net-snmp's snmptrapd, on the loopback, writing a log file and doing nothing else: no MIBs, no look-up of names, no
//! programs. What it has written it does not sync.
//!
//! Its socket is opened here and handed over as a service manager would (`LISTEN_FDS`), so that its receive buffer is the
//! one that Vigie asks for, whatever `net.core.rmem_max` is.

use std::net::UdpSocket;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::sys::socket::{getsockopt, setsockopt, sockopt};
use nix::unistd::Pid;
use tempfile::TempDir;

use crate::machine::Program;
use crate::{engine, informs};

const BINARY: &str = "/usr/sbin/snmptrapd";
/// What Vigie asks for.
const BUFFER: usize = 8 * 1_024 * 1_024;
/// Longer than a start takes.
const LIMIT: Duration = Duration::from_secs(30);

/// A running snmptrapd; killed when it is dropped.
pub(crate) struct Snmptrapd {
    child: Child,
    pub(crate) program: Program,
    pub(crate) address: String,
    /// The receive buffer that the kernel granted.
    pub(crate) buffer: usize,
    folder: TempDir,
}

impl Snmptrapd {
    /// One that takes informs; or why there is none.
    pub(crate) fn open() -> Result<Self, String> {
        if !Path::new(BINARY).exists() {
            return Err("apt-get install snmptrapd".to_owned());
        }
        let folder = engine::folder();
        let place = folder.path().display();
        std::fs::write(folder.path().join("trapd.conf"), "disableAuthorization yes\n")
            .expect("room for a file");
        let socket = UdpSocket::bind("127.0.0.1:0").expect("a free port");
        if setsockopt(&socket, sockopt::RcvBufForce, &BUFFER).is_err() {
            setsockopt(&socket, sockopt::RcvBuf, &BUFFER).expect("a buffer");
        }
        let buffer = getsockopt(&socket, sockopt::RcvBuf).expect("a buffer");
        let address = socket.local_addr().expect("a port").to_string();
        // The shell becomes the daemon, so that the number that it hands over is the daemon's.
        let command = format!(
            "exec 3<&0 </dev/null; LISTEN_FDS=1 LISTEN_PID=$$ exec {BINARY} -f -C -c {place}/trapd.conf -n -On -m '' -M '' \
             -Lf {place}/log udp:{address}"
        );
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", &command]).env("SNMP_PERSISTENT_DIR", folder.path());
        shell.env("SNMPCONFPATH", folder.path());
        shell.stdin(Stdio::from(OwnedFd::from(socket))).stdout(Stdio::null()).stderr(Stdio::null());
        let child = shell.spawn().map_err(|error| error.to_string())?;
        let program = Program(child.id().to_string());
        let mut peer = Self { child, program, address, buffer, folder };
        let began = Instant::now();
        while !peer.has_started() {
            if let Ok(Some(ended)) = peer.child.try_wait() {
                return Err(format!("it ended: {ended}"));
            }
            if began.elapsed() > LIMIT {
                return Err("it writes no log".to_owned());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        // The first inform that is answered shows that it listens.
        informs::Sender::to(&peer.address);
        Ok(peer)
    }

    fn has_started(&self) -> bool {
        std::fs::metadata(self.log()).is_ok_and(|log| log.len() > 0)
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    /// How many octets it has logged.
    pub(crate) fn logged(&self) -> u64 {
        std::fs::metadata(self.log()).map_or(0, |log| log.len())
    }

    /// Ends it, and counts the lines of its log in which this stands.
    pub(crate) fn close(mut self, wanted: &str) -> u64 {
        let pid = Pid::from_raw(i32::try_from(self.child.id()).expect("a process number"));
        kill(pid, Signal::SIGTERM).expect("our own child");
        let _ = self.child.wait();
        let log = std::fs::read_to_string(self.log()).expect("a log");
        log.lines().filter(|line| line.contains(wanted)).count() as u64
    }
}

impl Drop for Snmptrapd {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
