//! A GPIO chip as a device of contacts: the kernel tells each edge with its time and number.
//!
//! A line that is active already when it is requested gives no edge, so levels are read after requesting. They are
//! read again every few seconds, since the removal of a chip wakes nobody, and because a level that is read puts
//! right whatever went by unseen. The kernel's queue has room for [`QUEUE`] edges; what it drops shows as a gap
//! in the numbers. Kernel debounce is not used: what is debounced is the codec's business, on every device alike.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use gpiocdev::Request;
use gpiocdev::line::{self, EdgeDetection, EdgeEvent, EdgeKind, Offset, Value, Values};
use nix::errno::Errno;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use super::device::{Device, Gone, LineNumber, OutputNumber, Shown, Sight, Unset, Wanted, Wired};
use crate::config::{Bias, LineAt, OutputAt, OutputSettings};
use crate::host::aside::aside;
use crate::host::clock::Clock;
use crate::watch::time::Mono;

/// The kernel queues so many edges, which is all that it allows; its own default is 16 a line.
const QUEUE: u32 = 1_024;
/// So many edges are handed out at once at most: the rest waits for its turn.
const AT_ONCE: usize = 1_024;
/// How often all levels are read.
const READ_EVERY: Duration = Duration::from_secs(2);

/// An open chip whose lines are ours.
#[derive(Debug)]
pub(super) struct Chip {
    path: PathBuf,
    /// `None` where no contact is wired to it.
    request: Option<AsyncFd<Arc<Request>>>,
    /// Each output by a request of its own: one that is held by another program leaves the others alone.
    outputs: Vec<Output>,
    /// The offset of each line.
    offsets: Vec<Offset>,
    numbers: BTreeMap<Offset, LineNumber>,
    /// When all levels are to be read.
    next: Mono,
    clock: Clock,
}

/// An output, requested when it is set first.
#[derive(Debug)]
struct Output {
    offset: Option<Offset>,
    request: Option<Arc<Request>>,
}

impl Chip {
    /// Requests these lines of a chip.
    pub(super) async fn open(
        path: &Path,
        lines: &[Wired],
        outputs: &[OutputSettings],
        clock: Clock,
    ) -> Result<Self, Gone> {
        let wanted: Vec<(Offset, Bias)> = lines
            .iter()
            .filter_map(|line| match line.line.at {
                LineAt::Gpio { offset, bias } => Some((offset, bias)),
                LineAt::Control(_) | LineAt::Modbus { .. } => None,
            })
            .collect();
        let offsets: Vec<Offset> = wanted.iter().map(|(offset, _)| *offset).collect();
        let request = match wanted.as_slice() {
            [] => None,
            _ => Some(watched(path, wanted).await?),
        };
        let offset = |output: &OutputSettings| match output.at {
            OutputAt::Gpio(offset) => Some(offset),
            OutputAt::Driven(_) | OutputAt::Coil(_) => None,
        };
        let outputs = outputs.iter().map(offset);
        let outputs = outputs.map(|offset| Output { offset, request: None }).collect();
        let numbers = offsets.iter().copied().zip(0..).collect();
        let next = clock.now().mono;
        Ok(Self { path: path.to_owned(), request, outputs, offsets, numbers, next, clock })
    }

    /// The edges that wait, in the order of their times.
    fn edges(&self) -> Result<Vec<Sight>, Gone> {
        let Some(request) = self.request.as_ref().map(AsyncFd::get_ref) else {
            return Ok(Vec::new());
        };
        let gone = |error: &gpiocdev::Error| Gone::now(refusal(&self.path, error));
        let mut edges = Vec::new();
        while edges.len() < AT_ONCE && request.has_edge_event().map_err(|error| gone(&error))? {
            edges.push(request.read_edge_event().map_err(|error| gone(&error))?);
        }
        edges.sort_by_key(|edge| edge.timestamp_ns);
        Ok(edges.iter().filter_map(|edge| self.sight(edge)).collect())
    }

    fn sight(&self, edge: &EdgeEvent) -> Option<Sight> {
        let bit = match edge.kind {
            EdgeKind::Rising => true,
            EdgeKind::Falling => false,
        };
        let line = *self.numbers.get(&edge.offset)?;
        let at = self.clock.of_kernel(edge.timestamp_ns);
        // The first interface of the kernel does not number edges, and says 0.
        let sequence = (edge.line_seqno != 0).then_some(edge.line_seqno);
        Some(Sight::Edge { line, bit, at, sequence })
    }
}

impl Device for Chip {
    async fn look(&mut self, due: Option<Mono>, wanted: &mut Wanted) -> Result<Vec<Sight>, Gone> {
        loop {
            let edges = self.edges()?;
            let now = self.clock.now().mono;
            if !edges.is_empty() {
                return Ok(edges);
            }
            if self.next <= now {
                return self.read().await;
            }
            if due.is_some_and(|due| due <= now) {
                return Ok(Vec::new());
            }
            let wake = due.map_or(self.next, |due| due.min(self.next));
            tokio::select! {
                biased;
                ready = readable(self.request.as_ref()) => {
                    ready.map_err(|error| Gone::now(error.to_string()))?;
                }
                has_come = wanted.rest(self.clock, wake) => if !has_come {
                    return Ok(Vec::new());
                },
            }
        }
    }

