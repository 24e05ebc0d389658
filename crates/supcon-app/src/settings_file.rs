//! Settings outlive the program: a small JSON file in the user's configuration folder.

use crate::view_state::Settings;
use std::path::{Path, PathBuf};

/// Where the settings are kept: `$SUPCON_CONFIG_DIR`, or the system's place for them.
#[must_use]
pub fn path() -> Option<PathBuf> {
    let from = |name: &str| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    let folder = from("SUPCON_CONFIG_DIR")
        .or_else(|| from("APPDATA").map(|dir| dir.join("supcon")))
        .or_else(|| from("XDG_CONFIG_HOME").map(|dir| dir.join("supcon")))
        .or_else(|| from("HOME").map(|home| home.join(system_folder()).join("supcon")))?;
    Some(folder.join("window.json"))
}

fn system_folder() -> &'static str {
    if cfg!(target_os = "macos") {
        "Library/Application Support"
    } else {
        ".config"
    }
}

/// The settings kept; the defaults where there are none, or none that can be read.
#[must_use]
pub fn load(path: &Path) -> Settings {
    std::fs::read_to_string(path)
        .ok()
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default()
}

/// Keeps the settings: written under another name first, so that the file is never half.
///
/// # Errors
/// If the folder or the file cannot be written.
pub fn save(path: &Path, settings: &Settings) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let text = serde_json::to_string_pretty(settings).map_err(std::io::Error::other)?;
    let half = path.with_extension("json.part");
    std::fs::write(&half, text)?;
    std::fs::rename(half, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_read_back_and_a_broken_file_gives_the_defaults() {
        let folder = std::env::temp_dir().join(format!("supcon-settings-{}", std::process::id()));
        let path = folder.join("window.json");
        let settings = Settings {
            point_radius: 7.5,
            place: Some("/data/cats".into()),
            ..Settings::default()
        };
        save(&path, &settings).unwrap();
        assert_eq!(load(&path), settings);
        std::fs::write(&path, "{").unwrap();
        assert_eq!(load(&path), Settings::default());
        std::fs::remove_dir_all(folder).unwrap();
    }
}
