//! What panels ask for while they are drawn; carried out after the frame.

use crate::kept::KeptAsk;
use crate::tour;
use supcon_protocol::{Command, Method, Request, RunId};

/// Something to do after the frame.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Ask the engine.
    Engine(Request),
    /// Start a run of the draft.
    Train,
    /// Start the same run with another method.
    TrainAs(Method),
    /// Load the images the draft names.
    LoadData,
    /// Ask for a folder of images.
    PickFolder,
    /// Ask for an archive or file of images.
    PickFile,
    /// Ask for the directory of a recorded run.
    OpenRun,
    /// Look at another run, by position.
    LookAt(usize),
    /// Bring the map to the front.
    ShowMap,
    /// Look again which runs the folder holds.
    ListRuns,
    /// Open a run of the folder.
    OpenListed(RunId),
    /// Put a run of the folder away; it can be brought back until the window closes.
    DeleteRun(RunId),
    /// Bring back the run put away last.
    UndoDelete,
    /// Give a run of the folder the name that was typed in.
    RenameRun,
    /// Ask for a path in the window itself.
    AskPath(Purpose),
    /// Take the path that was typed in.
    TakePath,
    /// Show a test image in the map, where it can be shown there.
    ShowTestImage(u32),
    /// Save the map or the film.
    Export(ExportKind),
    /// Go to a step of the tour, or end it.
    Tour(Option<tour::Step>),
    /// Copy a link to the page with the draft in it.
    CopyLink,
    /// Ask about the runs that are kept.
    Kept(KeptAsk),
    /// Start the engine anew after it ended by itself, and with it the run that was in progress.
    Restart {
        /// Whether the run goes on from its last checkpoint.
        resumes: bool,
    },
}

/// What a path is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A folder of images.
    Folder,
    /// A file of images.
    File,
    /// The directory of a recorded run.
    Run,
    /// A picture to save.
    Save(ExportKind),
}

/// A picture to save.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportKind {
    /// The map as pixels.
    Png,
    /// The map as shapes.
    Svg,
    /// The film.
    Gif,
}

impl ExportKind {
    /// What is saved.
    #[must_use]
    pub fn term(self) -> &'static str {
        match self {
            Self::Png => "The map as it is seen now, 1 600 pixels wide",
            Self::Svg => "The map as it is seen now, as shapes that a drawing program can edit",
            Self::Gif => "All frames of this run as a film that repeats",
        }
    }

    /// The file's ending.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Svg => "svg",
            Self::Gif => "gif",
        }
    }
}

/// Actions of a frame.
pub type Actions = Vec<Action>;

/// A command to the run in progress, as an action.
#[must_use]
pub fn command(command: Command) -> Action {
    Action::Engine(Request::Run(command))
}
