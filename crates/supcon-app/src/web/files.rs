//! Files of the person at the browser: picked, dropped, and saved as downloads.

use super::link::{get, set, text};
use crate::actions::ExportKind;
use crate::exporting::Bytes;
use crate::recorded::{self, Files, is_run};
use crate::session::Run;
use eframe::egui::Context;
use js_sys::{Array, Object, Promise, Uint8Array};
use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::Rc;
use supcon_protocol::ErrorReport;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    Blob, Document, DragEvent, File, FileSystemDirectoryEntry, FileSystemEntry,
    FileSystemFileEntry, HtmlAnchorElement, HtmlInputElement, Url,
};

/// Milliseconds within which a browser has begun to read what it was offered.
const DOWNLOAD_BEGINS_MS: i32 = 30_000;

/// What came of a picker, a drop or a download.
pub enum Answer {
    /// Images, or a run: files that nobody has read yet.
    Images(Dropped),
    /// A run was read.
    Run(Box<Run>),
    /// A download began, under this name.
    Saved(PathBuf),
    /// Something did not work.
    Failed(ErrorReport),
}

/// Files that were picked or dropped. Their bytes stay where they are until someone reads them.
#[derive(Clone, Debug)]
pub struct Dropped {
    /// What to call them: the folder's or file's name.
    pub place: String,
    files: Vec<(String, File)>,
}

impl Dropped {
    fn new(files: Vec<(String, File)>) -> Option<Self> {
        let (first, _) = files.first()?;
        let folder = first.split_once('/').map_or("", |(folder, _)| folder);
        let in_one = |(path, _): &(String, File)| {
            path.strip_prefix(folder)
                .is_some_and(|rest| rest.starts_with('/'))
        };
        let place = if !folder.is_empty() && files.iter().all(in_one) {
            folder.to_owned()
        } else if files.len() == 1 {
            first.clone()
        } else {
            format!("{} files", files.len())
        };
        Some(Self { place, files })
    }

    /// Whether this is the directory of a run.
    #[must_use]
    pub fn is_run(&self) -> bool {
        is_run(|name| self.file(name).is_some())
    }

    /// The archive that was dropped alone: it may hold a run as well as images.
    #[must_use]
    pub fn archive(&self) -> Option<&File> {
        match self.files.as_slice() {
            [(path, file)] if path.ends_with(".tar") => Some(file),
            _ => None,
        }
    }

    /// As `[{path, file}]`.
    #[must_use]
    pub fn list(&self) -> Array {
        let entry = |(path, file): &(String, File)| {
            let entry = Object::new();
            set(&entry, "path", path.as_str());
            set(&entry, "file", file);
            entry
        };
        self.files.iter().map(entry).collect()
    }

    /// A file by its path inside the folder.
    fn file(&self, name: &str) -> Option<&File> {
        let is_meant = |path: &str| {
            path == name || path.strip_prefix(&self.place) == Some(&format!("/{name}"))
        };
        let found = self.files.iter().find(|(path, _)| is_meant(path));
        found.map(|(_, file)| file)
    }

    async fn run(&self) -> Result<Run, ErrorReport> {
        let mut read = Files::new();
        for name in recorded::FIRST {
            read.insert((*name).to_owned(), self.bytes(name).await?);
        }
        for name in recorded::frames(&read) {
            let bytes = self.bytes(&name).await?;
            read.insert(name, bytes);
        }
        recorded::run(&self.place, &read)
    }

    async fn bytes(&self, name: &str) -> Result<Option<Vec<u8>>, ErrorReport> {
        let Some(file) = self.file(name) else {
            return Ok(None);
        };
        match file_bytes(file).await {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) => Err(ErrorReport {
                message: format!("{}/{name} could not be read: {}", self.place, text(&error)),
                causes: Vec::new(),
                hint: Some("Drop the folder again; it may have changed meanwhile.".to_owned()),
            }),
        }
    }
}

async fn file_bytes(file: &Blob) -> Result<Vec<u8>, JsValue> {
    let buffer = JsFuture::from(file.array_buffer()).await?;
    Ok(Uint8Array::new(&buffer).to_vec())
}

type Answers = Rc<RefCell<Vec<Answer>>>;

