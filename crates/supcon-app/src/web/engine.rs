//! The engine in a worker: requests and notices travel as bytes.

use super::files::Dropped;
use super::link::{Live, message, set};
use super::{store, trouble};
use crate::engine::Engine;
use crate::kept::{KeptAnswer, KeptAsk};
use eframe::egui::Context;
use js_sys::{Object, Uint8Array};
use supcon_protocol::{ErrorReport, Notice, Request, wire};

/// The actor of `supcon-train` in a dedicated worker.
pub struct WebEngine {
    url: String,
    ctx: Context,
    live: Live,
    trouble: Option<ErrorReport>,
    /// The images that the worker was given, for the next worker.
    images: Option<Object>,
    kept: store::Answers,
}

impl WebEngine {
    /// Starts the worker whose script is at `url`.
    ///
    /// # Errors
    /// A browser that gives no worker.
    pub fn spawn(url: String, ctx: Context) -> Result<Self, String> {
        Ok(Self {
            live: Live::spawn(&url, &ctx)?,
            url,
            ctx,
            trouble: None,
            images: None,
            kept: store::Answers::default(),
        })
    }
}

impl Engine for WebEngine {
    fn send(&mut self, request: Request) {
        let ask = message("request");
        let bytes = Uint8Array::from(wire::encode(&request).as_slice());
        set(&ask, "bytes", bytes);
        self.live.link.send(&ask);
    }

    fn poll(&mut self) -> Vec<Notice> {
        let arrived = std::mem::take(&mut self.live.link.post().notices);
        let mut notices = Vec::new();
        for bytes in arrived {
            match wire::decode::<Vec<Notice>>(&bytes.to_vec()) {
                Ok(more) => notices.extend(more),
                Err(error) => self.live.link.post().broke(trouble::unreadable(&error)),
            }
            // The worker sends more only when told that this was read.
            self.live.link.send(&message("taken"));
        }
        if self.trouble.is_none() {
            self.trouble.clone_from(&self.live.link.post().trouble);
        }
        notices
    }

    fn trouble(&self) -> Option<&ErrorReport> {
        self.trouble.as_ref()
    }

    fn restart(&mut self) {
        self.trouble = None;
        match Live::spawn(&self.url, &self.ctx) {
            Ok(live) => {
                self.live = live;
                if let Some(images) = &self.images {
                    self.live.link.send(images);
                }
            }
            Err(error) => self.trouble = Some(trouble::no_restart(&error)),
        }
    }

    fn hand_over(&mut self, images: &Dropped) {
        let message = message("files");
        set(&message, "place", images.place.as_str());
        set(&message, "files", images.list());
        self.live.link.send(&message);
        self.images = Some(message);
    }

    fn sort_out(&mut self, archive: Dropped) {
        store::sort_out(archive, &self.live.link, &self.kept, &self.ctx);
    }

    fn keeps_runs(&self) -> bool {
        true
    }

    fn ask_kept(&mut self, ask: KeptAsk) {
        store::carry_out(ask, &self.live.link, &self.kept, &self.ctx);
    }

    fn kept(&mut self) -> Vec<KeptAnswer> {
        self.kept.take()
    }
}
