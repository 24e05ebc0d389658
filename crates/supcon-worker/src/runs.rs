//! Runs in the browser's own file system (OPFS), a file each.

use crate::blobs::BlobDisk;
use crate::container::{Container, Disk};
use crate::host::{Blob, Host, RunFile, exception};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::rc::{Rc, Weak};
use supcon_protocol::{ErrorReport, RunId};
use supcon_train::{ArtifactSink, RunStore, SinkError};
use wasm_bindgen::{JsCast as _, JsValue};

/// Runs of one configuration, at most.
const MOST_RUNS: u32 = 100_000;

/// An open file of a run; its lock goes with it.
pub(crate) struct Handle(RunFile);

impl Drop for Handle {
    fn drop(&mut self) {
        self.0.close();
    }
}

impl Disk for Handle {
    fn size(&self) -> io::Result<u64> {
        self.0.size().map(|len| len as u64).map_err(|e| failed(&e))
    }

    fn read_at(&self, at: u64, bytes: &mut [u8]) -> io::Result<()> {
        let read = self.0.read(bytes, at as f64).map_err(|e| failed(&e))?;
        whole(read, bytes.len(), io::ErrorKind::UnexpectedEof.into())
    }

    fn write_at(&mut self, at: u64, bytes: &[u8]) -> io::Result<()> {
        let written = self.0.write(bytes, at as f64).map_err(|e| failed(&e))?;
        whole(written, bytes.len(), no_room())
    }

    fn set_len(&mut self, len: u64) -> io::Result<()> {
        self.0.resize(len as f64).map_err(|e| failed(&e))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush().map_err(|e| failed(&e))
    }
}

fn whole(moved: f64, wanted: usize, otherwise: io::Error) -> io::Result<()> {
    if moved as usize == wanted {
        Ok(())
    } else {
        Err(otherwise)
    }
}

fn no_room() -> io::Error {
    io::Error::new(
        io::ErrorKind::StorageFull,
        "the browser gives this page no more storage: export and delete runs, or free some of the disk",
    )
}

fn failed(error: &JsValue) -> io::Error {
    match exception(error) {
        (name, _) if name == "QuotaExceededError" => no_room(),
        (name, message) => io::Error::other(format!("{name}: {message}")),
    }
}

type Shared = Rc<RefCell<Container<Handle>>>;

/// The runs of this browser.
#[derive(Clone)]
pub(crate) struct BrowserRuns {
    pub(crate) host: Host,
    /// Those that this worker has open.
    open: Rc<RefCell<BTreeMap<String, Weak<RefCell<Container<Handle>>>>>>,
}

/// A run that is open.
struct OpenRun {
    run: RunId,
    container: Shared,
}

impl BrowserRuns {
    pub(crate) fn new(host: Host) -> Self {
        Self {
            host,
            open: Rc::default(),
        }
    }

    /// The files of a run to read, whoever has it open.
    pub(crate) async fn look_into(&self, run: &str) -> Result<Files, ErrorReport> {
        if let Some(container) = self.held(run) {
            return Ok(Files::Open(container));
        }
        let file = self.host.run_file(run).await;
        let file = file.map_err(|error| refusal(run, &error))?;
        let container = Container::open(BlobDisk(file.unchecked_into::<Blob>()));
        let container = container.map_err(|error| unusable(run, &error))?;
        Ok(Files::Closed(container))
    }

    fn held(&self, run: &str) -> Option<Shared> {
        self.open.borrow().get(run).and_then(Weak::upgrade)
    }

    async fn take(&self, run: &str, create: bool) -> Result<Box<dyn ArtifactSink>, ErrorReport> {
        let file = self.host.open_run(run, create).await;
        let handle = Handle(file.map_err(|error| refusal(run, &error))?.unchecked_into());
        let container = Container::open(handle).map_err(|error| unusable(run, &error))?;
        let container = Rc::new(RefCell::new(container));
        let weak = Rc::downgrade(&container);
        self.open.borrow_mut().insert(run.to_owned(), weak);
        let run = RunId(run.to_owned());
        Ok(Box::new(OpenRun { run, container }))
    }
}

impl RunStore for BrowserRuns {
    async fn create(&self, name: &str) -> Result<(RunId, Box<dyn ArtifactSink>), ErrorReport> {
        let taken = self.host.runs().await;
        let taken = taken.map_err(|error| refusal(name, &error))?;
        let taken: Vec<String> = names(&taken).collect();
        let safe = |c: char| {
            if c.is_ascii_alphanumeric() || "-_".contains(c) {
                c
            } else {
                '-'
            }
        };
        let name: String = name.chars().map(safe).collect();
        for n in 1..MOST_RUNS {
            let run = format!("{name}-{n}");
            if !taken.contains(&run) {
                let sink = self.take(&run, true).await?;
                return Ok((RunId(run), sink));
            }
        }
        Err(fact(
            format!("this browser holds too many runs named {name}"),
            "Delete some of them.",
        ))
    }

