//! A GPIO chip as a device of contacts: the kernel tells each edge with its time and number.
//!
//! A line that is active already when it is requested gives no edge, so levels are read after requesting. They are
//! read again every few seconds, since the removal of a chip wakes nobody, and because a level that is read puts
//! right whatever went by unseen. The kernel's queue has room for [`QUEUE`] edges; what it drops shows as a gap
//! in the numbers. Kernel debounce is not used: what is debounced is the codec's business, on every device alike.
//!
//! Levels are read before the edges that wait are taken: where edges came meanwhile, nobody knows which of them the levels show, and
//! they are read again at the next look. A chip that hangs is given up after ten seconds; its handle stays with the thread that hangs.

mod words;

use std::collections::BTreeMap;
use std::io;
use std::os::fd::AsRawFd;
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
use crate::host::aside::aside_at;
use crate::host::clock::{Clock, KernelTime};
use crate::watch::time::Mono;
use words::{means, refusal, said};

/// The kernel queues so many edges, which is all that it allows; its own default is 16 a line.
const QUEUE: u32 = 1_024;
/// So many edges are handed out at once at most: the rest waits for its turn.
const AT_ONCE: usize = 1_024;
/// How often all levels are read.
const READ_EVERY: Duration = Duration::from_secs(2);

/// What is asked of lines that were requested. Every error is the kernel's: the chip is gone, or refuses.
pub(super) trait Lines: AsRawFd + Send + Sync + 'static {
    /// Whether an edge waits.
    fn edge_waits(&self) -> gpiocdev::Result<bool>;
    /// The edge that waits.
    fn edge(&self) -> gpiocdev::Result<EdgeEvent>;
    /// How these lines stand; may keep the thread waiting, where the chip is on a slow bus.
    fn levels(&self, offsets: &[Offset]) -> gpiocdev::Result<Values>;
}

impl Lines for Request {
    fn edge_waits(&self) -> gpiocdev::Result<bool> {
        self.has_edge_event()
    }

    fn edge(&self) -> gpiocdev::Result<EdgeEvent> {
        self.read_edge_event()
    }

    fn levels(&self, offsets: &[Offset]) -> gpiocdev::Result<Values> {
        let mut values = Values::from_offsets(offsets);
        self.values(&mut values).map(|()| values)
    }
}

/// An open chip whose lines are ours.
#[derive(Debug)]
pub(super) struct Chip<L: Lines = Request> {
    path: PathBuf,
    /// `None` where no contact is wired to it.
    request: Option<AsyncFd<Arc<L>>>,
    /// Each output by a request of its own: one that is held by another program leaves the others alone.
    outputs: Vec<Output>,
    /// The offset of each line.
    offsets: Vec<Offset>,
    numbers: BTreeMap<Offset, LineNumber>,
    /// When all levels are to be read.
    next: Mono,
    /// Whether every line was handed in once.
    was_read: bool,
    /// Just before the edges that wait were taken last.
    taken: Mono,
    /// Why it is gone, where edges that were taken before are handed in first.
    gone: Option<Gone>,
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
        Ok(Self::with(path, request, offsets, outputs, clock))
    }
}

impl<L: Lines> Chip<L> {
    fn with(
        path: &Path,
        request: Option<AsyncFd<Arc<L>>>,
        offsets: Vec<Offset>,
        outputs: Vec<Output>,
        clock: Clock,
    ) -> Self {
        let numbers = offsets.iter().copied().zip(0..).collect();
        let (now, path) = (clock.now().mono, path.to_owned());
        let (next, taken, was_read, gone) = (now, now, false, None);
        Self { path, request, outputs, offsets, numbers, next, was_read, taken, gone, clock }
    }

    /// The edges that wait, in the order of their times. What was taken before the chip failed is handed in; then it is gone.
    fn edges(&mut self) -> Result<Vec<Sight>, Gone> {
        if let Some(gone) = self.gone.take() {
            return Err(gone);
        }
        self.taken = self.clock.now().mono;
        let Some(request) = self.request.as_ref().map(AsyncFd::get_ref) else {
            return Ok(Vec::new());
        };
        let mut edges = Vec::new();
        while edges.len() < AT_ONCE {
            match next_edge(request.as_ref()) {
                Ok(Some(edge)) => edges.push(edge),
                Ok(None) => break,
                Err(error) => {
                    self.gone = Some(Gone::now(refusal(&self.path, &error)));
                    break;
                }
            }
        }
        if edges.is_empty() {
            return self.gone.take().map_or(Ok(Vec::new()), Err);
        }
        edges.sort_by_key(|edge| edge.timestamp_ns);
        let times = self.clock.of_kernel();
        Ok(edges.iter().filter_map(|edge| self.sight(edge, times)).collect())
    }

