//! A house: one daemon, its modem, its site; started, killed and looked at from outside.

use std::cell::RefCell;
use std::fs::OpenOptions;
use std::net::UdpSocket;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use tokio::runtime::Runtime;
use tokio::sync::broadcast::Receiver;
use vigie::host::clock::Clock;
use vigie::host::simulated_modem::{Control, SimulatedModem};
use vigie_gsm::simulator::{Fault, Profile, Sent};

use crate::people::Sms;
use crate::programs::{Link, Said, VIGIE, trap, vigie};
use crate::site::{Plan, Site};

/// Nothing that is waited for takes so long, on however slow a machine.
const LIMIT: Duration = Duration::from_secs(60);

/// Waits until there is something, or fails and says what was waited for.
pub(crate) fn until<T>(what: &str, mut there: impl FnMut() -> Option<T>) -> T {
    let clock = Clock::new();
    let limit = clock.now().mono.after(LIMIT);
    loop {
        if let Some(found) = there() {
            return found;
        }
        assert!(!clock.until(limit).is_zero(), "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Waits until something is so.
pub(crate) fn until_so(what: &str, mut so: impl FnMut() -> bool) {
    until(what, || so().then_some(()));
}

/// A daemon with all that it needs.
pub(crate) struct House {
    pub(crate) site: Site,
    pub(crate) modem: Control,
    /// The modem's own world: it lives on while the daemon is dead.
    runtime: Runtime,
    sent: RefCell<Receiver<Sent>>,
    messages: RefCell<Vec<Sms>>,
    read: usize,
    daemon: Option<Child>,
    pub(crate) configuration: String,
}

impl House {
    /// A site that is built, and whose daemon was not started yet.
    pub(crate) fn built(plan: &Plan) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let profile = Profile { per_message: plan.per_message, slots: 30, ..Profile::instant() };
        let modem = runtime.block_on(async { SimulatedModem::open(profile) }).unwrap();
        let (device, control) = (modem.device().to_owned(), modem.control());
        let sent = control.sent();
        runtime.spawn(modem.run());
        let site = Site::new();
        let configuration = site.configuration(plan, &device);
        site.write(&configuration);
        Self {
            site,
            modem: control,
            runtime,
            sent: RefCell::new(sent),
            messages: RefCell::default(),
            read: 0,
            daemon: None,
            configuration,
        }
    }

    /// A site whose daemon is up.
    pub(crate) fn open(plan: &Plan) -> Self {
        let mut house = Self::built(plan);
        house.start();
        house
    }

    /// Starts the daemon, and waits until its inputs are up.
    pub(crate) fn start(&mut self) {
        self.launch_plain();
        self.until_up();
    }

    /// Starts the daemon without waiting.
    pub(crate) fn launch_plain(&mut self) {
        self.launch(Command::new(VIGIE));
    }

    /// Starts the daemon by this command, to which the words are appended, without waiting.
    pub(crate) fn launch(&mut self, command: Command) {
        self.launch_holding(command, Stdio::null());
    }

    /// Starts the daemon as a service manager does that has opened this socket for it (sd_listen_fds(3)),
    /// without waiting. The shell becomes the daemon, so that the number it hands over is the daemon's.
    pub(crate) fn launch_with(&mut self, socket: UdpSocket) {
        let mut shell = Command::new("/bin/sh");
        let hand_over = r#"exec 3<&0 </dev/null; LISTEN_FDS=1 LISTEN_PID=$$ exec "$0" "$@""#;
        shell.args(["-c", hand_over, VIGIE]);
        self.launch_holding(shell, OwnedFd::from(socket).into());
    }

    /// Starts the daemon with this as its standard error output, without waiting.
    pub(crate) fn launch_complaining_to(&mut self, stderr: UnixStream) {
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", r#"exec "$0" "$@" 2<&0 </dev/null"#, VIGIE]);
        self.launch_holding(shell, OwnedFd::from(stderr).into());
    }

    fn launch_holding(&mut self, mut command: Command, stdin: Stdio) {
        assert!(self.daemon.is_none(), "it runs already");
        let log = OpenOptions::new().create(true).append(true).open(self.site.log()).unwrap();
        command.arg("--config").arg(self.site.file()).arg("run");
        command.stdin(stdin).stdout(log.try_clone().unwrap()).stderr(log);
        self.daemon = Some(command.spawn().unwrap());
    }

    pub(crate) fn until_up(&mut self) {
        until("the inputs are up", || {
            if let Some(ended) = self.daemon.as_mut()?.try_wait().unwrap() {
                panic!("the daemon ended: {ended}");
            }
            let said = self.vigie(&["status", "--json"]);
            let status: Value = serde_json::from_str(&said.out).ok()?;
            let up = |input: &Value| input["state"]["is"] == "up";
            status["inputs"].as_array()?.iter().all(up).then_some(())
        });
    }

    /// Asks for the files to be read anew, and waits until they are in force.
    pub(crate) fn reload(&self) {
        let in_force = || self.log().matches("the new configuration is in force").count();
        let before = in_force();
        self.signal(Signal::SIGHUP);
        until_so("the new files are in force", || in_force() > before);
    }

    /// How an input is, as `vigie status --json` tells it, if it is open.
    pub(crate) fn input(&self, name: &str) -> Option<Value> {
        let status = self.vigie(&["status", "--json"]).json();
        let inputs = status["inputs"].as_array().unwrap();
        inputs.iter().find(|input| input["name"] == name).cloned()
    }

    /// The daemon's process.
    pub(crate) fn pid(&self) -> Pid {
        Pid::from_raw(self.daemon.as_ref().expect("it runs").id().try_into().unwrap())
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill(self.pid(), signal).unwrap();
    }

    /// The power fails: no warning, no last word.
    pub(crate) fn kill(&mut self) {
        let mut daemon = self.daemon.take().expect("it runs");
        daemon.kill().unwrap();
        daemon.wait().unwrap();
        self.release_modem();
    }

    /// Nobody holds the modem's port any more: who did has died.
    pub(crate) fn release_modem(&self) {
        self.runtime.block_on(self.modem.release()).unwrap();
    }

    pub(crate) fn restart_after_kill(&mut self) {
        self.kill();
        self.verify();
        self.start();
    }

    /// The daemon ends by itself, or because it was asked to.
    pub(crate) fn end(&mut self) -> ExitStatus {
        let mut daemon = self.daemon.take().expect("it runs");
        until("the end of the daemon", || daemon.try_wait().unwrap())
    }

    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.site.log()).unwrap_or_default()
    }

    /// Waits until its log has this: a thread of its own writes it.
    pub(crate) fn until_logged(&self, phrase: &str) {
        until_so(phrase, || self.log().contains(phrase));
    }

    /// The command line, run to its end.
    pub(crate) fn vigie(&self, words: &[&str]) -> Said {
        Said::by(&mut vigie(&self.site.file(), words))
    }

    /// What stands, by the command line.
    pub(crate) fn standing(&self) -> Vec<Value> {
        self.vigie(&["alarms", "--json"]).json().as_array().unwrap().clone()
    }

    /// All that ever stood, by the command line.
    pub(crate) fn alarms(&self) -> Vec<Value> {
        self.vigie(&["alarms", "--all", "--json"]).json().as_array().unwrap().clone()
    }

    /// The alarm of that definition and key, if it ever was.
    pub(crate) fn alarm(&self, definition: &str, key: &str) -> Option<Value> {
        let is = |alarm: &Value| alarm["definition"] == definition && alarm["key"] == key;
        self.alarms().into_iter().find(is)
    }

    /// Waits until that alarm is in that state, and gives it.
    pub(crate) fn until_alarm(&self, definition: &str, key: &str, state: &str) -> Value {
        until(&format!("{definition}[{key}] is {state}"), || {
            self.alarm(definition, key).filter(|alarm| alarm["state"] == state)
        })
    }

    /// The record is whole.
    pub(crate) fn verify(&self) {
        let said = self.vigie(&["journal", "verify"]);
        assert_eq!(said.exit, Some(0), "{said:?}");
        assert!(said.out.contains("intact"), "{said:?}");
    }

    /// The entries of the record.
    pub(crate) fn journal(&self) -> Vec<Value> {
        let said = self.vigie(&["journal", "export"]);
        assert_eq!(said.exit, Some(0), "{said:?}");
        said.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Waits until the record says that a message is being sent.
    pub(crate) fn until_attempted(&self) {
        until_so("a message is being sent", || {
            let attempted = |entry: &Value| entry["body"].to_string().contains("attempted");
            self.journal().iter().any(attempted)
        });
    }

    pub(crate) fn trap(&self, link: Link, interface: u32) {
        trap(&self.site.address, link, interface);
    }

    /// Somebody sends a text to the SIM.
    pub(crate) fn text(&self, from: &str, text: &str) {
        self.runtime.block_on(self.modem.deliver(from, text)).unwrap().unwrap();
    }

    /// What was typed at the modem's port, as if by a daemon that then died.
    pub(crate) fn type_into_the_modem(&self, bytes: &'static [u8]) {
        self.runtime.block_on(self.modem.with(|modem, now| modem.receive(bytes, now))).unwrap();
    }

    /// The next message is refused with this `+CMS ERROR`.
    pub(crate) fn refuse_next(&self, error: u16) {
        self.runtime.block_on(self.modem.fail(Fault::Refuse(error))).unwrap();
    }

    pub(crate) fn unplug(&self) {
        self.runtime.block_on(self.modem.unplug()).unwrap();
    }

    pub(crate) fn replug(&self) {
        self.runtime.block_on(self.modem.replug()).unwrap();
    }

    /// So many messages stand on the SIM, or wait for room on it.
    pub(crate) fn on_the_sim(&self) -> usize {
        let count = self.modem.with(|modem, _| modem.slots_used() + modem.held());
        self.runtime.block_on(count).unwrap()
    }

    /// All messages that left the modem so far.
    pub(crate) fn messages(&self) -> Vec<Sms> {
        let mut messages = self.messages.borrow_mut();
        while let Ok(sent) = self.sent.borrow_mut().try_recv() {
            messages.push(Sms { to: sent.to.to_string(), text: sent.text });
        }
        messages.clone()
    }

    /// All messages to one person so far.
    pub(crate) fn messages_to(&self, number: &str) -> Vec<Sms> {
        self.messages().into_iter().filter(|sms| sms.to == number).collect()
    }

    /// The next message that leaves the modem; it must be to this person.
    pub(crate) fn next_sms(&mut self, to: &str) -> Sms {
        let read = self.read;
        let sms = until(&format!("a message to {to}"), || self.messages().get(read).cloned());
        self.read += 1;
        assert_eq!(sms.to, to, "{sms:?}");
        sms
    }

    /// The next messages that leave the modem, to these people in whatever order.
    pub(crate) fn next_of_each<const N: usize>(&mut self, to: [&str; N]) -> [Sms; N] {
        let mut left: Vec<Sms> = Vec::new();
        for _ in to {
            let read = self.read;
            left.push(until("one more message", || self.messages().get(read).cloned()));
            self.read += 1;
        }
        to.map(|number| {
            let place = left.iter().position(|sms| sms.to == number);
            left.remove(place.unwrap_or_else(|| panic!("nothing to {number}: {left:?}")))
        })
    }

    /// The first message to somebody, among all that left, that is so; others may have left.
    pub(crate) fn until_sms(&self, to: &str, so: impl Fn(&Sms) -> bool) -> Sms {
        until(&format!("a certain message to {to}"), || self.messages_to(to).into_iter().find(&so))
    }

    /// The first call to somebody about this.
    pub(crate) fn until_call(&self, to: &str, about: &str) -> Sms {
        self.until_sms(to, |sms| sms.is_call() && sms.text.contains(about))
    }
}

impl Drop for House {
    fn drop(&mut self) {
        if let Some(mut daemon) = self.daemon.take() {
            let _ = daemon.kill();
            let _ = daemon.wait();
        }
        if std::thread::panicking() {
            println!("the daemon's log:\n{}", self.log());
            println!("what left the modem: {:#?}", self.messages());
        }
    }
}
