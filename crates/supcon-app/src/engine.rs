//! What the window talks to: requests out, notices in. The window knows nothing else of training.

use crate::kept::{KeptAnswer, KeptAsk};
use std::collections::VecDeque;
use supcon_protocol::{ErrorReport, Notice, Request};

/// Something that trains: the actor of `supcon-train` natively, a worker in the browser, a recording
/// in tests.
pub trait Engine {
    /// Hands a request over; never blocks.
    fn send(&mut self, request: Request);

    /// What happened since the last call, in order; never blocks.
    fn poll(&mut self) -> Vec<Notice>;

    /// The window closes: a run in progress stops with a checkpoint. May wait for that.
    fn close(&mut self) {}

    /// Why it is gone, once it is. [`Engine::restart`] makes another.
    fn trouble(&self) -> Option<&ErrorReport> {
        None
    }

    /// Starts anew: the images it had loaded and the run in progress are forgotten.
    fn restart(&mut self) {}

    /// Takes files that only the page can reach; a request to load them follows.
    #[cfg(target_family = "wasm")]
    fn hand_over(&mut self, _images: &crate::web::Dropped) {}

    /// Finds out whether an archive holds a run or images; answered among [`Engine::kept`].
    #[cfg(target_family = "wasm")]
    fn sort_out(&mut self, _archive: crate::web::Dropped) {}

    /// Whether runs are kept where the system shows no folder.
    fn keeps_runs(&self) -> bool {
        false
    }

    /// Asks about the runs that are kept there; never blocks.
    fn ask_kept(&mut self, _ask: KeptAsk) {}

    /// What came of such asks since the last call; never blocks.
    fn kept(&mut self) -> Vec<KeptAnswer> {
        Vec::new()
    }
}

/// Notices recorded beforehand, handed out when asked for; remembers what it was asked.
#[derive(Debug, Default)]
pub struct Recorded {
    notices: VecDeque<Notice>,
    /// Every request so far.
    pub requests: Vec<Request>,
    /// Why it is to be thought gone, until it is started again.
    pub trouble: Option<ErrorReport>,
    /// What is kept, if anything is.
    pub kept: Option<Vec<KeptAnswer>>,
    /// Every ask about that so far.
    pub asked: Vec<KeptAsk>,
}

impl Recorded {
    /// Plays these.
    #[must_use]
    pub fn new(notices: impl IntoIterator<Item = Notice>) -> Self {
        Self {
            notices: notices.into_iter().collect(),
            ..Self::default()
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

    fn trouble(&self) -> Option<&ErrorReport> {
        self.trouble.as_ref()
    }

    fn restart(&mut self) {
        self.trouble = None;
    }

    fn keeps_runs(&self) -> bool {
        self.kept.is_some()
    }

    fn ask_kept(&mut self, ask: KeptAsk) {
        self.asked.push(ask);
    }

    fn kept(&mut self) -> Vec<KeptAnswer> {
        self.kept.as_mut().map(std::mem::take).unwrap_or_default()
    }
}
