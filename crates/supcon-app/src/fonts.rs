//! The fonts: egui's own on the desktop, and in the page those as far as the app needs them, for half of
//! their download (`fonts/subset.py`). There, eframe has the browser draw what they lack.

#[cfg(any(test, target_family = "wasm"))]
use eframe::egui::FontData;
use eframe::egui::{FontDefinitions, FontFamily};

const MONOSPACED: &str = "Hack";

/// What the window is written in.
#[cfg(not(target_family = "wasm"))]
pub fn of_this_target() -> FontDefinitions {
    with_marks(FontDefinitions::default())
}

/// What the window is written in.
#[cfg(target_family = "wasm")]
pub fn of_this_target() -> FontDefinitions {
    with_marks(small())
}

/// The text font has no arrows and marks; the monospaced one has.
fn with_marks(mut fonts: FontDefinitions) -> FontDefinitions {
    if let Some(text) = fonts.families.get_mut(&FontFamily::Proportional) {
        text.push(MONOSPACED.to_owned());
    }
    fonts
}

/// In place of egui's, under their names.
#[cfg(any(test, target_family = "wasm"))]
fn small() -> FontDefinitions {
    const TEXT: &str = "Ubuntu-Light";
    let mut fonts = FontDefinitions::empty();
    let files: [(&str, &[u8]); 2] = [
        (TEXT, include_bytes!("../fonts/Ubuntu-Light.ttf")),
        (MONOSPACED, include_bytes!("../fonts/Hack-Regular.ttf")),
    ];
    for (name, bytes) in files {
        let data = FontData::from_static(bytes);
        fonts.font_data.insert(name.to_owned(), data.into());
    }
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    fonts.families = [
        (FontFamily::Proportional, names(&[TEXT])),
        (FontFamily::Monospace, names(&[MONOSPACED, TEXT])),
    ]
    .into();
    fonts
}

#[cfg(test)]
mod tests {
    use super::{of_this_target, small, with_marks};
    use eframe::egui::FontId;
    use eframe::egui::epaint::text::{Fonts, TextOptions};
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::{Path, PathBuf};

    fn sources(folder: &Path, found: &mut BTreeSet<char>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                sources(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.extend(fs::read_to_string(path).unwrap().chars());
            }
        }
    }

    /// Whatever the crates' sources say, names of classes in other alphabets, and what egui draws itself.
    #[test]
    fn the_page_shows_what_the_desktop_shows() {
        let mut characters: BTreeSet<char> = "ŠžñßçøŁőΨωЖяЇ‘’“”«»€▾⚙".chars().collect();
        let crates = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
        sources(&crates, &mut characters);
        assert!(characters.contains(&'τ') && characters.contains(&'‖'));
        let fonts = |of| Fonts::new(TextOptions::default(), of);
        let (mut all, mut page) = (fonts(of_this_target()), fonts(with_marks(small())));
        for font in [FontId::proportional(13.0), FontId::monospace(13.0)] {
            let is_missing = |c: &&char| all.has_glyph(&font, **c) && !page.has_glyph(&font, **c);
            let missing: String = characters.iter().filter(is_missing).collect();
            assert_eq!(missing, "", "{font:?}");
        }
    }
}
