//! A lock that tasks wait for, one at a time and in an order of chance.

use std::future::poll_fn;
use std::ops::{Deref, DerefMut};
use std::sync::{self, MutexGuard, PoisonError};
use std::task::Poll;

use crate::sim::Handle;
use crate::task::TaskId;

/// A value that one task at a time has.
pub(super) struct Mutex<T> {
    sim: Handle,
    slot: sync::Mutex<Slot<T>>,
}

/// Somebody else has it.
#[derive(Debug)]
pub(super) struct Taken;

struct Slot<T> {
    value: Option<Box<T>>,
    waiting: Vec<TaskId>,
}

impl<T> Mutex<T> {
    pub(super) fn new(sim: Handle, value: T) -> Self {
        let value = Some(Box::new(value));
        let waiting = Vec::new();
        Self {
            sim,
            slot: sync::Mutex::new(Slot { value, waiting }),
        }
    }

    fn slot(&self) -> MutexGuard<'_, Slot<T>> {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn try_lock(&self) -> Result<Locked<'_, T>, Taken> {
        let value = self.slot().value.take().ok_or(Taken)?;
        Ok(Locked {
            lock: self,
            value: Some(value),
        })
    }

    pub(super) async fn lock(&self) -> Locked<'_, T> {
        poll_fn(|_| {
            if let Ok(locked) = self.try_lock() {
                return Poll::Ready(locked);
            }
            let current = self.sim.current_task();
            self.slot().waiting.push(current);
            Poll::Pending
        })
        .await
    }
}

/// The value, for as long as this is kept. It is there until the end, so that every look at it
/// succeeds.
pub(super) struct Locked<'l, T> {
    lock: &'l Mutex<T>,
    value: Option<Box<T>>,
}

impl<T> Deref for Locked<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.value.as_deref().unwrap_or_else(|| gone())
    }
}

impl<T> DerefMut for Locked<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.value.as_deref_mut().unwrap_or_else(|| gone())
    }
}

#[expect(clippy::panic, reason = "only the drop takes the value away")]
fn gone() -> ! {
    panic!("a lock was looked at after its end");
}

impl<T> Drop for Locked<'_, T> {
    fn drop(&mut self) {
        let waiting = {
            let mut slot = self.lock.slot();
            slot.value = self.value.take();
            std::mem::take(&mut slot.waiting)
        };
        self.lock.sim.with(|sim| {
            for task in waiting {
                sim.tasks.wake(task);
            }
        });
    }
}
