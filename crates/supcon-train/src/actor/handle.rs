//! A front end's side of the actor.

use super::Message;
use super::gallery::GalleryDesk;
use super::mailbox::Mailbox;
use crate::board::Board;
use supcon_protocol::{Notice, Request};

/// What a front end holds: requests go in, notices come out, and neither waits.
#[derive(Clone, Debug, Default)]
pub struct Mail {
    pub(super) actor: Mailbox<Message>,
    pub(super) gallery: GalleryDesk,
    pub(super) board: Board,
}

impl Mail {
    /// Hands a request over; never waits.
    pub fn send(&self, request: Request) {
        match request {
            Request::LoadData(request) => self.gallery.load(request),
            Request::PreviewViews(request) => self.gallery.preview(request),
            request => self.actor.send(Message::Request(request)),
        }
    }

    /// What happened since the last call, in order; never waits for the device.
    #[must_use]
    pub fn poll(&self) -> Vec<Notice> {
        self.board.take()
    }

    /// Nobody will ask any more: a run in progress is stopped with a checkpoint, and the actor ends.
    pub fn close(&self) {
        self.gallery.close();
        self.actor.close();
    }
}

#[cfg(not(target_family = "wasm"))]
pub use native::ActorHandle;

#[cfg(not(target_family = "wasm"))]
mod native {
    use super::{Mail, Notice, Request};
    use crate::actor::gallery::Gallery;
    use crate::actor::{Actor, OpenImages, RunStore, open_images_at};
    use std::io;
    use std::sync::Arc;
    use std::thread::JoinHandle;

    /// An actor on a thread of its own, which owns the device. Dropping the handle closes it: a run in
    /// progress stops with a checkpoint, behind one's back.
    #[derive(Debug)]
    pub struct ActorHandle {
        mail: Mail,
        threads: Vec<JoinHandle<()>>,
    }

    impl ActorHandle {
        /// Starts an actor that keeps its runs in `store` and takes images from paths.
        ///
        /// # Errors
        /// A system that gives no thread.
        pub fn spawn(store: impl RunStore + Send) -> io::Result<Self> {
            Self::spawn_with(store, || {})
        }

        /// The same, with something to do first on each of its threads. What it says of a thread to the
        /// system, Linux takes to hold of the threads that this one starts too: of all that train.
        ///
        /// # Errors
        /// A system that gives no thread.
        pub fn spawn_with(store: impl RunStore + Send, first: fn()) -> io::Result<Self> {
            let mail = Mail::default();
            let open: OpenImages = Arc::new(open_images_at);
            let gallery = Gallery::new(&mail, Arc::clone(&open));
            let actor = mail.clone();
            let threads = vec![
                thread("supcon-gallery", move || {
                    first();
                    pollster::block_on(gallery.serve());
                })?,
                thread("supcon-actor", move || {
                    first();
                    pollster::block_on(Actor::new(actor, store, open).serve());
                })?,
            ];
            Ok(Self { mail, threads })
        }

        /// Hands a request over; never waits.
        pub fn send(&self, request: Request) {
            self.mail.send(request);
        }

        /// What happened since the last call, in order; never waits for the device.
        #[must_use]
        pub fn poll(&self) -> Vec<Notice> {
            self.mail.poll()
        }

        /// Stops a run in progress with a checkpoint and waits until that is done.
        pub fn close(mut self) {
            self.mail.close();
            for thread in self.threads.drain(..) {
                // A thread that panicked has ended too.
                let _ = thread.join();
            }
        }
    }

    fn thread(name: &str, work: impl FnOnce() + Send + 'static) -> io::Result<JoinHandle<()>> {
        std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(work)
    }

    impl Drop for ActorHandle {
        fn drop(&mut self) {
            self.mail.close();
        }
    }
}
