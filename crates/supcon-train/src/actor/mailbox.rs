use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// Messages for one receiver. Sending never waits; receiving waits without blocking a thread, so that
/// the same code runs on a thread and in a browser's worker.
#[derive(Debug)]
pub(crate) struct Mailbox<T>(Arc<Mutex<Contents<T>>>);

#[derive(Debug)]
struct Contents<T> {
    messages: VecDeque<T>,
    waker: Option<Waker>,
    closed: bool,
}

impl<T> Clone for Mailbox<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Default for Mailbox<T> {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Contents {
            messages: VecDeque::new(),
            waker: None,
            closed: false,
        })))
    }
}

impl<T> Mailbox<T> {
    /// Leaves a message.
    pub(crate) fn send(&self, message: T) {
        self.change(|contents| contents.messages.push_back(message));
    }

    /// No more messages will come.
    pub(crate) fn close(&self) {
        self.change(|contents| contents.closed = true);
    }

    /// Ready with the next message, or with `None` once the mailbox is closed and empty.
    pub(crate) fn poll_next(&self, context: &mut Context<'_>) -> Poll<Option<T>> {
        let mut contents = self.lock();
        if let Some(message) = contents.messages.pop_front() {
            return Poll::Ready(Some(message));
        }
        if contents.closed {
            return Poll::Ready(None);
        }
        contents.waker = Some(context.waker().clone());
        Poll::Pending
    }

    /// All messages that wait.
    pub(crate) fn take_all(&self) -> VecDeque<T> {
        std::mem::take(&mut self.lock().messages)
    }

    /// Waits for [`Mailbox::poll_next`].
    #[cfg(not(target_family = "wasm"))]
    pub(crate) fn next(&self) -> impl Future<Output = Option<T>> + '_ {
        std::future::poll_fn(|context| self.poll_next(context))
    }

    fn change(&self, change: impl FnOnce(&mut Contents<T>)) {
        let waker = {
            let mut contents = self.lock();
            change(&mut contents);
            contents.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Contents<T>> {
        // No change leaves the queue half-changed, so a poisoned lock is still good.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::Mailbox;

    #[test]
    fn messages_arrive_in_order_and_the_end_last() {
        let mailbox = Mailbox::default();
        let receiver = mailbox.clone();
        let thread = std::thread::spawn(move || {
            let mut all = Vec::new();
            while let Some(message) = pollster::block_on(receiver.next()) {
                all.push(message);
            }
            all
        });
        for message in 0..1000 {
            mailbox.send(message);
        }
        mailbox.close();
        assert_eq!(thread.join().unwrap(), (0..1000).collect::<Vec<_>>());
    }
}
