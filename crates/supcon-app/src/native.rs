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

/// Steps of niceness by which the trainer stands behind the window. A busy core then does a frame's work first:
/// a step of training that waits for a frame is hardly later, a frame that waits for a step stutters.
#[cfg(target_os = "linux")]
const NICENESS: i32 = 10;

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
        let actor = Arc::new(ActorHandle::spawn_with(Runs::new(folder), give_way)?);
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

/// Lets the window's threads go before this one.
#[cfg(target_os = "linux")]
fn give_way() {
    // A system that does not let it trains all the same.
    let _ = rustix::process::nice(NICENESS);
}

/// Other systems favour the window in front by themselves.
#[cfg(not(target_os = "linux"))]
fn give_way() {}

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

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use std::fs::read_to_string;
    use std::time::Instant;

    /// Niceness of the threads of that name.
    fn niceness(name: &str) -> Vec<i32> {
        let tasks = std::fs::read_dir("/proc/self/task").expect("Linux");
        let tasks = tasks.filter_map(|task| Some(task.ok()?.path()));
        let named = tasks.filter(|task| {
            read_to_string(task.join("comm")).is_ok_and(|comm| comm.trim_end() == name)
        });
        let nice = named.filter_map(|task| {
            let stat = read_to_string(task.join("stat")).ok()?;
            // After the name in brackets come fields 3 and on; niceness is the 19th.
            let (_, fields) = stat.rsplit_once(')')?;
            fields.split_whitespace().nth(16)?.parse().ok()
        });
        nice.collect()
    }

    #[test]
    fn the_trainer_stands_behind_the_window() {
        let folder = std::env::temp_dir().join(format!("supcon-native-{}", std::process::id()));
        let own = rustix::process::nice(0).expect("Linux");
        let mut engine = NativeEngine::spawn(folder, Context::default()).expect("threads");
        let expected = (own + NICENESS).min(19);
        let start = Instant::now();
        // The courier wakes the window. A thread takes its name and its place only when it runs.
        let places = || ["supcon-actor", "supcon-courier"].map(niceness);
        while places() != [[expected], [own]] {
            assert!(start.elapsed() < Duration::from_secs(60), "{:?}", places());
            std::thread::sleep(Duration::from_millis(5));
        }
        engine.close();
    }
}
