//! Test images in the map, where it can show them.

use super::App;
use crate::engine::Engine;
use crate::layout::Pane;
use crate::map_view::shown_frame;
use crate::view_state::Playhead;
use eframe::egui::Context;
use supcon_protocol::{Request, Split};

impl<E: Engine> App<E> {
    /// Inspects a test image. The map of a run of this session is made of all test images first; of a recorded
    /// run only what was watched can be shown.
    pub(super) fn show_test_image(&mut self, ctx: &Context, image: u32) {
        self.view.wanted = Some(image);
        if self.take_wanted(ctx) {
            return;
        }
        if self.session.has_network() {
            self.engine.send(Request::EmbedAll(Split::Test));
            self.show_pane(Pane::Map);
            self.toast(ctx, "The test images are being embedded".to_owned());
            return;
        }
        self.view.wanted = None;
        self.toast(
            ctx,
            "This map holds other images: test images can be mapped right after training only"
                .to_owned(),
        );
    }

    /// Inspects the image that waits for its map, if that is there; whether it is.
    pub(super) fn take_wanted(&mut self, ctx: &Context) -> bool {
        let Some(image) = self.view.wanted else {
            return false;
        };
        let frame = shown_frame(ctx, &self.session, &mut self.view);
        let frame = frame.filter(|frame| frame.samples.split == Split::Test);
        let Some(at) = frame.and_then(|frame| {
            let mut images = frame.samples.images.iter();
            images.position(|&other| other == image)
        }) else {
            return false;
        };
        self.view.wanted = None;
        self.view.playhead = Playhead::Live;
        self.view.map.select(Vec::new());
        self.view.map.anchor = Some(at);
        self.show_pane(Pane::Map);
        true
    }
}
