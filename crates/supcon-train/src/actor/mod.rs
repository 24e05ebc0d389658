//! The engine actor: outlives runs, takes [`Request`]s and answers with [`Notice`]s.
//!
//! Its core is a future without threads. Natively [`ActorHandle`] polls it on the one thread that owns
//! the device; a browser's worker polls it beside its other tasks. Between two steps of a run it looks
//! into its mailbox.
//!
//! *Invariant:* a front end that is slow or gone blocks nobody and makes nothing grow but the log of
//! the run (see [`Board`]).

mod gallery;
mod handle;
mod images;
mod mailbox;
mod measuring;
mod start;
mod store;

pub use gallery::{LoadedImages, OpenImages};
#[cfg(not(target_family = "wasm"))]
pub use handle::ActorHandle;
pub use handle::Mail;
#[cfg(not(target_family = "wasm"))]
pub use images::open_images_at;
pub use images::open_images_with;
pub use store::RunStore;
#[cfg(not(target_family = "wasm"))]
pub use store::Runs;

use crate::board::Board;
use crate::device::ComputeDevice;
use crate::error::TrainError;
use crate::log::EventLog;
use crate::watch::Watch;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::mpsc::Sender;
use std::task::{Context, Poll};
use supcon_protocol::{
    Command, DeviceChoice, ErrorReport, Event, Notice, Request, RunState, StartRequest,
};

/// What lies in the actor's mailbox.
#[derive(Debug)]
pub(crate) enum Message {
    Request(Request),
    /// The gallery has other images now, or failed to get them.
    ImagesLoaded,
}

/// Serves a front end: one device, one run at a time.
pub struct Actor<S> {
    mail: Mail,
    store: S,
    open: OpenImages,
    #[cfg(target_family = "wasm")]
    gallery: gallery::Gallery,
    devices: Vec<(DeviceChoice, ComputeDevice)>,
    run: Option<ActiveRun>,
    /// What watched the last run: looks through its newest network.
    watch: Option<Watch>,
    /// A start that waits for images.
    start: Option<Box<StartRequest>>,
}

type Outcome = (Result<RunState, TrainError>, Option<Watch>);

/// A run in progress.
struct ActiveRun {
    commands: Sender<Command>,
    log: EventLog,
    course: Pin<Box<dyn Future<Output = Outcome>>>,
}

/// What the actor does next.
enum Turn {
    Take(Message),
    /// The run ended by itself.
    RunEnded(Box<Outcome>),
    /// The run ended with a panic.
    RunBroke(String),
    /// Nobody asks any more.
    Closed,
}

impl<S: RunStore> Actor<S> {
    /// An actor for the other side of `mail`, with its runs in `store`.
    #[must_use]
    pub fn new(mail: Mail, store: S, open: OpenImages) -> Self {
        Self {
            #[cfg(target_family = "wasm")]
            gallery: gallery::Gallery::new(&mail, OpenImages::clone(&open)),
            mail,
            store,
            open,
            devices: Vec::new(),
            run: None,
            watch: None,
            start: None,
        }
    }

    /// Serves until the mail is closed, and then until a run in progress has stopped.
    pub async fn serve(mut self) {
        // Said at once, so that a front end can choose a preset that suits the device.
        if let Err(error) = self.device(DeviceChoice::Auto).await {
            self.board().answer(Notice::Failed(error.report()));
        }
        let mut closed = false;
        loop {
            match self.next_turn(closed).await {
                Turn::Take(Message::Request(request)) => self.serve_request(request).await,
                Turn::Take(Message::ImagesLoaded) => self.start_waiting().await,
                Turn::RunEnded(outcome) => {
                    let (result, watch) = *outcome;
                    (self.run, self.watch) = (None, watch);
                    if let Err(error) = result {
                        self.board().answer(Notice::Failed(error.report()));
                    }
                }
                Turn::RunBroke(reason) => self.bury(&reason),
                Turn::Closed => closed = true,
            }
            if closed && self.run.is_none() {
                return;
            }
        }
    }

