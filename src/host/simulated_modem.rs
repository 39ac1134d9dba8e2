//! A simulated modem on a real pseudo-terminal, for `vigie demo` and for tests.
//!
//! It only lends the pure simulator of `vigie_gsm` a device and a clock: the daemon opens its path like that of a
//! serial port, and cannot tell the difference. The path stays the same when the modem is unplugged and plugged in
//! again, as under `/dev/serial/by-id`. It is raw from the beginning, and is never hung up but on purpose. Nobody
//! who watches what it sends can hold it up: who is slow misses some of it, and is told so.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;
use tokio::sync::{broadcast, mpsc, oneshot};
use tokio_serial::SerialStream;
use vigie_gsm::pdu::{PduError, Status, StatusReport, TimeStamp};
use vigie_gsm::simulator::{Fault, Instant, Modem, Profile, Sent};

use super::clock::Clock;
use super::serial::{SerialError, SerialLine};

/// So many orders wait at most.
const ORDERS: usize = 64;
/// So many messages that left are kept for who watches.
const SENT: usize = 1_024;
/// Longer than anybody waits.
const FOR_EVER: Duration = Duration::from_secs(1 << 40);

/// A simulated modem, its SIM and its network, on a pseudo-terminal.
#[derive(Debug)]
pub struct SimulatedModem {
    modem: Modem,
    clock: Clock,
    folder: TempDir,
    device: Arc<Path>,
    terminal: Option<Terminal>,
    orders: mpsc::Receiver<Order>,
    control: Control,
}

/// Makes things happen to a simulated modem. A copy is as good as the original.
#[derive(Clone, Debug)]
pub struct Control {
    orders: mpsc::Sender<Order>,
    sent: broadcast::Sender<Sent>,
}

/// The simulated modem is gone: nobody drives it any more.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the simulated modem is not driven any more")]
pub struct Gone;

type Act = Box<dyn FnOnce(&mut Modem, Instant) + Send>;

enum Order {
    /// Something is done to the modem.
    Act(Act),
    /// Its device goes away.
    Unplug(oneshot::Sender<()>),
    /// Its device comes back, under the same path.
    Replug(oneshot::Sender<io::Result<()>>),
    /// Whoever holds its device loses it, and the path is there again at once.
    Release(oneshot::Sender<io::Result<()>>),
}

impl std::fmt::Debug for Order {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Act(_) => "Act",
            Self::Unplug(_) => "Unplug",
            Self::Replug(_) => "Replug",
            Self::Release(_) => "Release",
        })
    }
}

/// Both ends: ours is driven, and the other stays open, since the last one that closes it hangs ours up.
#[derive(Debug)]
struct Terminal {
    ours: SerialLine,
    _theirs: SerialStream,
}

impl SimulatedModem {
    /// A modem that is plugged in; [`Self::run`] drives it. Its messages bear the time of this machine, whatever
    /// the profile's epoch. To be called within a runtime.
    ///
    /// # Errors
    /// When the machine has no pseudo-terminal or no room for a temporary folder.
    pub fn open(mut profile: Profile) -> io::Result<Self> {
        let clock = Clock::new();
        let now = clock.now();
        let uptime = i64::try_from(now.mono.nanos() / 1_000_000_000).unwrap_or(i64::MAX);
        profile.epoch = (now.utc.micros() / 1_000_000).saturating_sub(uptime);
        let folder = TempDir::with_prefix("vigie-modem-")?;
        let device = folder.path().join("modem");
        let (orders, taken) = mpsc::channel(ORDERS);
        let (sent, _) = broadcast::channel(SENT);
        let mut modem = Self {
            modem: Modem::new(profile, instant(clock)),
            clock,
            folder,
            device: Arc::from(device),
            terminal: None,
            orders: taken,
            control: Control { orders, sent },
        };
        modem.plug_in()?;
        Ok(modem)
    }

    /// The path to open; it stays the same when the modem is plugged in again.
    pub fn device(&self) -> &Path {
        &self.device
    }

    /// What makes things happen to it.
    pub fn control(&self) -> Control {
        self.control.clone()
    }

