//! Settings outlive the page in the browser's local storage.

use crate::view_state::Settings;
use std::path::Path;
use web_sys::Storage;

/// Under which name. Its number changes when older settings cannot be read any more.
const KEY: &str = "supcon.settings.1";

/// What messages call the storage.
pub const PLACE: &str = "the browser's storage";

/// The settings kept; the defaults where there are none, or none that can be read.
#[must_use]
pub fn load() -> Settings {
    let kept = storage().and_then(|storage| storage.get_item(KEY).ok()?);
    let settings = kept.and_then(|text| serde_json::from_str::<Settings>(&text).ok());
    settings.unwrap_or_default()
}

/// Keeps the settings. There is one place for them, so its name is only for messages.
///
/// # Errors
/// A browser that keeps nothing (private windows, a full storage), in a sentence.
pub fn save(_place: &Path, settings: &Settings) -> Result<(), String> {
    let text = serde_json::to_string(settings).map_err(|error| error.to_string())?;
    let kept = storage().and_then(|storage| storage.set_item(KEY, &text).ok());
    kept.ok_or_else(|| "the browser keeps no data for this page".to_owned())
}

fn storage() -> Option<Storage> {
    web_sys::window()?.local_storage().ok()?
}