    async fn set(&mut self, output: OutputNumber, bit: bool) -> Result<(), Unset> {
        let output = self.outputs.get_mut(output).and_then(|output| Some((output.offset?, output)));
        let Some((offset, output)) = output else {
            return Err(Unset::Refused("a chip has no such line".to_owned()));
        };
        let value = if bit { Value::Active } else { Value::Inactive };
        let (path, request) = (self.path.clone(), output.request.take());
        let driven = aside(move || drive(&path, offset, request, value)).await;
        match driven.map_err(|error| Unset::Unanswered(error.to_string()))? {
            Ok((request, shown)) => {
                output.request = Some(request);
                if shown == value {
                    return Ok(());
                }
                let (set, shows) = (u8::from(bit), u8::from(!bit));
                Err(Unset::Refused(format!(
                    "line {offset} shows {shows} after it was set to {set}: is it shorted?"
                )))
            }
            // What is refused is requested anew the next time.
            Err(error) => {
                let reason = refusal(&self.path, &error);
                let is_gone = [Errno::ENODEV, Errno::ENOENT]
                    .into_iter()
                    .any(|errno| means(&said(&error), errno));
                Err(if is_gone { Unset::Unanswered(reason) } else { Unset::Refused(reason) })
            }
        }
    }

    async fn read(&mut self) -> Result<Vec<Sight>, Gone> {
        let mut sights = self.edges()?;
        let Some(request) = self.request.as_ref().map(AsyncFd::get_ref) else {
            // Its outputs are read back when they are set: here only whether it is there.
            let path = self.path.clone();
            let there = aside(move || std::fs::metadata(path)).await.and_then(|there| there);
            self.next = self.clock.now().mono.after(READ_EVERY);
            let gone = |_| Gone::now(format!("{} is not there", self.path.display()));
            return there.map(|_| vec![Sight::Read(Vec::new())]).map_err(gone);
        };
        let (request, offsets) = (Arc::clone(request), self.offsets.clone());
        // A chip on a slow bus may take its time, or hang.
        let read = aside(move || {
            let mut values = Values::from_offsets(&offsets);
            request.values(&mut values).map(|()| values)
        });
        let values = read
            .await
            .map_err(|error| Gone::now(error.to_string()))?
            .map_err(|error| Gone::now(refusal(&self.path, &error)))?;
        self.next = self.clock.now().mono.after(READ_EVERY);
        let shown = |offset: &Offset| match values.get(*offset) {
            Some(Value::Active) => Shown::Bit(true),
            Some(Value::Inactive) => Shown::Bit(false),
            None => Shown::Nothing,
        };
        sights.push(Sight::Read(self.offsets.iter().map(shown).collect()));
        Ok(sights)
    }
}

/// Requests lines, and watches for their edges.
async fn watched(path: &Path, wanted: Vec<(Offset, Bias)>) -> Result<AsyncFd<Arc<Request>>, Gone> {
    let owned = path.to_owned();
    let requested = aside(move || request(&owned, &wanted)).await;
    let request = requested
        .map_err(|error| Gone::now(error.to_string()))?
        .map_err(|error| Gone::now(refusal(path, &error)))?;
    #[expect(
        deprecated,
        reason = "its successor is unsafe, and asks for what holds here: the request owns its descriptor for as long as it is registered"
    )]
    let watched = AsyncFd::with_interest(Arc::new(request), Interest::READABLE);
    watched.map_err(|error| Gone::now(error.to_string()))
}

/// Waits until an edge may wait to be read.
async fn readable(request: Option<&AsyncFd<Arc<Request>>>) -> io::Result<()> {
    match request {
        // Before they are read: what comes meanwhile makes it ready again.
        Some(request) => request.readable().await.map(|mut ready| ready.clear_ready()),
        None => std::future::pending().await,
    }
}

/// Drives a line, which is requested so if it was not yet; what it shows then.
fn drive(
    path: &Path,
    offset: Offset,
    request: Option<Arc<Request>>,
    value: Value,
) -> gpiocdev::Result<(Arc<Request>, Value)> {
    let request = match request {
        Some(request) => {
            request.set_value(offset, value)?;
            request
        }
        None => {
            let mut builder = Request::builder();
            builder.on_chip(path).with_consumer("vigie").with_line(offset).as_output(value);
            Arc::new(builder.request()?)
        }
    };
    let shown = request.value(offset)?;
    Ok((request, shown))
}