/// Pickers, drops and downloads under way.
pub struct Dialogs {
    answers: Answers,
    ctx: Context,
}

impl Dialogs {
    /// Listens for drops anywhere on the page.
    #[must_use]
    pub fn new(ctx: &Context) -> Self {
        let answers = Answers::default();
        let dialogs = Self {
            answers: answers.clone(),
            ctx: ctx.clone(),
        };
        let ctx = ctx.clone();
        let drop = Closure::<dyn FnMut(DragEvent)>::new(move |event: DragEvent| {
            event.prevent_default();
            let entries = entries(&event);
            let (answers, ctx) = (answers.clone(), ctx.clone());
            spawn_local(async move {
                let files = match walk(entries).await {
                    Ok(files) => Dropped::new(files).map(Answer::Images),
                    Err(error) => Some(Answer::Failed(unreadable_drop(&error))),
                };
                answers.borrow_mut().extend(files);
                ctx.request_repaint();
            });
        });
        if let Some(window) = web_sys::window() {
            // Before egui sees it; a window takes any listener.
            let _ = window.add_event_listener_with_callback_and_bool(
                "drop",
                drop.as_ref().unchecked_ref(),
                true,
            );
        }
        // It listens as long as the page lives.
        drop.forget();
        dialogs
    }

    /// The answers since the last call.
    pub fn poll(&self) -> Vec<Answer> {
        self.answers.take()
    }

    /// Asks for a folder of images.
    pub fn pick_folder(&self) {
        self.pick(true, "");
    }

    /// Asks for a file of images, or several.
    pub fn pick_file(&self) {
        let accept = ".gz,.tgz,.tar,.zip,.npz,.bin";
        self.pick(false, accept);
    }

    /// Asks for the directory of a recorded run.
    pub fn pick_run(&self) {
        self.pick(true, "");
    }

    /// Reads the run in a folder.
    pub fn open_run(&self, run: Dropped) {
        self.spawn(async move {
            match run.run().await {
                Ok(run) => Answer::Run(Box::new(run)),
                Err(report) => Answer::Failed(report),
            }
        });
    }

    /// Makes a file and offers it as a download.
    pub fn save(&self, kind: ExportKind, bytes: Bytes) {
        self.spawn(async move {
            let name = format!("embedding.{}", kind.extension());
            match bytes.await.and_then(|bytes| download_bytes(&name, &bytes)) {
                Ok(()) => Answer::Saved(name.into()),
                Err(report) => Answer::Failed(report),
            }
        });
    }

    fn spawn(&self, work: impl Future<Output = Answer> + 'static) {
        let (answers, ctx) = (self.answers.clone(), self.ctx.clone());
        spawn_local(async move {
            let answer = work.await;
            answers.borrow_mut().push(answer);
            ctx.request_repaint();
        });
    }

    fn pick(&self, is_folder: bool, accept: &str) {
        let (answers, ctx) = (self.answers.clone(), self.ctx.clone());
        let picked = pick(is_folder, accept);
        spawn_local(async move {
            let picked = Dropped::new(picked.await).map(Answer::Images);
            answers.borrow_mut().extend(picked);
            ctx.request_repaint();
        });
    }
}

/// Asks for one file. Never answers if none is picked.
pub(super) async fn picked_file(accept: &str) -> Option<File> {
    let (_, file) = pick(false, accept).await.into_iter().next()?;
    Some(file)
}

/// Opens the browser's picker at once; the files come later, with their paths in the picked folder.
fn pick(is_folder: bool, accept: &str) -> impl Future<Output = Vec<(String, File)>> + 'static {
    let input = document().and_then(|document| document.create_element("input").ok());
    let input = input.map(JsCast::unchecked_into::<HtmlInputElement>);
    let changed = input.clone().map(|input| {
        input.set_type("file");
        input.set_multiple(true);
        input.set_accept(accept);
        set(input.unchecked_ref(), "webkitdirectory", is_folder);
        let changed = Promise::new(&mut |resolve, _| input.set_onchange(Some(&resolve)));
        input.click();
        changed
    });
    async move {
        if let Some(changed) = changed {
            // An event that comes is no error.
            let _ = JsFuture::from(changed).await;
        }
        let files = input.and_then(|input| input.files());
        let count = files.as_ref().map_or(0, |files| files.length());
        let file = |i| files.as_ref().and_then(|files| files.get(i));
        let files = (0..count).filter_map(file);
        files.map(|file| (path(&file), file)).collect()
    }
}

