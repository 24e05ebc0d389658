//! Dialogs of the system, asked for on the window's thread and awaited on another.

use crate::actions::{ExportKind, Purpose};
use crate::exporting::Bytes;
use crate::replay::recorded_run;
use crate::session::Run;
use crate::shelf::{self, ListedRun};
use eframe::egui::Context;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};
use supcon_protocol::ErrorReport;

/// Nobody closes a dialog sooner.
const QUICKEST: Duration = Duration::from_millis(400);

/// What came of a dialog.
#[derive(Debug)]
pub enum Answer {
    /// Images to load.
    Images(PathBuf),
    /// A run was read.
    Run(Box<Run>),
    /// The runs of the folder.
    Listed(Vec<ListedRun>),
    /// The system has no dialogs.
    NoDialog(Purpose),
    /// A picture was saved here.
    Saved(PathBuf),
    /// It was not.
    Failed(ErrorReport),
}

/// Dialogs under way.
pub struct Dialogs {
    sender: Sender<Answer>,
    answers: Receiver<Answer>,
    ctx: Context,
}

impl Dialogs {
    /// None yet; answers wake this window.
    #[must_use]
    pub fn new(ctx: &Context) -> Self {
        let (sender, answers) = channel();
        Self {
            sender,
            answers,
            ctx: ctx.clone(),
        }
    }

    /// The answers since the last call.
    pub fn poll(&self) -> Vec<Answer> {
        self.answers.try_iter().collect()
    }

    /// Asks for a folder of images.
    pub fn pick_folder(&self) {
        let dialog =
            rfd::AsyncFileDialog::new().set_title("A folder with one sub-folder per class");
        self.ask(Purpose::Folder, dialog.pick_folder(), Answer::Images);
    }

    /// Asks for a file of images.
    pub fn pick_file(&self) {
        let dialog = rfd::AsyncFileDialog::new()
            .set_title("A file of images")
            .add_filter("Images", &["gz", "tgz", "tar", "zip", "npz", "bin"]);
        self.ask(Purpose::File, dialog.pick_file(), Answer::Images);
    }

    /// Asks for the directory of a recorded run, and reads it.
    pub fn pick_run(&self) {
        let dialog = rfd::AsyncFileDialog::new().set_title("The directory of a run");
        self.ask(Purpose::Run, dialog.pick_folder(), |path| read_run(&path));
    }

    /// Reads the run in a directory.
    pub fn open_run(&self, path: PathBuf) {
        self.spawn(move || Some(read_run(&path)));
    }

    /// Lists the runs of a folder.
    pub fn list_runs(&self, folder: PathBuf) {
        self.spawn(move || {
            Some(match shelf::list(&folder) {
                Ok(runs) => Answer::Listed(runs),
                Err(report) => Answer::Failed(report),
            })
        });
    }

    /// Asks where to save, then makes and writes the file.
    pub fn save(&self, kind: ExportKind, bytes: Bytes) {
        let extension = kind.extension();
        let dialog = rfd::AsyncFileDialog::new()
            .set_file_name(format!("embedding.{extension}"))
            .add_filter(extension.to_uppercase(), &[extension]);
        let save = |path| write(path, bytes);
        self.ask(Purpose::Save(kind), dialog.save_file(), save);
    }

    /// Makes and writes a file.
    pub fn write(&self, path: PathBuf, bytes: Bytes) {
        self.spawn(move || Some(write(path, bytes)));
    }

    /// Waits for a dialog of the system. One that is gone before anybody could have closed it was never there.
    fn ask(
        &self,
        purpose: Purpose,
        dialog: impl Future<Output = Option<rfd::FileHandle>> + Send + 'static,
        then: impl FnOnce(PathBuf) -> Answer + Send + 'static,
    ) {
        self.spawn(move || {
            let asked = Instant::now();
            match pollster::block_on(dialog) {
                Some(picked) => Some(then(picked.path().to_owned())),
                None if asked.elapsed() < QUICKEST => Some(Answer::NoDialog(purpose)),
                None => None,
            }
        });
    }

    fn spawn(&self, work: impl FnOnce() -> Option<Answer> + Send + 'static) {
        let (sender, ctx) = (self.sender.clone(), self.ctx.clone());
        std::thread::spawn(move || {
            if let Some(answer) = work() {
                // The window may have gone meanwhile; then nobody waits for the answer.
                let _ = sender.send(answer);
                ctx.request_repaint();
            }
        });
    }
}

fn read_run(path: &Path) -> Answer {
    match recorded_run(path) {
        Ok(run) => Answer::Run(Box::new(run)),
        Err(report) => Answer::Failed(report),
    }
}

/// Writes a picture whole or not at all.
#[must_use]
pub fn write(path: PathBuf, bytes: Bytes) -> Answer {
    let written = pollster::block_on(bytes).and_then(|bytes| {
        let half = path.with_extension("part");
        std::fs::write(&half, bytes)
            .and_then(|()| std::fs::rename(&half, &path))
            .map_err(|error| ErrorReport {
                message: format!("{} could not be written: {error}", path.display()),
                causes: Vec::new(),
                hint: Some("Choose another folder.".to_owned()),
            })
    });
    match written {
        Ok(()) => Answer::Saved(path),
        Err(report) => Answer::Failed(report),
    }
}
