//! Runs that the engine keeps where the system shows no folder: in the browser's own storage.

use crate::session::Run;
use supcon_protocol::{ErrorReport, RunId};

/// A run that is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct KeptRun {
    /// Which.
    pub id: RunId,
    /// What it takes.
    pub bytes: u64,
    /// Milliseconds since 1970 when it was last written.
    pub modified_ms: f64,
    /// Whether it reached its end.
    pub is_finished: bool,
    /// Whether it is being written now, here or in another tab.
    pub is_in_use: bool,
}

/// The room there is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Space {
    /// Bytes taken.
    pub usage: f64,
    /// Bytes the browser grants.
    pub quota: f64,
    /// Whether the browser promised not to clear it by itself.
    pub is_persisted: bool,
}

/// What one may ask about kept runs.
#[derive(Clone, Debug, PartialEq)]
pub enum KeptAsk {
    /// Which there are; answered by [`KeptAnswer::List`] and [`KeptAnswer::Space`].
    List,
    /// Look at one.
    Open(RunId),
    /// Look at one and train on.
    Resume(RunId),
    /// Save one as an archive.
    Download(RunId),
    /// Remove one.
    Delete(RunId),
    /// Take in an archive, to be picked.
    Import,
}

/// What came of it.
#[derive(Debug)]
pub enum KeptAnswer {
    /// The runs, newest first.
    List(Vec<KeptRun>),
    /// The room there is.
    Space(Space),
    /// A run was read.
    Opened {
        /// It.
        run: Box<Run>,
        /// Whether to train on.
        resumes: bool,
    },
    /// What was dropped holds no run but images, which are to be loaded.
    #[cfg(target_family = "wasm")]
    Images(crate::web::Dropped),
    /// In a short sentence.
    Done(String),
    /// It did not work.
    Failed(ErrorReport),
}

/// What the window knows of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Kept {
    /// Whether there is such a place at all.
    pub is_available: bool,
    /// Whether their window is open.
    pub is_open: bool,
    /// The runs, newest first.
    pub runs: Vec<KeptRun>,
    /// The room there is.
    pub space: Option<Space>,
    /// The run that waits for a second click before it is deleted.
    pub doomed: Option<RunId>,
}

impl Kept {
    /// The newest run that stopped before its end and is written by nobody.
    #[must_use]
    pub fn interrupted(&self) -> Option<&KeptRun> {
        let newest = self.runs.first()?;
        (!newest.is_finished && !newest.is_in_use).then_some(newest)
    }
}

/// Bytes in words, e.g. `3.1 MB`.
#[must_use]
pub fn size(bytes: f64) -> String {
    let units = [("GB", 1e9), ("MB", 1e6), ("kB", 1e3)];
    let unit = units.iter().find(|(_, size)| bytes >= 0.95 * size);
    unit.map_or_else(
        || format!("{bytes:.0} B"),
        |(name, size)| format!("{:.1} {name}", bytes / size),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_read_as_people_write_them() {
        assert_eq!(size(12.0), "12 B");
        assert_eq!(size(999_000.0), "1.0 MB");
        assert_eq!(size(3_100_000.0), "3.1 MB");
        assert_eq!(size(2.5e9), "2.5 GB");
    }

    #[test]
    fn only_an_unfinished_run_that_nobody_writes_was_interrupted() {
        let run = |is_finished, is_in_use| KeptRun {
            id: RunId("a".to_owned()),
            bytes: 1,
            modified_ms: 0.0,
            is_finished,
            is_in_use,
        };
        let kept = |runs| Kept {
            runs,
            ..Kept::default()
        };
        assert!(kept(vec![run(false, false)]).interrupted().is_some());
        assert!(kept(vec![run(false, true)]).interrupted().is_none());
        assert!(
            kept(vec![run(true, false), run(false, false)])
                .interrupted()
                .is_none()
        );
    }
}
