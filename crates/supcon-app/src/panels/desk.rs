//! Dialogs about the folders of the system: a path to type, and another name for a run.

use super::asking::{Asking, Reply, asking_ui};
use crate::actions::{Action, Actions, Purpose};
use crate::view_state::ViewState;
use eframe::egui::Context;

/// Whichever is open.
pub fn desk_ui(ctx: &Context, view: &mut ViewState, actions: &mut Actions) {
    if view.path.is_some() {
        path_ui(ctx, view, actions);
    } else if view.renaming.is_some() {
        renaming_ui(ctx, view, actions);
    }
}

fn path_ui(ctx: &Context, view: &mut ViewState, actions: &mut Actions) {
    let Some(ask) = &mut view.path else { return };
    let (title, what, confirm) = match ask.purpose {
        Purpose::Folder | Purpose::File => (
            "Which images?",
            "Type or paste the path of a folder with one sub-folder of pictures per class, of CIFAR as downloaded, of an .npz file, or of a .zip or .tar of these.",
            "Open",
        ),
        Purpose::Run => (
            "Which run?",
            "Type or paste the path of a run's directory.",
            "Open",
        ),
        Purpose::Save(_) => (
            "Where to?",
            "Type or paste the path of the new file.",
            "Save the file",
        ),
    };
    let sentence = if ask.is_fallback {
        format!("This system showed no dialog for files. {what}")
    } else {
        what.to_owned()
    };
    let asking = Asking {
        id: "path",
        title,
        sentence: &sentence,
        label: "Path",
        confirm,
    };
    match asking_ui(ctx, &asking, &mut ask.text, ask.problem.as_deref()) {
        Reply::Open => {}
        Reply::Confirmed => actions.push(Action::TakePath),
        Reply::Cancelled => view.path = None,
    }
}

fn renaming_ui(ctx: &Context, view: &mut ViewState, actions: &mut Actions) {
    let Some(renaming) = &mut view.renaming else {
        return;
    };
    let sentence = format!(
        "{} gets another name: letters, digits, '-', '_' and '.'.",
        renaming.run.0
    );
    let asking = Asking {
        id: "renaming",
        title: "Rename the run",
        sentence: &sentence,
        label: "New name",
        confirm: "Rename",
    };
    let problem = renaming.problem.as_deref();
    match asking_ui(ctx, &asking, &mut renaming.name, problem) {
        Reply::Open => {}
        Reply::Confirmed => actions.push(Action::RenameRun),
        Reply::Cancelled => view.renaming = None,
    }
}
