//! What the desktop's window does with the folders of the system: paths typed in, runs opened, renamed, deleted
//! and brought back.

use super::App;
use crate::actions::{Action, ExportKind, Purpose};
use crate::engine::Engine;
use crate::replay::is_run;
use crate::view_state::PathAsk;
use eframe::egui::Context;
use std::path::{Path, PathBuf};

impl<E: Engine> App<E> {
    /// Carries out what only a desktop offers.
    pub(super) fn carry_out_at_desk(&mut self, ctx: &Context, action: Action) {
        match action {
            Action::ListRuns => self.list_runs(),
            Action::OpenListed(run) => {
                if let Some(shelf) = &self.shelf {
                    self.dialogs.open_run(shelf.path(&run));
                }
            }
            Action::DeleteRun(run) => {
                let deleted = self.shelf.as_mut().map(|shelf| shelf.delete(&run));
                self.after_shelving(deleted);
            }
            Action::UndoDelete => {
                let undone = self.shelf.as_mut().map(|shelf| shelf.undo().map(|_| ()));
                self.after_shelving(undone);
            }
            Action::RenameRun => self.rename_run(ctx),
            Action::AskPath(purpose) => self.ask_path(purpose, false),
            Action::TakePath => self.take_path(ctx),
            _ => {}
        }
    }

    /// Asks for a path in the window itself; `is_fallback` says that the system showed no dialog.
    pub(super) fn ask_path(&mut self, purpose: Purpose, is_fallback: bool) {
        let text = match purpose {
            Purpose::Save(kind) => default_file(kind).display().to_string(),
            Purpose::Folder | Purpose::File => self.view.settings.place.clone().unwrap_or_default(),
            Purpose::Run => String::new(),
        };
        self.view.path = Some(PathAsk {
            purpose,
            text,
            is_fallback,
            problem: None,
            replaces: None,
        });
    }

    fn take_path(&mut self, ctx: &Context) {
        let Some(ask) = &self.view.path else { return };
        let (purpose, path) = (ask.purpose, typed_path(&ask.text));
        let replaces = ask.replaces.as_deref() == Some(&path);
        let problem = match purpose {
            Purpose::Folder | Purpose::File => missing(&path),
            Purpose::Run => missing(&path).or_else(|| no_run(&path)),
            Purpose::Save(_) => not_writable(&path, replaces),
        };
        if let (Some(problem), Some(ask)) = (problem, &mut self.view.path) {
            ask.problem = Some(problem);
            ask.replaces = path.is_file().then_some(path);
            return;
        }
        self.view.path = None;
        match purpose {
            Purpose::Save(kind) => {
                if let Some(bytes) = self.export_bytes(ctx, kind) {
                    self.dialogs.write(path, bytes);
                }
            }
            _ => self.open(ctx, path),
        }
    }

    fn rename_run(&mut self, ctx: &Context) {
        let (Some(renaming), Some(shelf)) = (&mut self.view.renaming, &self.shelf) else {
            return;
        };
        let (from, name) = (renaming.run.clone(), renaming.name.trim().to_owned());
        match shelf.rename(&from, &name) {
            Ok(to) => {
                let text = format!("{} is now {}", from.0, to.0);
                self.session.rename(&from, to);
                self.view.renaming = None;
                self.toast(ctx, text);
                self.list_runs();
            }
            Err(problem) => renaming.problem = Some(problem),
        }
    }
}

/// Where a picture goes if nobody says otherwise.
fn default_file(kind: ExportKind) -> PathBuf {
    let folder = std::env::current_dir().unwrap_or_default();
    folder.join(format!("embedding.{}", kind.extension()))
}

/// A path as people type or paste it: with quotes around it, from the home folder, or as an address.
fn typed_path(text: &str) -> PathBuf {
    let text = text.trim();
    let quoted = |quote: char| {
        text.strip_prefix(quote)
            .and_then(|text| text.strip_suffix(quote))
    };
    let text = quoted('"').or_else(|| quoted('\'')).unwrap_or(text);
    if let Some(address) = text.strip_prefix("file://") {
        return PathBuf::from(unescaped(address));
    }
    let home = std::env::var_os("HOME").or_else(|| std::env::var_os("USERPROFILE"));
    match (text.strip_prefix('~'), home) {
        (Some(rest), Some(home)) if rest.is_empty() || rest.starts_with(['/', '\\']) => {
            Path::new(&home).join(rest.trim_start_matches(['/', '\\']))
        }
        _ => PathBuf::from(text),
    }
}

/// `%20` and the like as what they stand for.
fn unescaped(address: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = address.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = tail.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        let escaped = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match escaped.filter(|_| *first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn missing(path: &Path) -> Option<String> {
    if path.as_os_str().is_empty() {
        return Some("The line is empty: type a path.".to_owned());
    }
    let is_there = path.exists();
    (!is_there).then(|| {
        format!(
            "There is nothing at {}: look at the spelling.",
            path.display()
        )
    })
}

fn no_run(path: &Path) -> Option<String> {
    (!is_run(path)).then(|| {
        format!(
            "{} holds no run: choose a directory with config.toml and events.jsonl in it.",
            path.display()
        )
    })
}

fn not_writable(path: &Path, replaces: bool) -> Option<String> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    if path.file_name().is_none() || path.is_dir() {
        return Some(format!("{} names no file: add one.", path.display()));
    }
    if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
        return Some(format!("There is no folder {}.", folder.display()));
    }
    (path.exists() && !replaces)
        .then(|| format!("{} exists: saving once more replaces it.", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_taken_as_people_paste_it() {
        let home = PathBuf::from(std::env::var_os("HOME").unwrap_or_default());
        for (text, path) in [
            (" /data/cats \n", PathBuf::from("/data/cats")),
            ("'/data/my cats'", PathBuf::from("/data/my cats")),
            ("\"/data/cats\"", PathBuf::from("/data/cats")),
            ("file:///data/my%20cats", PathBuf::from("/data/my cats")),
            ("file:///data/100%", PathBuf::from("/data/100%")),
            ("~/cats", home.join("cats")),
            ("~cats", PathBuf::from("~cats")),
        ] {
            assert_eq!(typed_path(text), path, "{text}");
        }
    }

    #[test]
    fn a_file_is_replaced_only_when_asked_twice() {
        let file = std::env::temp_dir().join(format!("supcon-desk-{}", std::process::id()));
        assert_eq!(not_writable(&file, false), None);
        std::fs::write(&file, "mine").unwrap();
        let problem = not_writable(&file, false).unwrap();
        assert!(problem.contains("exists"), "{problem}");
        assert_eq!(not_writable(&file, true), None);
        std::fs::remove_file(&file).unwrap();
        let nowhere = file.join("a.png");
        assert!(not_writable(&nowhere, false).unwrap().contains("no folder"));
    }
}
