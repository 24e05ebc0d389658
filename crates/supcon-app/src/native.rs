//! The actor of `supcon-train` behind the window: it owns the device on threads of its own.

use crate::engine::Engine;
use eframe::egui::Context;
use std::io;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use supcon_protocol::{Notice, Request};
use supcon_train::{ActorHandle, Runs};

/// How often the actor is asked for news.
const PERIOD: Duration = Duration::from_millis(40);

/// The actor, and a thread that wakes the window when there is news, so that a window where nothing
/// happens is not drawn.
pub struct NativeEngine {
    actor: Option<Arc<ActorHandle>>,
    news: Arc<Mutex<Vec<Notice>>>,
    stop: Option<Sender<()>>,
    courier: Option<JoinHandle<()>>,
}

impl NativeEngine {
    /// Starts the actor with its runs in `folder`.
    ///
    /// # Errors
    /// A system that gives no thread.
    pub fn spawn(folder: PathBuf, ctx: Context) -> io::Result<Self> {
        let actor = Arc::new(ActorHandle::spawn(Runs::new(folder))?);
        let news = Arc::new(Mutex::new(Vec::new()));
        let (stop, stopped) = channel();
        let courier = {
            let (actor, news) = (Arc::clone(&actor), Arc::clone(&news));
            std::thread::Builder::new()
                .name("supcon-courier".to_owned())
                .spawn(move || carry(&actor, &news, &stopped, &ctx))?
        };
        Ok(Self {
            actor: Some(actor),
            news,
            stop: Some(stop),
            courier: Some(courier),
        })
    }
}

/// Carries news to the window until told to stop.
fn carry(actor: &ActorHandle, news: &Mutex<Vec<Notice>>, stopped: &Receiver<()>, ctx: &Context) {
    while let Err(RecvTimeoutError::Timeout) = stopped.recv_timeout(PERIOD) {
        let arrived = actor.poll();
        if arrived.is_empty() {
            continue;
        }
        news.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend(arrived);
        ctx.request_repaint();
    }
}

impl Engine for NativeEngine {
    fn send(&mut self, request: Request) {
        if let Some(actor) = &self.actor {
            actor.send(request);
        }
    }

    fn poll(&mut self) -> Vec<Notice> {
        std::mem::take(&mut *self.news.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn close(&mut self) {
        self.stop.take();
        if let Some(courier) = self.courier.take() {
            // A courier that panicked has ended too.
            let _ = courier.join();
        }
        if let Some(actor) = self.actor.take().and_then(Arc::into_inner) {
            actor.close();
        }
    }
}

impl Drop for NativeEngine {
    fn drop(&mut self) {
        self.close();
    }
}