    /// Looks into the mailbox first; an empty one lets the run take a step.
    fn next_turn(&mut self, closed: bool) -> impl Future<Output = Turn> + '_ {
        poll_fn(move |context| {
            #[cfg(target_family = "wasm")]
            self.gallery.serve_waiting(context);
            match self.mail.actor.poll_next(context) {
                Poll::Ready(Some(message)) => return Poll::Ready(Turn::Take(message)),
                Poll::Ready(None) if !closed => {
                    if let Some(run) = &self.run {
                        // If it has ended by now, there is nothing to stop.
                        let _ = run.commands.send(Command::Stop);
                    }
                    return Poll::Ready(Turn::Closed);
                }
                _ => {}
            }
            self.poll_run(context)
        })
    }

    fn poll_run(&mut self, context: &mut Context<'_>) -> Poll<Turn> {
        let Some(run) = &mut self.run else {
            if self.watch.as_mut().is_some_and(Watch::take_turn) {
                context.waker().wake_by_ref();
            }
            return Poll::Pending;
        };
        // A driver that dies panics deep inside wgpu; the next run may still find a device.
        match catch_unwind(AssertUnwindSafe(|| run.course.as_mut().poll(context))) {
            Ok(poll) => poll.map(|outcome| Turn::RunEnded(Box::new(outcome))),
            Err(panic) => Poll::Ready(Turn::RunBroke(words_of(&*panic))),
        }
    }

    async fn serve_request(&mut self, request: Request) {
        match request {
            Request::LoadData(request) => self.mail.gallery.load(request),
            Request::PreviewViews(request) => self.mail.gallery.preview(request),
            Request::Start(request) => self.start(request).await,
            Request::Resume(run) => self.resume(&run).await,
            Request::Measure(run) => self.measure(&run).await,
            Request::Run(command) => self.command(command),
            Request::EmbedAll(split) => {
                self.board().demand(split);
                if self.run.is_none() {
                    self.look_back().await;
                }
            }
        }
    }

    fn command(&mut self, command: Command) {
        let taken = match &self.run {
            Some(run) => run.commands.send(command).is_ok(),
            None if command == Command::Stop && self.start.take().is_some() => true,
            None => match (command, &mut self.watch) {
                // The picture of a run that has ended may still be drawn in another way.
                (Command::Watch(config), Some(watch)) => {
                    if let Some(message) = watch.change(config) {
                        self.board()
                            .fail(message, "Start another run to watch others.");
                    }
                    true
                }
                _ => false,
            },
        };
        if !taken {
            self.board().fail(
                "no run is in progress".to_owned(),
                "Start one, or resume one that was stopped.",
            );
        }
    }

    /// Embeds what was asked for with the newest network of the run that ended.
    async fn look_back(&mut self) {
        let looked = match &mut self.watch {
            Some(watch) => watch.on_demand(|| None).await,
            None => {
                self.board().take_demand();
                self.board().fail(
                    "no run of this session has a network to embed with".to_owned(),
                    "Start a run with something to watch, or resume one.",
                );
                Ok(())
            }
        };
        if let Err(error) = looked {
            self.board().answer(Notice::Failed(error.report()));
        }
    }

    /// A run that broke: said in its log in memory and to the front end. What it wrote is intact.
    fn bury(&mut self, reason: &str) {
        let report = ErrorReport {
            message: format!("the engine broke: {reason}"),
            causes: Vec::new(),
            hint: Some(
                "Resume goes on from the last checkpoint; the device \"cpu\" does without the GPU."
                    .to_owned(),
            ),
        };
        if let Some(run) = self.run.take() {
            run.log.push(Event::Failed(report.clone()));
        }
        // They may be what broke.
        self.devices.clear();
        self.watch = None;
        self.board().answer(Notice::Failed(report));
    }

    /// The device of a choice, opened once.
    async fn device(&mut self, choice: DeviceChoice) -> Result<ComputeDevice, TrainError> {
        let opened = self.devices.iter().find(|(of, _)| *of == choice);
        if let Some((_, device)) = opened {
            return Ok(device.clone());
        }
        let device = ComputeDevice::open(choice).await?;
        self.devices.push((choice, device.clone()));
        self.board().answer(Notice::Device {
            description: device.description.clone(),
            is_software: device.is_software,
            is_cpu: device.is_cpu(),
        });
        Ok(device)
    }

    fn board(&self) -> &Board {
        &self.mail.board
    }
}

fn words_of(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(ToString::to_string);
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "it did not say why".to_owned())
}
