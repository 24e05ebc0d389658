//! What the window talks to: requests out, notices in. The window knows nothing else of training.

use std::collections::VecDeque;
use supcon_protocol::{Notice, Request};

/// Something that trains: the actor of `supcon-train` natively, a worker in the browser, a recording
/// in tests.
pub trait Engine {
    /// Hands a request over; never blocks.
    fn send(&mut self, request: Request);

    /// What happened since the last call, in order; never blocks.
    fn poll(&mut self) -> Vec<Notice>;

    /// The window closes: a run in progress stops with a checkpoint. May wait for that.
    fn close(&mut self) {}
}

/// Notices recorded beforehand, handed out when asked for; remembers what it was asked.
#[derive(Debug, Default)]
pub struct Recorded {
    notices: VecDeque<Notice>,
    /// Every request so far.
    pub requests: Vec<Request>,
}

impl Recorded {
    /// Plays these.
    #[must_use]
    pub fn new(notices: impl IntoIterator<Item = Notice>) -> Self {
        Self {
            notices: notices.into_iter().collect(),
            requests: Vec::new(),
        }
    }

    /// Adds a notice, to be handed out with the next poll.
    pub fn push(&mut self, notice: Notice) {
        self.notices.push_back(notice);
    }
}

impl Engine for Recorded {
    fn send(&mut self, request: Request) {
        self.requests.push(request);
    }

    fn poll(&mut self) -> Vec<Notice> {
        self.notices.drain(..).collect()
    }
}
