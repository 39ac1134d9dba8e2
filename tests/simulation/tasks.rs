//! The tasks of a simulated process, polled one at a time, in an order that chance chooses.
//!
//! Nothing runs by itself: when nobody can go on, everybody waits for the world.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use crate::chance::Chance;

/// So many steps without any time passing are more than any night has.
const RESTLESS: usize = 100_000;

#[derive(Default)]
pub(crate) struct Tasks {
    tasks: Vec<Task>,
}

struct Task {
    name: &'static str,
    future: Pin<Box<dyn Future<Output = ()> + Send>>,
    flag: Arc<Flag>,
}

/// Whether a task has been woken.
struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Tasks {
    pub(crate) fn add(
        &mut self,
        name: &'static str,
        future: impl Future<Output = ()> + Send + 'static,
    ) {
        let flag = Arc::new(Flag(AtomicBool::new(true)));
        self.tasks.push(Task { name, future: Box::pin(future), flag });
    }

    /// Polls whoever was woken, until nobody is.
    pub(crate) fn settle(&mut self, chance: &mut Chance) {
        for _ in 0..RESTLESS {
            let woken: Vec<usize> = (0..self.tasks.len())
                .filter(|task| self.tasks[*task].flag.0.load(Ordering::Relaxed))
                .collect();
            if woken.is_empty() {
                return;
            }
            let task = *chance.pick(&woken);
            self.poll(task);
        }
        let awake = self.tasks.iter().filter(|task| task.flag.0.load(Ordering::Relaxed));
        let awake: Vec<&str> = awake.map(|task| task.name).collect();
        panic!("[the house comes to rest] these do not: {awake:?}");
    }

    fn poll(&mut self, number: usize) {
        let task = &mut self.tasks[number];
        task.flag.0.store(false, Ordering::Relaxed);
        let waker = Waker::from(Arc::clone(&task.flag));
        if let Poll::Ready(()) = task.future.as_mut().poll(&mut Context::from_waker(&waker)) {
            drop(self.tasks.remove(number));
        }
    }

    /// Whether a task of that name still lives.
    pub(crate) fn lives(&self, name: &str) -> bool {
        self.tasks.iter().any(|task| task.name == name)
    }

    /// Ends all tasks but these, as they stand.
    pub(crate) fn end_all_but(&mut self, names: &[&str]) {
        self.tasks.retain(|task| names.contains(&task.name));
    }
}
