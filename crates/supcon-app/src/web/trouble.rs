//! What can end the engine, in words, and what to do about it.

use supcon_protocol::ErrorReport;
use supcon_protocol::wire::WireError;

/// A message of another version, or none at all.
pub(super) fn unreadable(error: &WireError) -> ErrorReport {
    ErrorReport {
        message: "The page and its engine do not understand each other.".to_owned(),
        causes: vec![error.to_string()],
        hint: Some("Reload the page.".to_owned()),
    }
}

/// It ended by itself.
pub(super) fn broken(message: &str) -> ErrorReport {
    ErrorReport {
        message: "The engine stopped unexpectedly.".to_owned(),
        causes: vec![message.to_owned()],
        hint: Some(hint(message).to_owned()),
    }
}

/// Memory and lost devices are what ends a worker most often, and each has its own way out.
fn hint(message: &str) -> &'static str {
    let message = message.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| message.contains(word));
    if says(&["memory", "alloc"]) {
        "The memory of this tab is used up. Choose a smaller batch or encoder, close other tabs, or use the desktop program."
    } else if says(&["gpu was lost", "device lost", "device is lost"]) {
        "The browser took the graphics device away, as it does when a driver restarts or a step takes too long. A smaller batch helps, and under Device the processor can be chosen."
    } else {
        "Start it again: the images are loaded anew, and a run goes on from its last checkpoint."
    }
}

/// Its script did not load.
pub(super) fn not_loaded(url: &str, message: &str) -> ErrorReport {
    let because = (!message.is_empty()).then(|| message.to_owned());
    ErrorReport {
        message: format!("The engine could not be loaded from {url}."),
        causes: because.into_iter().collect(),
        hint: Some(
            "Check the connection and reload the page. Recorded runs can be dropped here and looked at without it."
                .to_owned(),
        ),
    }
}

/// A message did not leave the page.
pub(super) fn unreachable(message: &str) -> ErrorReport {
    ErrorReport {
        message: "The engine could not be reached.".to_owned(),
        causes: vec![message.to_owned()],
        hint: Some("Reload the page.".to_owned()),
    }
}

/// A second start failed.
pub(super) fn no_restart(message: &str) -> ErrorReport {
    ErrorReport {
        message: "The engine could not be started again.".to_owned(),
        causes: vec![message.to_owned()],
        hint: Some("Reload the page.".to_owned()),
    }
}