    fn sight(&self, edge: &EdgeEvent, times: KernelTime) -> Option<Sight> {
        let bit = match edge.kind {
            EdgeKind::Rising => true,
            EdgeKind::Falling => false,
        };
        let line = *self.numbers.get(&edge.offset)?;
        let at = times.at(edge.timestamp_ns);
        Some(Sight::Edge { line, bit, at, sequence: Some(edge.line_seqno) })
    }

    /// How all lines stand.
    async fn levels(&self, request: Arc<L>) -> Result<Sight, Gone> {
        let offsets = self.offsets.clone();
        // A chip on a slow bus may take its time, or hang.
        let read = aside_at(&self.path, move || request.levels(&offsets)).await;
        let values = read
            .map_err(|late| Gone::now(format!("{}: {late}", self.path.display())))?
            .map_err(|error| Gone::now(refusal(&self.path, &error)))?;
        let shown = |offset: &Offset| match values.get(*offset) {
            Some(Value::Active) => Shown::Bit(true),
            Some(Value::Inactive) => Shown::Bit(false),
            None => Shown::Nothing,
        };
        Ok(Sight::Read(self.offsets.iter().map(shown).collect()))
    }

    /// Whether the chip is there at all: its outputs are read back when they are set.
    async fn there(&self) -> Result<Vec<Sight>, Gone> {
        let path = self.path.clone();
        let there = aside_at(&self.path, move || std::fs::metadata(path)).await;
        let named = self.path.display();
        there
            .map_err(|late| Gone::now(format!("{named}: {late}")))?
            .map(|_| vec![Sight::Read(Vec::new())])
            .map_err(|_| Gone::now(format!("{named} is not there")))
    }
}

/// The edge that waits, if one does. A signal that comes to this process is none, and no loss.
fn next_edge(lines: &impl Lines) -> gpiocdev::Result<Option<EdgeEvent>> {
    match lines.edge_waits() {
        Ok(true) => lines.edge().map(Some),
        Ok(false) => Ok(None),
        Err(error) if means(&said(&error), Errno::EINTR) => Ok(None),
        Err(error) => Err(error),
    }
}

impl<L: Lines> Device for Chip<L> {
    async fn look(&mut self, due: Option<Mono>, wanted: &mut Wanted) -> Result<Vec<Sight>, Gone> {
        loop {
            if !self.was_read {
                return self.read().await;
            }
            let edges = self.edges()?;
            if !edges.is_empty() {
                return Ok(edges);
            }
            if self.next <= self.taken {
                return self.read().await;
            }
            if due.is_some_and(|due| due <= self.taken) {
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
        let driven = aside_at(&self.path, move || drive(&path, offset, request, value)).await;
        match driven.map_err(|late| Unset::Unanswered(late.to_string()))? {
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
        let Some(request) = self.request.as_ref().map(AsyncFd::get_ref).map(Arc::clone) else {
            let there = self.there().await;
            self.taken = self.clock.now().mono;
            (self.next, self.was_read) = (self.taken.after(READ_EVERY), true);
            return there;
        };
        let levels = self.levels(request).await;
        let edges = self.edges()?;
        match levels {
            // What was taken before it failed is handed in first.
            Err(gone) if edges.is_empty() => Err(gone),
            Err(gone) => {
                self.gone = Some(gone);
                Ok(edges)
            }
            // At the start the levels come first, whatever came meanwhile: the last edge says how a line stands.
            Ok(levels) if edges.is_empty() || !self.was_read => {
                (self.next, self.was_read) = (self.taken.after(READ_EVERY), true);
                Ok([levels].into_iter().chain(edges).collect())
            }
            Ok(_) => Ok(edges),
        }
    }

    fn shown_until(&self, _now: Mono) -> Mono {
        self.taken
    }
}

/// Requests lines, and watches for their edges.
async fn watched(path: &Path, wanted: Vec<(Offset, Bias)>) -> Result<AsyncFd<Arc<Request>>, Gone> {
    let owned = path.to_owned();
    let requested = aside_at(path, move || request(&owned, &wanted)).await;
    let request = requested
        .map_err(|late| Gone::now(format!("{}: {late}", path.display())))?
        .map_err(|error| Gone::now(refusal(path, &error)))?;
    #[expect(
        deprecated,
        reason = "its successor is unsafe, and asks for what holds here: the request owns its descriptor for as long as it is registered"
    )]
    let watched = AsyncFd::with_interest(Arc::new(request), Interest::READABLE);
    watched.map_err(|error| Gone::now(error.to_string()))
}

/// Waits until an edge may wait to be read.
async fn readable<L: Lines>(request: Option<&AsyncFd<Arc<L>>>) -> io::Result<()> {
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

#[cfg(test)]
mod tests;
