//! The worker's own loop: one turn of the engine, then whatever messages wait, and so on.
//!
//! *Invariant:* every wake of the engine goes through the event loop (a `MessageChannel` of `web/worker.js`).
//! Promises would be settled without it, and a run would let no message through until its end.

use crate::dropped;
use crate::host::{Host, bytes, get, object};
use crate::runs::BrowserRuns;
use crate::store;
use js_sys::{Array, Uint8Array};
use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Wake, Waker};
use supcon_protocol::{PROTOCOL_VERSION, Request, wire};
use supcon_train::{Actor, Mail};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

/// Notices that the page has not taken yet, at most; meanwhile events wait in the log, and of frames the
/// newest.
const MOST_UNDER_WAY: u32 = 2;

thread_local! {
    static HOST: RefCell<Option<Host>> = const { RefCell::new(None) };
    static WORKER: RefCell<Option<Worker>> = const { RefCell::new(None) };
}

struct Worker {
    host: Host,
    mail: Mail,
    runs: BrowserRuns,
    serving: Pin<Box<dyn Future<Output = ()>>>,
    turns: Arc<Turns>,
    under_way: u32,
}

/// Asks for a turn, once.
#[derive(Default)]
struct Turns {
    asked: AtomicBool,
}

impl Wake for Turns {
    fn wake(self: Arc<Self>) {
        if !self.asked.swap(true, Ordering::Relaxed) {
            HOST.with_borrow(|host| host.iter().for_each(Host::schedule));
        }
    }
}

/// Starts the engine; the page hears `ready`.
#[wasm_bindgen]
pub fn start(host: Host) {
    let told = host.clone();
    std::panic::set_hook(Box::new(move |panic| {
        told.broken(&format!("the engine broke: {panic}"));
    }));
    HOST.with_borrow_mut(|kept| *kept = Some(host.clone()));
    let (mail, runs) = (Mail::default(), BrowserRuns::new(host.clone()));
    let actor = Actor::new(mail.clone(), runs.clone(), Arc::new(dropped::open_images));
    let message = object(&[
        ("kind", "ready".into()),
        ("protocol", PROTOCOL_VERSION.into()),
    ]);
    host.post(&message, &Array::new());
    let worker = Worker {
        host,
        mail,
        runs,
        serving: Box::pin(actor.serve()),
        turns: Arc::default(),
        under_way: 0,
    };
    Arc::clone(&worker.turns).wake();
    WORKER.with_borrow_mut(|kept| *kept = Some(worker));
}

/// One turn of the engine.
#[wasm_bindgen]
pub fn turn() {
    with_worker(|worker| {
        worker.turns.asked.store(false, Ordering::Relaxed);
        let waker = Waker::from(Arc::clone(&worker.turns));
        // It serves as long as this worker lives: nobody closes its mail.
        let _ = worker
            .serving
            .as_mut()
            .poll(&mut Context::from_waker(&waker));
        worker.tell();
    });
}

/// A message of the page.
#[wasm_bindgen]
pub fn receive(message: JsValue) {
    match get(&message, "kind").as_string().as_deref() {
        Some("request") => with_worker(|worker| {
            let bytes = Uint8Array::new(&get(&message, "bytes")).to_vec();
            match wire::decode::<Request>(&bytes) {
                Ok(request) => worker.mail.send(request),
                Err(error) => worker.host.broken(&error.to_string()),
            }
        }),
        Some("files") => dropped::keep(&message),
        Some("taken") => with_worker(|worker| {
            worker.under_way = worker.under_way.saturating_sub(1);
            worker.tell();
        }),
        Some("store") => with_worker(|worker| store::serve(worker.runs.clone(), message.clone())),
        kind => with_worker(|worker| {
            let kind = kind.unwrap_or_default();
            let text = format!("the engine does not know the message \"{kind}\": reload the page");
            worker.host.broken(&text);
        }),
    }
}

fn with_worker(act: impl FnOnce(&mut Worker)) {
    WORKER.with_borrow_mut(|worker| {
        if let Some(worker) = worker {
            act(worker);
        }
    });
}

impl Worker {
    /// Sends what is new, unless the page has enough to do.
    fn tell(&mut self) {
        if self.under_way >= MOST_UNDER_WAY {
            return;
        }
        let notices = self.mail.poll();
        if notices.is_empty() {
            return;
        }
        let bytes = bytes(&wire::encode(&notices));
        let moved = Array::of1(&bytes.buffer());
        let message = object(&[("kind", "notices".into()), ("bytes", bytes.into())]);
        self.host.post(&message, &moved);
        self.under_way += 1;
    }
}