/// Where a picked file lies: in the folder picked, or nowhere.
fn path(file: &File) -> String {
    let relative = get(file, "webkitRelativePath").as_string();
    relative
        .filter(|path| !path.is_empty())
        .unwrap_or_else(|| file.name())
}

/// What was dropped; a browser hands this out only while the event lasts.
fn entries(event: &DragEvent) -> Vec<FileSystemEntry> {
    let Some(items) = event.data_transfer().map(|transfer| transfer.items()) else {
        return Vec::new();
    };
    let entry = |i| {
        items
            .get(i)
            .and_then(|item| item.webkit_get_as_entry().ok()?)
    };
    (0..items.length()).filter_map(entry).collect()
}

/// All files in entries, folders opened.
async fn walk(mut entries: Vec<FileSystemEntry>) -> Result<Vec<(String, File)>, JsValue> {
    let mut files = Vec::new();
    while let Some(entry) = entries.pop() {
        if entry.is_directory() {
            let folder: FileSystemDirectoryEntry = entry.unchecked_into();
            let reader = folder.create_reader();
            // A reader gives its entries in portions and then an empty one.
            loop {
                let portion = Promise::new(&mut |resolve, reject| {
                    // It reports to the callbacks.
                    let _ = reader.read_entries_with_callback_and_callback(&resolve, &reject);
                });
                let portion: Array = JsFuture::from(portion).await?.unchecked_into();
                if portion.length() == 0 {
                    break;
                }
                entries.extend(
                    portion
                        .iter()
                        .map(JsCast::unchecked_into::<FileSystemEntry>),
                );
            }
        } else {
            let path = entry.full_path();
            let entry: FileSystemFileEntry = entry.unchecked_into();
            let file = Promise::new(&mut |resolve, reject| {
                entry.file_with_callback_and_callback(&resolve, &reject);
            });
            let file = JsFuture::from(file).await?.unchecked_into();
            files.push((path.trim_start_matches('/').to_owned(), file));
        }
    }
    files.sort_by(|(a, _), (b, _)| a.cmp(b));
    Ok(files)
}

fn unreadable_drop(error: &JsValue) -> ErrorReport {
    ErrorReport {
        message: format!("What was dropped could not be read: {}", text(error)),
        causes: Vec::new(),
        hint: Some("Use the buttons Folder… and File… instead.".to_owned()),
    }
}

/// Lets the page draw and take events.
pub async fn pause() {
    let passed = Promise::new(&mut |resolve, _| {
        if let Some(window) = web_sys::window() {
            // Without a timer nobody would wait for the file either.
            let _ = window.set_timeout_with_callback(&resolve);
        }
    });
    // A timer that comes is no error.
    let _ = JsFuture::from(passed).await;
}

fn document() -> Option<Document> {
    web_sys::window()?.document()
}

fn download_bytes(name: &str, bytes: &[u8]) -> Result<(), ErrorReport> {
    let parts = Array::of1(&Uint8Array::from(bytes));
    let offered = Blob::new_with_u8_array_sequence(&parts).and_then(|blob| download(name, &blob));
    offered.map_err(|error| ErrorReport {
        message: format!(
            "{name} could not be offered as a download: {}",
            text(&error)
        ),
        causes: Vec::new(),
        hint: None,
    })
}

/// Offers a file as a download.
///
/// # Errors
/// What the browser says.
pub fn download(name: &str, blob: &Blob) -> Result<(), JsValue> {
    let url = Url::create_object_url_with_blob(blob)?;
    let document = document().ok_or("there is no document")?;
    let link: HtmlAnchorElement = document.create_element("a")?.unchecked_into();
    link.set_href(&url);
    link.set_download(name);
    link.click();
    // Some browsers begin to read only after the click.
    let let_go = Closure::once_into_js(move || Url::revoke_object_url(&url));
    let window = web_sys::window().ok_or("there is no window")?;
    window.set_timeout_with_callback_and_timeout_and_arguments_0(
        let_go.unchecked_ref(),
        DOWNLOAD_BEGINS_MS,
    )?;
    Ok(())
}