    async fn open(&self, run: &RunId) -> Result<Box<dyn ArtifactSink>, ErrorReport> {
        self.take(&run.0, false).await
    }

    fn read(&self, run: &RunId, name: &str) -> Result<Option<Vec<u8>>, SinkError> {
        let place = || self.place(run);
        let container = self.held(&run.0).ok_or_else(|| SinkError {
            action: "reading",
            place: place(),
            reason: "it is not open".to_owned(),
        })?;
        let read = container.borrow().read(name);
        read.map_err(|error| sink_error("reading", &place(), name, &error))
    }

    fn place(&self, run: &RunId) -> String {
        run.0.clone()
    }
}

impl ArtifactSink for OpenRun {
    fn put(&mut self, name: &str, bytes: &[u8]) -> Result<(), SinkError> {
        let put = self.container.borrow_mut().put(name, bytes);
        put.map_err(|error| sink_error("writing", &self.run.0, name, &error))
    }

    fn append(&mut self, name: &str, bytes: &[u8]) -> Result<(), SinkError> {
        let appended = self.container.borrow_mut().append(name, bytes);
        appended.map_err(|error| sink_error("writing", &self.run.0, name, &error))
    }

    fn truncate(&mut self, name: &str, len: u64) -> Result<(), SinkError> {
        let cut = self.container.borrow_mut().truncate(name, len);
        cut.map_err(|error| sink_error("shortening", &self.run.0, name, &error))
    }

    fn read(&self, name: &str) -> Result<Option<Vec<u8>>, SinkError> {
        let read = self.container.borrow().read(name);
        read.map_err(|error| sink_error("reading", &self.run.0, name, &error))
    }
}

/// The files of a run, to read.
pub(crate) enum Files {
    Open(Shared),
    Closed(Container<BlobDisk>),
}

impl Files {
    pub(crate) fn list(&self) -> Vec<(String, u64)> {
        let own = |(name, len): (&str, u64)| (name.to_owned(), len);
        match self {
            Self::Open(container) => container.borrow().files().map(own).collect(),
            Self::Closed(container) => container.files().map(own).collect(),
        }
    }

    pub(crate) fn read(&self, run: &str, name: &str) -> Result<Option<Vec<u8>>, SinkError> {
        let read = match self {
            Self::Open(container) => container.borrow().read(name),
            Self::Closed(container) => container.read(name),
        };
        read.map_err(|error| sink_error("reading", run, name, &error))
    }
}

/// The names in an array of `{run, …}`.
pub(crate) fn names(runs: &JsValue) -> impl Iterator<Item = String> + use<> {
    let runs: Vec<JsValue> = js_sys::Array::from(runs).iter().collect();
    runs.into_iter()
        .filter_map(|run| crate::host::get(&run, "run").as_string())
}

fn sink_error(action: &'static str, run: &str, name: &str, error: &io::Error) -> SinkError {
    SinkError {
        action,
        place: format!("{run}/{name}"),
        reason: error.to_string(),
    }
}

fn unusable(run: &str, error: &io::Error) -> ErrorReport {
    fact(
        format!("the run {run} in this browser's storage cannot be used: {error}"),
        "Delete it, or import it again from an export.",
    )
}

/// Why the browser does not give a run.
pub(crate) fn refusal(run: &str, error: &JsValue) -> ErrorReport {
    let (name, message) = exception(error);
    match name.as_str() {
        "NotFoundError" => fact(
            format!("there is no run {run} in this browser's storage"),
            "It may have been deleted, or the browser took its space back; import it from an export.",
        ),
        "NoModificationAllowedError" => fact(
            format!("the run {run} is in use in another tab of this page"),
            "Stop it there, or close that tab.",
        ),
        "QuotaExceededError" => fact(
            no_room().to_string(),
            "A run needs a few megabytes, with frames recorded some hundred.",
        ),
        "SecurityError" => fact(
            format!("this browser keeps no files for this page: {message}"),
            "Open it over https or from localhost, and not in a private window.",
        ),
        _ => fact(
            format!("the browser's storage failed at the run {run}: {name}: {message}"),
            "Reload the page.",
        ),
    }
}

pub(crate) fn fact(message: String, hint: &str) -> ErrorReport {
    ErrorReport {
        message,
        causes: Vec::new(),
        hint: Some(hint.to_owned()),
    }
}
