//! A chip behind its descriptor: in which order it is read, and what is told of one that fails.

use std::collections::VecDeque;
use std::os::fd::RawFd;
use std::os::unix::net::UnixStream;
use std::sync::Mutex;

use tokio::sync::watch;

use super::*;
use crate::config::LineSettings;
use crate::inbox::Closing;

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
    Chip::open(Path::new(path), &[], &[output], Clock::new()).await.expect("it is not looked at")
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
        (Errno::EBUSY, "a line of /dev/gpiochip0 is held by another program: `gpioinfo` names it"),
        (Errno::ENODEV, "/dev/gpiochip0 was unplugged"),
        (Errno::EACCES, "permission denied on /dev/gpiochip0: the account needs the group gpio"),
        (Errno::EINVAL, "/dev/gpiochip0 does not have one of the lines, or not its `bias`"),
    ] {
        let error = gpiocdev::Error::from(io::Error::from(errno));
        assert_eq!(refusal(path, &error), says);
    }
}

/// What a simulated request is asked, and says.
#[derive(Debug)]
enum Says {
    /// No edge waits.
    Nothing,
    /// A signal came to the process while it was asked.
    Interrupted,
    /// This edge waits.
    Edge(EdgeKind, u32),
    /// The chip fails.
    Unplugged,
}

/// Lines of a simulated chip: what is said of edges, one after the other, and how line 4 stands each time it is read.
#[derive(Debug)]
struct Simulated {
    edges: Mutex<VecDeque<Says>>,
    levels: Mutex<VecDeque<gpiocdev::Result<Value>>>,
    ours: UnixStream,
    _theirs: UnixStream,
}

fn fails(errno: Errno) -> gpiocdev::Error {
    gpiocdev::Error::from(io::Error::from(errno))
}

impl AsRawFd for Simulated {
    fn as_raw_fd(&self) -> RawFd {
        self.ours.as_raw_fd()
    }
}

impl Lines for Simulated {
    fn edge_waits(&self) -> gpiocdev::Result<bool> {
        let mut edges = self.edges.lock().unwrap();
        match edges.front() {
            None => Ok(false),
            Some(Says::Edge(..)) => Ok(true),
            Some(Says::Nothing) => {
                edges.pop_front();
                Ok(false)
            }
            Some(Says::Interrupted) => {
                edges.pop_front();
                Err(fails(Errno::EINTR))
            }
            Some(Says::Unplugged) => Err(fails(Errno::ENODEV)),
        }
    }

    fn edge(&self) -> gpiocdev::Result<EdgeEvent> {
        let Some(Says::Edge(kind, line_seqno)) = self.edges.lock().unwrap().pop_front() else {
            panic!("no edge waits");
        };
        Ok(EdgeEvent { timestamp_ns: 1, kind, offset: 4, seqno: line_seqno, line_seqno })
    }

    fn levels(&self, offsets: &[Offset]) -> gpiocdev::Result<Values> {
        let level = self.levels.lock().unwrap().pop_front().expect("no more readings")?;
        let mut values = Values::from_offsets(offsets);
        values.set(4, level);
        Ok(values)
    }
}

/// A chip with line 4, and what wants something of it.
fn chip(
    edges: impl IntoIterator<Item = Says>,
    levels: impl IntoIterator<Item = gpiocdev::Result<Value>>,
) -> (Chip<Simulated>, Wanted, watch::Sender<bool>) {
    let (ours, theirs) = UnixStream::pair().unwrap();
    ours.set_nonblocking(true).unwrap();
    let lines = Simulated {
        edges: Mutex::new(edges.into_iter().collect()),
        levels: Mutex::new(levels.into_iter().collect()),
        ours,
        _theirs: theirs,
    };
    #[expect(deprecated, reason = "as in the adapter")]
    let request = AsyncFd::with_interest(Arc::new(lines), Interest::READABLE).unwrap();
    let (close, closing) = watch::channel(false);
    let (_, signs) = watch::channel(Vec::new());
    let wanted = Wanted { signs, closing: Closing::new(closing) };
    let path = Path::new("/dev/gpiochip-simulated");
    (Chip::with(path, Some(request), vec![4], Vec::new(), Clock::new()), wanted, close)
}

/// Sights without their times.
fn seen(sights: Result<Vec<Sight>, Gone>) -> Result<Vec<String>, String> {
    let in_words = |sight: &Sight| match sight {
        Sight::Read(shown) => format!("{shown:?}"),
        Sight::Edge { line, bit, sequence, .. } => format!("edge {line} {bit} {sequence:?}"),
        other => format!("{other:?}"),
    };
    sights.map(|sights| sights.iter().map(in_words).collect()).map_err(|gone| gone.reason)
}

fn words(of: &[&str]) -> Result<Vec<String>, String> {
    Ok(of.iter().map(ToString::to_string).collect())
}

#[tokio::test]
async fn at_the_start_every_line_is_read_before_any_edge_and_an_interrupted_question_is_no_loss() {
    let edges = [Says::Edge(EdgeKind::Rising, 1), Says::Interrupted, Says::Interrupted];
    let (mut chip, mut wanted, _close) = chip(edges, [Ok(Value::Active)]);
    assert_eq!(
        seen(chip.look(None, &mut wanted).await),
        words(&["[Bit(true)]", "edge 0 true Some(1)"])
    );
    let due = chip.clock.now().mono;
    assert_eq!(seen(chip.look(Some(due), &mut wanted).await), words(&[]));
}

#[tokio::test]
async fn levels_of_which_nobody_knows_whether_they_are_before_or_after_an_edge_are_read_again() {
    let edges = [Says::Nothing, Says::Edge(EdgeKind::Falling, 1)];
    let (mut chip, mut wanted, _close) =
        chip(edges, [Ok(Value::Active), Ok(Value::Active), Ok(Value::Inactive)]);
    assert_eq!(seen(chip.look(None, &mut wanted).await), words(&["[Bit(true)]"]));
    let before = chip.clock.now().mono;
    assert_eq!(seen(chip.read().await), words(&["edge 0 false Some(1)"]), "and no level");
    let until = chip.shown_until(Mono::from_nanos(u64::MAX));
    assert!(before <= until && until <= chip.clock.now().mono, "time ends with what was handed in");
    assert_eq!(seen(chip.read().await), words(&["[Bit(false)]"]));
}

#[tokio::test]
async fn edges_that_came_before_a_chip_fails_are_handed_in_before_it_is_gone() {
    let gone = Err("/dev/gpiochip-simulated was unplugged".to_owned());
    let edges = [Says::Nothing, Says::Edge(EdgeKind::Falling, 1), Says::Unplugged];
    let (mut first, mut wanted, _close) = chip(edges, [Ok(Value::Active)]);
    assert_eq!(seen(first.look(None, &mut wanted).await), words(&["[Bit(true)]"]));
    assert_eq!(seen(first.look(None, &mut wanted).await), words(&["edge 0 false Some(1)"]));
    assert_eq!(seen(first.look(None, &mut wanted).await), gone);

    let edges = [Says::Nothing, Says::Edge(EdgeKind::Falling, 1)];
    let levels = [Ok(Value::Active), Err(fails(Errno::ENODEV))];
    let (mut second, mut wanted, _close) = chip(edges, levels);
    assert_eq!(seen(second.look(None, &mut wanted).await), words(&["[Bit(true)]"]));
    assert_eq!(seen(second.read().await), words(&["edge 0 false Some(1)"]));
    assert_eq!(seen(second.look(None, &mut wanted).await), gone);
}
