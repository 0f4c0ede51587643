//! Tasks as the state sees them, and what they wait on. The futures themselves are polled by
//! the world, outside of the state's lock.

use std::future::poll_fn;
use std::mem;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Wake};
use std::time::Duration;

use crate::sim::{Handle, ProcessId, Sim};

pub(crate) type TaskId = usize;
pub(crate) type BoxFuture = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Every task there was.
#[derive(Default)]
pub(crate) struct Tasks {
    all: Vec<Task>,
    ready: Vec<TaskId>,
    newborn: Vec<(TaskId, BoxFuture)>,
    condemned: Vec<TaskId>,
    current: TaskId,
    pub(crate) polls: u64,
    /// Tasks that end with the one that started them, in a sabotaged world.
    bound: Vec<(TaskId, TaskId)>,
}

struct Task {
    process: ProcessId,
    state: State,
    polls: u32,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Waiting,
    Ready,
    /// Ready, in a process that is paused.
    Held,
    Done,
}

impl Tasks {
    pub(crate) fn spawn(&mut self, process: ProcessId, future: BoxFuture) -> TaskId {
        let id = self.all.len();
        self.all.push(Task {
            process,
            state: State::Ready,
            polls: 0,
        });
        self.ready.push(id);
        self.newborn.push((id, future));
        id
    }

    pub(crate) fn wake(&mut self, id: TaskId) {
        if self.all[id].state == State::Waiting {
            self.all[id].state = State::Ready;
            self.ready.push(id);
        }
    }

    /// Ends tasks where they stand; the world drops their futures.
    fn condemn(&mut self, which: impl Fn(TaskId, &Task) -> bool) {
        for (id, task) in self.all.iter_mut().enumerate() {
            if task.state != State::Done && which(id, task) {
                task.state = State::Done;
                self.condemned.push(id);
            }
        }
    }

    pub(crate) fn condemn_process(&mut self, process: ProcessId) {
        self.condemn(|_, task| task.process == process);
    }

    pub(crate) fn condemn_task(&mut self, id: TaskId) {
        let bound = self.bound.iter().filter(|(parent, _)| *parent == id);
        let bound: Vec<TaskId> = bound.map(|(_, child)| *child).collect();
        self.condemn(|other, _| other == id || bound.contains(&other));
    }

    /// Has a task end with the one that runs now.
    pub(crate) fn bind(&mut self, task: TaskId) {
        self.bound.push((self.current, task));
    }

    pub(crate) fn release(&mut self, process: ProcessId) {
        for (id, task) in self.all.iter_mut().enumerate() {
            if task.process == process && task.state == State::Held {
                task.state = State::Ready;
                self.ready.push(id);
            }
        }
    }

    pub(crate) fn finished(&mut self, id: TaskId) {
        self.all[id].state = State::Done;
    }

    /// How often the task that runs now has been polled.
    pub(crate) fn current_polls(&self) -> u32 {
        self.all[self.current].polls
    }

    pub(crate) fn take_newborn(&mut self) -> Vec<(TaskId, BoxFuture)> {
        mem::take(&mut self.newborn)
    }

    pub(crate) fn take_condemned(&mut self) -> Vec<TaskId> {
        mem::take(&mut self.condemned)
    }
}

impl Sim {
    /// A task that can go on, drawn from all of them; it is the current one from now on.
    pub(crate) fn next_task(&mut self) -> Option<TaskId> {
        while !self.tasks.ready.is_empty() {
            let drawn = self.random.index(self.tasks.ready.len());
            let id = self.tasks.ready.swap_remove(drawn);
            let task = &mut self.tasks.all[id];
            if task.state != State::Ready {
                continue;
            }
            if self.processes[task.process].is_paused() {
                task.state = State::Held;
                continue;
            }
            task.state = State::Waiting;
            task.polls += 1;
            self.tasks.polls += 1;
            self.tasks.current = id;
            return Some(id);
        }
        None
    }
}

/// Wakes a task of a world.
pub(crate) struct TaskWaker {
    pub(crate) sim: Handle,
    pub(crate) task: TaskId,
}

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        self.sim.with(|sim| sim.tasks.wake(self.task));
    }
}

/// A value that comes later, for one task that waits for it.
pub(crate) struct Promise<T>(Arc<Mutex<Slot<T>>>);

struct Slot<T> {
    value: Option<T>,
    waiter: Option<TaskId>,
}

impl<T> Clone for Promise<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Promise<T> {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Mutex::new(Slot {
            value: None,
            waiter: None,
        })))
    }

    fn slot(&self) -> MutexGuard<'_, Slot<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps the promise; a later value takes the place of one that nobody has taken yet.
    pub(crate) fn fulfil(&self, sim: &mut Sim, value: T) {
        let waiter = {
            let mut slot = self.slot();
            slot.value = Some(value);
            slot.waiter.take()
        };
        if let Some(waiter) = waiter {
            sim.tasks.wake(waiter);
        }
    }

    /// Whether a value is there that nobody has taken.
    pub(crate) fn is_fulfilled(&self) -> bool {
        self.slot().value.is_some()
    }

    pub(crate) async fn wait(&self, handle: &Handle) -> T {
        poll_fn(|_| {
            let current = handle.with(|sim| sim.tasks.current);
            let mut slot = self.slot();
            match slot.value.take() {
                Some(value) => Poll::Ready(value),
                None => {
                    slot.waiter = Some(current);
                    Poll::Pending
                }
            }
        })
        .await
    }
}

impl Handle {
    /// Waits for a span of true time.
    pub(crate) async fn sleep(&self, span: u64) {
        let promise = Promise::new();
        let kept = promise.clone();
        self.with(|sim| sim.after(span, move |sim| kept.fulfil(sim, ())));
        promise.wait(self).await;
    }

    /// As [`sleep`](Self::sleep).
    pub(crate) async fn wait(&self, span: Duration) {
        let span = u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
        self.sleep(span).await;
    }
}
