//! The writer: one thread that writes the log, so that a log which hangs keeps nobody else waiting.
//!
//! Who has something to say leaves it in a queue and goes on at once. The queue is bounded, by lines and by octets; what finds no room
//! in it is lost, and in its place stands how many lines that were, once the log takes lines again. What is written stays in its
//! order. When the process ends, what waits is written, and a log that takes nothing is not waited for longer than [`PATIENCE`].
//!
//! # Decision (2026-11-28): a queue under a lock
//!
//! It is locked for a look, and never while anything is written. A channel was rejected: when it is full it takes no mark of what was
//! lost, and its end cannot be awaited for a while only. A task was rejected as well: the log is opened before there is a runtime, and
//! closed after it, and a runtime's threads are what must not wait.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// What stands in the log where lines are missing.
pub(super) const MISSING: &str = "lines were not written: the log did not take them";
/// So long the log is waited for when the process ends.
pub(super) const PATIENCE: Duration = Duration::from_secs(1);
/// So many lines wait at most.
const MOST_LINES: usize = 4_096;
/// So many octets wait at most.
const MOST_OCTETS: usize = 1_024 * 1_024;

/// A log, as its thread writes it.
pub(super) trait Log: Send + 'static {
    /// What is said in one go.
    type Saying: Send;

    /// Writes it. May hang for as long as it likes; what cannot be written is lost.
    fn write(&mut self, saying: Self::Saying);

    /// Writes that so many lines are missing here.
    fn missing(&mut self, lines: usize);
}

/// How much room something takes.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Load {
    pub(super) lines: usize,
    pub(super) octets: usize,
}

/// The way to the thread that writes a log.
pub(super) struct Writer<L: Log>(Arc<Desk<L::Saying>>);

struct Desk<S> {
    queue: Mutex<Queue<S>>,
    /// For the thread: something waits.
    filled: Condvar,
    /// For who waits for the end: nothing waits any more.
    emptied: Condvar,
}

struct Queue<S> {
    entries: VecDeque<Entry<S>>,
    load: Load,
    thread: Thread,
}

enum Entry<S> {
    Said(S, Load),
    /// So many lines found no room here.
    Missing(usize),
}

/// What the thread does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Thread {
    Writes,
    Waits,
}

impl<L: Log> Writer<L> {
    /// Begins to write this log.
    ///
    /// # Errors
    /// The system gives no thread.
    pub(super) fn begin(mut log: L) -> io::Result<Self> {
        let queue =
            Queue { entries: VecDeque::new(), load: Load::default(), thread: Thread::Writes };
        let desk =
            Desk { queue: Mutex::new(queue), filled: Condvar::new(), emptied: Condvar::new() };
        let writer = Self(Arc::new(desk));
        let desk = Arc::clone(&writer.0);
        // Not awaited: it may hang, and who ends the process waits for what is written, for a while.
        thread::Builder::new().name("log".to_owned()).spawn(move || {
            loop {
                match desk.next() {
                    Entry::Said(saying, _) => log.write(saying),
                    Entry::Missing(lines) => log.missing(lines),
                }
            }
        })?;
        Ok(writer)
    }

    /// Leaves this to the thread, without waiting for anything.
    pub(super) fn say(&self, saying: L::Saying, load: Load) {
        let mut queue = self.0.lock();
        queue.add(saying, load);
        if queue.thread == Thread::Waits {
            drop(queue);
            self.0.filled.notify_one();
        }
    }

    /// Waits until all that was said is written, and no longer than this. True if it is.
    pub(super) fn finish(&self, patience: Duration) -> bool {
        let queue = self.0.lock();
        let waited = self.0.emptied.wait_timeout_while(queue, patience, |queue| !queue.is_done());
        waited
            .map_or_else(|poisoned| poisoned.into_inner().0.is_done(), |(queue, _)| queue.is_done())
    }
}

