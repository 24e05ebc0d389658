//! What the window takes from the page around it, and tells it: the address, whether anybody looks, and
//! the state in words.

use super::reader::Reader;
use super::speak;
use crate::app::App;
use crate::background::Background;
use crate::engine::Engine;
use crate::share;
use crate::speech;
use eframe::egui::Context;
use wasm_bindgen::JsValue;
use web_sys::MediaQueryList;

/// What was told or seen last.
pub struct Page {
    background: Background,
    spoken: String,
    reader: Option<Reader>,
    /// Whether the system asks for little motion; people switch that while the page is open.
    little_motion: Option<MediaQueryList>,
}

impl Page {
    /// Of the window that is about to be drawn.
    #[must_use]
    pub fn new(ctx: &Context) -> Self {
        Self {
            background: Background::default(),
            spoken: String::new(),
            reader: Reader::new(ctx),
            little_motion: little_motion(),
        }
    }
}

impl<E: Engine> App<E> {
    /// Once a frame, and now and then while the tab is hidden.
    pub(crate) fn follow_page(&mut self, ctx: &Context) {
        let is_first_frame = self.view.page.is_none();
        if is_first_frame {
            self.view.page = address();
        }
        let fragment = take_fragment();
        let brings_settings = fragment
            .as_deref()
            .and_then(share::config_in)
            .is_some_and(|config| config.is_ok());
        if let Some(fragment) = fragment {
            self.open_link(ctx, &fragment);
        }
        // Not before: the images of the last visit are not those of a link's settings.
        if is_first_frame && !brings_settings {
            self.load_data();
        }
        let sentence = speech::sentence(&self.session, self.engine.trouble());
        if self.page.spoken != sentence {
            speak(&sentence);
            self.page.spoken = sentence;
        }
        if let Some(reader) = &mut self.page.reader {
            reader.follow(ctx);
        }
        let little_motion = self.page.little_motion.as_ref();
        self.view.system_reduces_motion = little_motion.is_some_and(MediaQueryList::matches);
        let (is_hidden, secs) = visibility();
        let steps = self.session.steps();
        if let Some(text) = self.page.background.see(is_hidden, secs, steps) {
            self.toast(ctx, text);
        }
    }
}

fn little_motion() -> Option<MediaQueryList> {
    let query = "(prefers-reduced-motion: reduce)";
    web_sys::window()?.match_media(query).ok()?
}

/// Where the page is, without settings in it.
fn address() -> Option<String> {
    let href = web_sys::window()?.location().href().ok()?;
    Some(href.split('#').next()?.to_owned())
}

/// The fragment of the address, which is taken off it: a reload is not to undo what was changed since.
fn take_fragment() -> Option<String> {
    let window = web_sys::window()?;
    let fragment = window.location().hash().ok()?;
    if fragment.is_empty() {
        return None;
    }
    let history = window.history().ok()?;
    history
        .replace_state_with_url(&JsValue::NULL, "", Some(&address()?))
        .ok()?;
    Some(fragment)
}

/// Whether the tab is hidden, and a time in seconds.
fn visibility() -> (bool, f64) {
    let window = web_sys::window();
    let is_hidden = window
        .as_ref()
        .and_then(web_sys::Window::document)
        .is_some_and(|document| document.hidden());
    (is_hidden, js_sys::Date::now() / 1e3)
}
