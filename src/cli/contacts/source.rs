//! Whence what contacts show is had: of the daemon, or of the devices themselves.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::runtime::Runtime;

use crate::adapters::contacts::outputs::Ends;
use crate::adapters::contacts::{Memory, SerialLines, called, run};
use crate::cli::check;
use crate::cli::client::{ask, is_there};
use crate::cli::run::runtime;
use crate::cli::sysexit::Sysexit;
use crate::cli::terminal::Terminal;
use crate::config::ContactsSettings;
use crate::control::contacts::{Seen, Watched, watched};
use crate::control::protocol::{Answer, Request};
use crate::health::{Reading, pulse};
use crate::host::clock::Clock;
use crate::inbox::{Inbox, inbox};
use crate::supervision::Tasks;
use crate::watch::signal::Kind;

/// Whence it is had.
pub(super) enum Source<'c> {
    /// The daemon that these files name.
    Daemon(&'c Path),
    /// The devices of the files, opened by this program.
    Devices(Box<Devices>),
}

pub(super) struct Devices {
    runtime: Runtime,
    inputs: Vec<Reading>,
    /// Each device lives in a task of its own, as in the daemon.
    _tasks: Tasks,
}

impl<'c> Source<'c> {
    pub(super) fn open(
        config: &'c Path,
        socket: &Path,
        terminal: &mut Terminal,
    ) -> Result<Self, Sysexit> {
        if is_there(socket) {
            terminal.complain(format_args!(
                "what the daemon at {} sees; Ctrl-C ends it",
                socket.display()
            ));
            return Ok(Self::Daemon(config));
        }
        let settings = check::settings(config, terminal)?;
        let runtime = runtime().map_err(|error| {
            terminal.complain(format_args!("vigie: the runtime cannot start: {error}"));
            Sysexit::Unavailable
        })?;
        let devices = settings.contacts.len();
        terminal.complain(format_args!(
            "no daemon answers at {}: the {devices} device(s) of {} are opened by this command, and nobody is called; Ctrl-C ends it",
            socket.display(),
            config.display()
        ));
        Ok(Self::Devices(Box::new(Devices::open(runtime, settings.contacts))))
    }

    /// The devices, as soon as they are not as was seen, or when the time is over.
    pub(super) fn look(
        &mut self,
        seen: &Seen,
        hold: Duration,
        terminal: &mut Terminal,
    ) -> Result<Vec<Value>, Sysexit> {
        let told = match self {
            Self::Daemon(config) => {
                let request = Request::Contacts(Watched { seen: seen.clone(), hold });
                match ask(config, &request, terminal)? {
                    Answer::Told(told) => serde_json::from_str(told.get()),
                    Answer::Done(_) | Answer::Refused(_) => return Err(Sysexit::Software),
                }
            }
            Self::Devices(devices) => {
                let views = devices.runtime.block_on(watched(&devices.inputs, seen, hold));
                views.iter().map(serde_json::to_value).collect()
            }
        };
        told.map_err(|_| Sysexit::Software)
    }
}

impl Devices {
    fn open(runtime: Runtime, mut settings: Vec<ContactsSettings>) -> Self {
        let entered = runtime.enter();
        let clock = Clock::new();
        let (inbox, mut letters) = inbox();
        let mut tasks = Tasks::new(inbox.clone(), clock);
        // Nobody decides about what the devices tell here, and no receipt is given: no latch is cleared.
        tasks.essential("letters", async move { while letters.recv().await.is_some() {} });
        let lines = SerialLines::of(&settings);
        // Who watches sets nothing: what is an output stays as it is.
        settings.iter_mut().for_each(|device| device.outputs.clear());
        let begun = settings
            .into_iter()
            .map(|device| begin(&mut tasks, device, Ends::none(), &lines, &inbox, clock));
        let inputs = begun.collect();
        drop(entered);
        Self { runtime, inputs, _tasks: tasks }
    }
}

fn begin(
    tasks: &mut Tasks,
    device: ContactsSettings,
    ends: Ends,
    lines: &SerialLines,
    inbox: &Inbox,
    clock: Clock,
) -> Reading {
    let name = device.name.clone();
    let at = vec![called(&device.device)];
    let (pulse, reading) = pulse(name.clone(), Kind::Contacts, at, clock.now().utc);
    let memory = Arc::new(Memory::on(lines, &device.device));
    let (device, pulse) = (Arc::new(device), Arc::new(pulse));
    let inbox = inbox.clone();
    tasks.adapter(name, move |closing| {
        let (device, pulse, memory) =
            (Arc::clone(&device), Arc::clone(&pulse), Arc::clone(&memory));
        run(device, inbox.clone(), ends.clone(), pulse, memory, clock, closing)
    });
    reading
}