    /// Drives it in real time, until it is dropped.
    pub async fn run(mut self) {
        loop {
            self.advance();
            let pause = self
                .modem
                .deadline()
                .map_or(FOR_EVER, |due| due.saturating_sub(instant(self.clock)));
            tokio::select! {
                order = self.orders.recv() => self.obey(order),
                heard = hear(self.terminal.as_mut()) => match heard {
                    Ok(bytes) => self.modem.receive(&bytes, instant(self.clock)),
                    Err(_) => self.terminal = None,
                },
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    fn advance(&mut self) {
        self.modem.elapse(instant(self.clock));
        for sent in self.modem.take_sent() {
            // Nobody has to watch.
            let _ = self.control.sent.send(sent);
        }
        while let Some(bytes) = self.modem.transmit() {
            // What is said while nobody is plugged in is heard by nobody.
            if let Some(terminal) = &mut self.terminal {
                terminal.ours.say(&bytes);
            }
        }
    }

    fn obey(&mut self, order: Option<Order>) {
        match order {
            Some(Order::Act(act)) => act(&mut self.modem, instant(self.clock)),
            Some(Order::Unplug(done)) => {
                self.unplug();
                let _ = done.send(());
            }
            Some(Order::Replug(done)) => {
                self.unplug();
                self.modem.fail(Fault::Reset { silent: false }, instant(self.clock));
                let plugged = self.plug_in();
                let _ = done.send(plugged);
            }
            Some(Order::Release(done)) => {
                self.unplug();
                let plugged = self.plug_in();
                let _ = done.send(plugged);
            }
            // Our own copy of the control keeps the orders open.
            None => {}
        }
    }

    fn unplug(&mut self) {
        self.terminal = None;
        let _ = std::fs::remove_file(&self.device);
    }

    fn plug_in(&mut self) -> io::Result<()> {
        let (ours, theirs, path) = SerialLine::pair()?;
        let fresh = self.folder.path().join("fresh");
        std::os::unix::fs::symlink(path, &fresh)?;
        std::fs::rename(&fresh, &self.device)?;
        self.terminal = Some(Terminal { ours, _theirs: theirs });
        Ok(())
    }
}

async fn hear(terminal: Option<&mut Terminal>) -> Result<Vec<u8>, SerialError> {
    match terminal {
        Some(terminal) => terminal.ours.hear().await,
        None => std::future::pending().await,
    }
}

fn instant(clock: Clock) -> Instant {
    Duration::from_nanos(clock.now().mono.nanos())
}

impl Control {
    /// Does something to the modem, and says what came of it.
    ///
    /// # Errors
    /// [`Gone`] if nobody drives it.
    pub async fn with<T: Send + 'static>(
        &self,
        act: impl FnOnce(&mut Modem, Instant) -> T + Send + 'static,
    ) -> Result<T, Gone> {
        let (answer, awaited) = oneshot::channel();
        let act = Box::new(move |modem: &mut Modem, now| {
            let _ = answer.send(act(modem, now));
        });
        self.order(Order::Act(act)).await?;
        awaited.await.map_err(|_| Gone)
    }

    /// Somebody sends a text to the SIM: in as many parts as it needs. Says how many.
    ///
    /// # Errors
    /// [`Gone`], or what a number or name as the sender may be complained of.
    pub async fn deliver(&self, from: &str, text: &str) -> Result<Result<usize, PduError>, Gone> {
        let (from, text) = (from.to_owned(), text.to_owned());
        self.with(move |modem, now| modem.deliver(&from, &text, now)).await
    }

    /// The network says what became of a message: the report comes like a message, and takes a slot. Those that a
    /// message asks for come by themselves, as the profile says.
    ///
    /// # Errors
    /// [`Gone`], or what may be complained of the recipient's number.
    pub async fn status_report(
        &self,
        reference: u8,
        to: &str,
        status: u8,
    ) -> Result<Result<(), PduError>, Gone> {
        let to = to.to_owned();
        self.with(move |modem, now| {
            let time =
                TimeStamp::from_unix(0x6000_0000, 0).unwrap_or(TimeStamp::from_octets([0; 7]));
            let report =
                StatusReport::new(reference, to.parse()?, time, time, Status::from_octet(status));
            modem.deliver_raw(report.encode()?.bytes, now);
            Ok(())
        })
        .await
    }

    /// The texts that leave from now on, once the network has all their parts.
    pub fn sent(&self) -> broadcast::Receiver<Sent> {
        self.sent.subscribe()
    }

    /// Something goes wrong.
    ///
    /// # Errors
    /// [`Gone`] if nobody drives it.
    pub async fn fail(&self, fault: Fault) -> Result<(), Gone> {
        self.with(move |modem, now| modem.fail(fault, now)).await
    }

    /// It hears and says nothing, until it is told otherwise.
    ///
    /// # Errors
    /// [`Gone`] if nobody drives it.
    pub async fn silence(&self, silent: bool) -> Result<(), Gone> {
        self.fail(Fault::Mute(if silent { FOR_EVER } else { Duration::ZERO })).await
    }

    /// The modem is pulled out: who has it open is hung up, and its path is gone.
    ///
    /// # Errors
    /// [`Gone`] if nobody drives it.
    pub async fn unplug(&self) -> Result<(), Gone> {
        let (done, awaited) = oneshot::channel();
        self.order(Order::Unplug(done)).await?;
        awaited.await.map_err(|_| Gone)
    }

    /// The modem is plugged in again: it starts anew under the same path, with what stands on its SIM.
    ///
    /// # Errors
    /// [`Gone`] if nobody drives it, or what the machine says when it has no pseudo-terminal left.
    pub async fn replug(&self) -> io::Result<()> {
        let (done, awaited) = oneshot::channel();
        self.order(Order::Replug(done)).await.map_err(io::Error::other)?;
        awaited.await.map_err(|_| io::Error::other(Gone))?
    }

    /// Who had it open has died. The system closes a serial port with its last owner, and forgets that it was held;
    /// here our own copy keeps it open, and all but root would be refused (TIOCEXCL): it gets another terminal under
    /// the same path. The modem notices nothing.
    ///
    /// # Errors
    /// [`Gone`] if nobody drives it, or what the machine says.
    pub async fn release(&self) -> io::Result<()> {
        let (done, awaited) = oneshot::channel();
        self.order(Order::Release(done)).await.map_err(io::Error::other)?;
        awaited.await.map_err(|_| io::Error::other(Gone))?
    }

    async fn order(&self, order: Order) -> Result<(), Gone> {
        self.orders.send(order).await.map_err(|_| Gone)
    }
}
