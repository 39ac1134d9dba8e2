//! A modem in a folder, and the programs that use it.

use std::ffi::OsStr;
use std::io;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;
use tokio::sync::broadcast;
use tokio::task::JoinSet;
use tokio::time::timeout;
use vigie::host::simulated_modem::{Control, SimulatedModem};
use vigie_gsm::simulator::{Modem, Profile, Sent};

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
    /// The modem, and who carries its bytes elsewhere.
    pub(crate) driven: JoinSet<()>,
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
        Self { folder, device, control, sent, driven }
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
    pub(crate) async fn said(&self, command: Command) -> String {
        let ended = self.ended(command).await;
        ended.unwrap_or_else(|error| panic!("{error}\n{}", self.log()))
    }

    /// Runs a program again and again, until its end is a good one and it says what is wanted.
    pub(crate) async fn until_said(
        &self,
        command: impl Fn() -> Command,
        wanted: impl Fn(&str) -> bool,
    ) {
        self.until(|| self.ended(command()), wanted).await;
    }

    /// Asks again and again, until the answer is what is wanted.
    pub(crate) async fn until<Answer: Future<Output = io::Result<String>>>(
        &self,
        ask: impl Fn() -> Answer,
        wanted: impl Fn(&str) -> bool,
    ) {
        let mut last = Err(io::Error::other("nothing was asked"));
        let reached = async {
            loop {
                last = ask().await;
                if last.as_ref().is_ok_and(|answer| wanted(answer)) {
                    return;
                }
                tokio::time::sleep(LOOK).await;
            }
        };
        let reached = timeout(LIMIT, reached).await;
        reached.unwrap_or_else(|_| panic!("the last answer: {last:?}\n{}", self.log()));
    }

    /// Waits for something that must come.
    pub(crate) async fn in_time<Thing>(&self, coming: impl Future<Output = Thing>) -> Thing {
        let came = timeout(LIMIT, coming).await;
        came.unwrap_or_else(|_| panic!("it never came\n{}", self.log()))
    }

    /// Runs a program to its end: what it said, as an error if that is a bad one.
    async fn ended(&self, mut command: Command) -> io::Result<String> {
        command.stdin(Stdio::null()).env("LANG", "C.UTF-8").env("HOME", self.folder.path());
        let told = format!("{command:?}");
        let mut running = tokio::process::Command::from(command);
        let output = timeout(LIMIT, running.kill_on_drop(true).output()).await;
        let output = output.unwrap_or_else(|_| panic!("it does not end: {told}"));
        let output = output.unwrap_or_else(|error| panic!("{told}: {error}"));
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        if output.status.success() {
            return Ok(said);
        }
        Err(io::Error::other(format!("{told}: {said}")))
    }

    /// Starts a program that goes on; what it says is in the file `NAME.log`.
    pub(crate) fn runs(&self, command: &mut Command) -> Running {
        let name = PathBuf::from(command.get_program()).with_extension("log");
        let name = name.file_name().and_then(OsStr::to_str).expect("a name");
        let log = std::fs::File::create(self.path(name)).expect("a file");
        let also = log.try_clone().expect("a file");
        command.stdin(Stdio::null()).stdout(log).stderr(also).env("HOME", self.folder.path());
        Running(command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}")))
    }

    /// A program that kept the device to itself (TIOCEXCL) has ended: the next one may have it.
    pub(crate) async fn release(&self) {
        self.control.release().await.expect("a pseudo-terminal");
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
        self.until_modem(move |modem| modem.slots_used() == wanted).await;
    }

    /// Waits until the modem is so.
    pub(crate) async fn until_modem(
        &self,
        wanted: impl Fn(&Modem) -> bool + Copy + Send + 'static,
    ) {
        let reached = async {
            while self.control.with(move |modem, _| wanted(modem)).await != Ok(true) {
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
        let files = std::fs::read_dir(self.folder.path()).expect("it is there").flatten();
        let logs = files.filter(|file| file.file_name().to_string_lossy().ends_with("log"));
        let texts = logs.filter_map(|log| std::fs::read(log.path()).ok()).collect::<Vec<_>>();
        String::from_utf8_lossy(&texts.concat()).into_owned()
    }
}
