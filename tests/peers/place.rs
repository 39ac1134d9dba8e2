//! A modem in a folder, and the programs that use it.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;
use tokio::sync::broadcast;
use tokio::task::JoinSet;
use tokio::time::timeout;
use vigie::host::simulated_modem::{Control, SimulatedModem};
use vigie_gsm::simulator::{Profile, Sent};

/// A person's phone.
pub(crate) const MARIE: &str = "+33612345678";
/// Nothing that a test waits for takes so long, unless it never comes.
const LIMIT: Duration = Duration::from_secs(60);
/// How often is looked whether it has come.
const LOOK: Duration = Duration::from_millis(50);

pub(crate) struct Place {
    folder: TempDir,
    device: PathBuf,
    control: Control,
    sent: broadcast::Receiver<Sent>,
    _modem: JoinSet<()>,
}

/// A program that is killed when nobody needs it any more.
pub(crate) struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Place {
    pub(crate) async fn with(profile: Profile) -> Self {
        let modem = SimulatedModem::open(profile).expect("a pseudo-terminal");
        let (device, control) = (modem.device().to_owned(), modem.control());
        let mut driven = JoinSet::new();
        driven.spawn(modem.run());
        let (folder, sent) = (tempfile::tempdir().expect("a folder"), control.sent());
        Self { folder, device, control, sent, _modem: driven }
    }

    pub(crate) fn device(&self) -> String {
        self.device.display().to_string()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn folder(&self, name: &str) {
        std::fs::create_dir(self.path(name)).expect("a folder");
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).expect("a file");
    }

    /// Runs a program to its end, which must be a good one, and gives what it said.
    pub(crate) async fn said(&self, mut command: Command) -> String {
        command.stdin(Stdio::null()).env("LANG", "C.UTF-8").env("HOME", self.folder.path());
        let told = format!("{command:?}");
        let mut running = tokio::process::Command::from(command);
        let output = timeout(LIMIT, running.kill_on_drop(true).output()).await;
        let output = output.unwrap_or_else(|_| panic!("it does not end: {told}"));
        let output = output.unwrap_or_else(|error| panic!("{told}: {error}"));
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said).into_owned();
        assert!(output.status.success(), "{told}: {said}");
        said
    }

    /// Starts a program that goes on.
    pub(crate) fn runs(&self, command: &mut Command) -> Running {
        let log = std::fs::File::create(self.path("daemon.log")).expect("a file");
        let also = log.try_clone().expect("a file");
        command.stdin(Stdio::null()).stdout(log).stderr(also).env("HOME", self.folder.path());
        Running(command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}")))
    }

    /// Somebody sends a text to the SIM.
    pub(crate) async fn deliver(&self, from: &str, text: &str) {
        self.control.deliver(from, text).await.expect("it runs").expect("it fits");
    }

    /// The next text that leaves the modem, and to whom.
    pub(crate) async fn sent(&mut self) -> (String, String) {
        let sent = timeout(LIMIT, self.sent.recv()).await;
        let sent = sent.unwrap_or_else(|_| panic!("nothing leaves\n{}", self.log()));
        let sent = sent.expect("none is missed");
        (sent.to.to_string(), sent.text)
    }

    /// Waits until so many slots of the SIM are in use.
    pub(crate) async fn until_slots(&self, wanted: usize) {
        let reached = async {
            while self.control.with(|modem, _| modem.slots_used()).await != Ok(wanted) {
                tokio::time::sleep(LOOK).await;
            }
        };
        timeout(LIMIT, reached).await.unwrap_or_else(|_| panic!("it stays\n{}", self.log()));
    }

    /// Waits until such a file stands in a folder.
    pub(crate) async fn until_a_file(&self, folder: &str, wanted: impl Fn(&str) -> bool) {
        let there = async {
            loop {
                let files = std::fs::read_dir(self.path(folder)).expect("it is there");
                let mut texts = files.filter_map(|file| {
                    let bytes = std::fs::read(file.ok()?.path()).ok()?;
                    Some(String::from_utf8_lossy(&bytes).into_owned())
                });
                if texts.any(|text| wanted(&text)) {
                    return;
                }
                tokio::time::sleep(LOOK).await;
            }
        };
        timeout(LIMIT, there).await.unwrap_or_else(|_| panic!("it never came\n{}", self.log()));
    }

    fn log(&self) -> String {
        let logs = ["daemon.log", "log"].map(|name| std::fs::read(self.path(name)));
        let logs = logs.into_iter().flatten().collect::<Vec<_>>().concat();
        String::from_utf8_lossy(&logs).into_owned()
    }
}
