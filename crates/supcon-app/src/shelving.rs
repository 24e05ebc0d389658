//! What the window does with the runs folder.

use crate::app::App;
use crate::engine::Engine;
use crate::shelf::Shelf;
use std::path::PathBuf;
use supcon_protocol::ErrorReport;

impl<E: Engine> App<E> {
    /// With the folder where runs are kept: they are listed, and one that closing the window stopped is opened
    /// again.
    #[must_use]
    pub fn with_runs(mut self, folder: PathBuf) -> Self {
        let shelf = Shelf::new(folder);
        if let Some(run) = self.view.settings.unfinished.take() {
            let path = shelf.path(&run);
            if crate::replay::is_run(&path) {
                self.dialogs.open_run(path);
            }
        }
        self.shelf = Some(shelf);
        self.list_runs();
        self
    }

    /// Lists the folder, on a thread of its own.
    pub(crate) fn list_runs(&self) {
        if let Some(shelf) = &self.shelf {
            self.dialogs.list_runs(shelf.folder().to_owned());
        }
    }

    pub(crate) fn after_shelving(&mut self, result: Option<Result<(), ErrorReport>>) {
        if let Some(Err(report)) = result {
            self.session.errors.push_back(report);
        }
        self.list_runs();
    }
}
