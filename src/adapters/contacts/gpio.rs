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

use super::device::{Device, Gone, LineNumber, Shown, Sight, Wired};
use crate::config::{Bias, LineAt};
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
    request: AsyncFd<Arc<Request>>,
    /// The offset of each line.
    offsets: Vec<Offset>,
    numbers: BTreeMap<Offset, LineNumber>,
    /// When all levels are to be read.
    next: Mono,
    clock: Clock,
}

impl Chip {
    /// Requests these lines of a chip.
    pub(super) async fn open(path: &Path, lines: &[Wired], clock: Clock) -> Result<Self, Gone> {
        let wanted: Vec<(Offset, Bias)> = lines
            .iter()
            .filter_map(|line| match line.line.at {
                LineAt::Gpio { offset, bias } => Some((offset, bias)),
                LineAt::Control(_) | LineAt::Modbus { .. } => None,
            })
            .collect();
        let offsets: Vec<Offset> = wanted.iter().map(|(offset, _)| *offset).collect();
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
        let request = watched.map_err(|error| Gone::now(error.to_string()))?;
        let numbers = offsets.iter().copied().zip(0..).collect();
        let next = clock.now().mono;
        Ok(Self { path: path.to_owned(), request, offsets, numbers, next, clock })
    }

    /// The edges that wait, in the order of their times.
    fn edges(&self) -> Result<Vec<Sight>, Gone> {
        let request = self.request.get_ref();
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
    async fn look(&mut self, due: Option<Mono>) -> Result<Vec<Sight>, Gone> {
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
                ready = self.request.readable() => {
                    // Before they are read: what comes meanwhile makes it ready again.
                    ready.map_err(|error| Gone::now(error.to_string()))?.clear_ready();
                }
                () = tokio::time::sleep(self.clock.until(wake)) => {}
            }
        }
    }

    async fn read(&mut self) -> Result<Vec<Sight>, Gone> {
        let mut sights = self.edges()?;
        let (request, offsets) = (Arc::clone(self.request.get_ref()), self.offsets.clone());
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

/// What the system says, in the operator's words.
fn refusal(path: &Path, error: &gpiocdev::Error) -> String {
    let path = path.display();
    let said = match error {
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
    };
    // The crate names the error of the system by its text alone.
    let is = |errno: Errno| said.contains(&io::Error::from(errno).to_string());
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
        Chip::open(Path::new(path), &lines, Clock::new()).await.expect_err("no chip").reason
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