impl<S> Desk<S> {
    fn lock(&self) -> MutexGuard<'_, Queue<S>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is to be written next, once there is something; what was taken before is written by now.
    fn next(&self) -> Entry<S> {
        let mut queue = self.lock();
        loop {
            if let Some(entry) = queue.take() {
                return entry;
            }
            queue.thread = Thread::Waits;
            self.emptied.notify_all();
            queue = self.filled.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl<S> Queue<S> {
    fn add(&mut self, saying: S, load: Load) {
        let lines = self.load.lines.saturating_add(load.lines);
        let octets = self.load.octets.saturating_add(load.octets);
        let last = self.entries.back_mut();
        // Lines that were lost are counted until half the room is free: a log that takes one now and then is not to be filled with
        // such counts.
        let share = if matches!(last, Some(Entry::Missing(_))) { 2 } else { 1 };
        if lines <= MOST_LINES / share && octets <= MOST_OCTETS / share {
            self.load = Load { lines, octets };
            self.entries.push_back(Entry::Said(saying, load));
        } else if let Some(Entry::Missing(missing)) = last {
            *missing = missing.saturating_add(load.lines);
        } else {
            self.entries.push_back(Entry::Missing(load.lines));
        }
    }

    fn take(&mut self) -> Option<Entry<S>> {
        let entry = self.entries.pop_front()?;
        self.thread = Thread::Writes;
        if let Entry::Said(_, load) = &entry {
            self.load.lines = self.load.lines.saturating_sub(load.lines);
            self.load.octets = self.load.octets.saturating_sub(load.octets);
        }
        Some(entry)
    }

    /// Nothing waits, and nothing is being written.
    fn is_done(&self) -> bool {
        self.entries.is_empty() && self.thread == Thread::Waits
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

    use super::*;

    /// Nothing that a test waits for takes so long, unless it never comes.
    const LIMIT: Duration = Duration::from_secs(60);
    const LINE: Load = Load { lines: 1, octets: 10 };

    /// A log that takes a line when the test reads it, and hangs until then.
    struct Slow(SyncSender<Line>);

    #[derive(PartialEq, Eq, Debug)]
    enum Line {
        Said(usize),
        Missing(usize),
    }

    impl Log for Slow {
        type Saying = usize;

        fn write(&mut self, saying: usize) {
            let _ = self.0.send(Line::Said(saying));
        }

        fn missing(&mut self, lines: usize) {
            let _ = self.0.send(Line::Missing(lines));
        }
    }

    fn hanging() -> (Writer<Slow>, Receiver<Line>) {
        let (sender, lines) = sync_channel(0);
        (Writer::begin(Slow(sender)).unwrap(), lines)
    }

    fn read(lines: &Receiver<Line>) -> Line {
        lines.recv_timeout(LIMIT).expect("a line is written")
    }

    #[test]
    fn nobody_waits_for_a_log_that_hangs_and_it_tells_how_many_lines_it_did_not_take() {
        let (writer, lines) = hanging();
        for line in 0..3 * MOST_LINES {
            writer.say(line, LINE);
        }
        assert!(!writer.finish(Duration::ZERO), "it hangs, and is not waited for");
        let mut expected = 0;
        let missing = loop {
            match read(&lines) {
                Line::Said(line) => assert_eq!(line, expected, "in their order"),
                Line::Missing(missing) => break missing,
            }
            expected += 1;
        };
        // The thread had perhaps taken one out of the queue before that was full.
        assert!(expected == MOST_LINES || expected == MOST_LINES + 1, "{expected}");
        assert_eq!(expected + missing, 3 * MOST_LINES, "each is written or counted");
        assert!(writer.finish(LIMIT), "all is written");
        writer.say(7, LINE);
        assert_eq!(read(&lines), Line::Said(7));
    }

    #[test]
    fn what_is_said_before_the_end_is_written_before_it() {
        struct Kept(Arc<Mutex<Vec<usize>>>);
        impl Log for Kept {
            type Saying = usize;
            fn write(&mut self, saying: usize) {
                self.0.lock().unwrap().push(saying);
            }
            fn missing(&mut self, _: usize) {}
        }
        let kept = Arc::default();
        let writer = Writer::begin(Kept(Arc::clone(&kept))).unwrap();
        for line in 0..1_000 {
            writer.say(line, LINE);
        }
        assert!(writer.finish(LIMIT));
        assert_eq!(*kept.lock().unwrap(), (0..1_000).collect::<Vec<_>>());
    }

    fn queue() -> Queue<usize> {
        Queue { entries: VecDeque::new(), load: Load::default(), thread: Thread::Waits }
    }

    #[test]
    fn neither_many_lines_nor_long_ones_fill_the_memory() {
        for (load, most) in [
            (LINE, MOST_LINES),
            (Load { lines: 1, octets: 64 * 1_024 }, 16),
            (Load { lines: 64, octets: 1 }, MOST_LINES / 64),
            (Load { lines: 1, octets: MOST_OCTETS + 1 }, 0),
        ] {
            let mut queue = queue();
            for line in 0..3 * MOST_LINES {
                queue.add(line, load);
            }
            assert_eq!(queue.entries.len(), most + 1, "{load:?}");
            let lost = (3 * MOST_LINES - most) * load.lines;
            assert!(matches!(queue.entries.back(), Some(Entry::Missing(lines)) if *lines == lost));
        }
    }

    #[test]
    fn a_log_that_takes_a_line_now_and_then_is_not_filled_with_counts_of_what_it_lost() {
        let mut queue = queue();
        for line in 0..MOST_LINES {
            queue.add(line, LINE);
        }
        for line in 0..MOST_LINES {
            queue.add(line, LINE);
            assert!(queue.take().is_some());
        }
        let counts = queue.entries.iter().filter(|entry| matches!(entry, Entry::Missing(_)));
        assert_eq!(counts.count(), 1);
        while queue.take().is_some() {}
        assert_eq!((queue.load.lines, queue.load.octets), (0, 0));
    }
}