fn request(path: &Path, lines: &[(Offset, Bias)]) -> gpiocdev::Result<Request> {
    let mut builder = Request::builder();
    builder.on_chip(path).with_consumer("vigie").with_kernel_event_buffer_size(QUEUE);
    for (offset, bias) in lines {
        let bias = match bias {
            Bias::AsIs => None,
            Bias::PullUp => Some(line::Bias::PullUp),
            Bias::PullDown => Some(line::Bias::PullDown),
            Bias::Disabled => Some(line::Bias::Disabled),
        };
        builder
            .with_line(*offset)
            .as_input()
            .with_bias(bias)
            .with_edge_detection(EdgeDetection::BothEdges);
    }
    builder.request()
}

/// What the system says.
fn said(error: &gpiocdev::Error) -> String {
    match error {
        gpiocdev::Error::Uapi(_, error) => error.to_string(),
        gpiocdev::Error::Os(error) => error.to_string(),
        gpiocdev::Error::GpioChip(_, error) => error.to_string(),
        gpiocdev::Error::AbiLimitation(..)
        | gpiocdev::Error::InvalidArgument(_)
        | gpiocdev::Error::NoGpioChips()
        | gpiocdev::Error::NonuniqueLineName(_)
        | gpiocdev::Error::UnexpectedResponse(..)
        | gpiocdev::Error::UnsupportedAbi(..)
        | gpiocdev::Error::NoAbiSupport() => error.to_string(),
    }
}

/// Whether it says this: the crate names the error of the system by its text alone.
fn means(said: &str, errno: Errno) -> bool {
    said.contains(&io::Error::from(errno).to_string())
}

/// What the system says, in the operator's words.
fn refusal(path: &Path, error: &gpiocdev::Error) -> String {
    let (path, said) = (path.display(), said(error));
    let is = |errno: Errno| means(&said, errno);
    if is(Errno::EBUSY) {
        return format!("a line of {path} is held by another program: `gpioinfo` names it");
    }
    if is(Errno::ENODEV) {
        return format!("{path} was unplugged");
    }
    if is(Errno::ENOENT) {
        return format!("{path} is not there");
    }
    if is(Errno::EACCES) || is(Errno::EPERM) {
        return format!("permission denied on {path}: the account needs the group gpio");
    }
    if is(Errno::EINVAL) {
        return format!("{path} does not have one of the lines, or not its `bias`");
    }
    format!("{path} cannot be read as a GPIO chip: {said}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::LineSettings;

    async fn refused(path: &str) -> String {
        let at = LineAt::Gpio { offset: 4, bias: Bias::AsIs };
        let line = LineSettings { at, active_low: false, called: "line 4".to_owned() };
        let lines = [Wired { line, beside: None }];
        Chip::open(Path::new(path), &lines, &[], Clock::new()).await.expect_err("no chip").reason
    }

    async fn outputs_alone(path: &str) -> Chip {
        let output = OutputSettings {
            name: "siren".to_owned(),
            at: OutputAt::Gpio(17),
            active_low: false,
            called: "line 17".to_owned(),
            shows: crate::config::Shows::Alive,
            rest: vigie_contacts::Level::Open,
            rule: vigie_contacts::ShowRule::steady(),
        };
        Chip::open(Path::new(path), &[], &[output], Clock::new())
            .await
            .expect("it is not looked at")
    }

    #[tokio::test]
    async fn a_chip_of_outputs_alone_is_told_as_absent_and_what_is_no_chip_sets_nothing() {
        let mut chip = outputs_alone("/dev/no-such-chip").await;
        assert!(matches!(chip.set(0, true).await, Err(Unset::Unanswered(_))), "it may come");
        assert_eq!(chip.read().await, Err(Gone::now("/dev/no-such-chip is not there")));
        let mut chip = outputs_alone("/dev/null").await;
        assert_eq!(chip.read().await, Ok(vec![Sight::Read(Vec::new())]));
        let Err(Unset::Refused(reason)) = chip.set(0, true).await else { panic!("it is no chip") };
        assert!(reason.contains("/dev/null cannot be read as a GPIO chip: "), "{reason}");
        assert!(matches!(chip.set(1, true).await, Err(Unset::Refused(_))), "there is no other");
    }

    #[tokio::test]
    async fn what_is_absent_or_no_gpio_chip_is_told_as_such() {
        assert_eq!(refused("/dev/no-such-chip").await, "/dev/no-such-chip is not there");
        let said = refused("/dev/null").await;
        assert!(said.starts_with("/dev/null cannot be read as a GPIO chip: "), "{said}");
    }

    #[test]
    fn what_the_system_says_of_a_chip_is_told_in_the_operator_s_words() {
        let path = Path::new("/dev/gpiochip0");
        for (errno, says) in [
            (
                Errno::EBUSY,
                "a line of /dev/gpiochip0 is held by another program: `gpioinfo` names it",
            ),
            (Errno::ENODEV, "/dev/gpiochip0 was unplugged"),
            (
                Errno::EACCES,
                "permission denied on /dev/gpiochip0: the account needs the group gpio",
            ),
            (Errno::EINVAL, "/dev/gpiochip0 does not have one of the lines, or not its `bias`"),
        ] {
            let error = gpiocdev::Error::from(io::Error::from(errno));
            assert_eq!(refusal(path, &error), says);
        }
    }
}
