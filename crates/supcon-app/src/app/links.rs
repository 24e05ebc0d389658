//! Settings that travel in links.

use super::App;
use crate::engine::Engine;
use crate::share;
use eframe::egui::Context;
use supcon_protocol::DataSource;

impl<E: Engine> App<E> {
    pub(super) fn copy_link(&mut self, ctx: &Context) {
        let Some(page) = &self.view.page else { return };
        ctx.copy_text(share::link(page, &self.view.settings.draft));
        self.toast(
            ctx,
            "The link is copied: it holds the settings, not the images".to_owned(),
        );
    }

    /// Takes the settings of a link over, if its fragment holds any and they are sound.
    pub fn open_link(&mut self, ctx: &Context, fragment: &str) {
        match share::config_in(fragment) {
            Some(Ok(config)) => {
                let needs_images = config.data.source != DataSource::Shapes;
                self.view.settings.draft = config;
                self.view.settings.place = None;
                self.view.shows_setup = true;
                let text = if needs_images {
                    "The link's settings are here; choose the images they are for"
                } else {
                    self.load_data();
                    "The link's settings are here: press Train"
                };
                self.toast(ctx, text.to_owned());
            }
            Some(Err(report)) => self.session.errors.push_back(report),
            None => {}
        }
    }
}
