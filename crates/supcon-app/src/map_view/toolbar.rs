//! Tools of the embedding view.

use super::{Camera, Tool};
use crate::actions::{Action, Actions, ExportKind, command};
use crate::controls::choice;
use crate::session::Session;
use crate::terms;
use crate::view_state::{ColorBy, MapKind, ViewState};
use eframe::egui::{Button, ComboBox, Slider, Ui};
use supcon_protocol::{Command, Request, Split};

/// One row of tools above the map.
pub(super) fn toolbar_ui(
    ui: &mut Ui,
    session: &Session,
    view: &mut ViewState,
    actions: &mut Actions,
) {
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        map_kind(ui, session, view, actions);
        color_by(ui, view);
        let tools = [
            (
                Tool::Pan,
                "Pan",
                "Pan: drag to move the map or turn the sphere, scroll to zoom (P)",
            ),
            (
                Tool::Rectangle,
                "Rectangle",
                "Rectangle: drag to select the points inside (R)",
            ),
            (
                Tool::Lasso,
                "Lasso",
                "Lasso: drag a line around points to select them (L)",
            ),
        ];
        for (tool, name, hint) in tools {
            let is_on = view.map.tool == tool;
            let response = ui.add(Button::selectable(is_on, name)).on_hover_text(hint);
            if response.clicked() {
                view.map.tool = tool;
            }
        }
        let fit = ui.button("Fit").on_hover_text("Show the whole map (F)");
        if fit.clicked() {
            view.map.camera = Camera::default();
        }
        more_menu(ui, session, view, actions);
    });
}

fn map_kind(ui: &mut Ui, session: &Session, view: &mut ViewState, actions: &mut Actions) {
    let before = view.settings.map;
    let options = [
        (MapKind::Tsne, "t-SNE", terms::TSNE),
        (MapKind::Umap, "UMAP", terms::UMAP),
        (MapKind::Pca, "PCA", terms::PCA),
        (MapKind::Sphere, "Sphere", terms::SPHERE),
    ];
    if choice(ui, &mut view.settings.map, &options)
        && before != view.settings.map
        && session.run().is_some()
    {
        actions.push(command(Command::Watch(view.settings.watch())));
    }
}

fn color_by(ui: &mut Ui, view: &mut ViewState) {
    let name = |by: ColorBy| format!("Colour: {}", by.name());
    let response = ComboBox::from_id_salt("color by")
        .selected_text(name(view.settings.color_by))
        .width(96.0)
        .height(320.0)
        .show_ui(ui, |ui| {
            for by in ColorBy::all() {
                ui.selectable_value(&mut view.settings.color_by, by, name(by))
                    .on_hover_text(by.term());
            }
        })
        .response;
    response
        .on_hover_text(terms::COLOR_BY)
        .accessible_name("Colour by");
}

fn more_menu(ui: &mut Ui, session: &Session, view: &mut ViewState, actions: &mut Actions) {
    let menu = ui.menu_button("View ▾", |ui| {
        ui.set_min_width(220.0);
        ui.name_inputs("Point size", |ui| {
            ui.add(Slider::new(&mut view.settings.point_radius, 1.5..=10.0).text("Point size"))
                .on_hover_text("Radius of a point on the screen");
        });
        ui.checkbox(&mut view.settings.show_images, "Images when zoomed in")
            .on_hover_text("Draws the pictures themselves as soon as there is room for them");
        ui.add_enabled_ui(!view.system_reduces_motion, |ui| {
            let mut reduces = view.reduces_motion();
            let response = ui.checkbox(&mut reduces, "Reduce motion");
            if response.changed() {
                view.settings.reduce_motion = reduces;
            }
            response
                .on_hover_text("Points jump to their new places instead of gliding")
                .on_disabled_hover_text("Your system asks for little motion");
        });
        ui.separator();
        for (split, name) in [
            (Split::Validation, "Show all validation images"),
            (Split::Test, "Show all test images"),
            (Split::Train, "Show all training images"),
        ] {
            let button = ui.add_enabled(session.run().is_some(), Button::new(name));
            if button
                .on_hover_text(
                    "Embeds every image of the split with the newest weights and maps them",
                )
                .clicked()
            {
                actions.push(Action::Engine(Request::EmbedAll(split)));
                ui.close();
            }
        }
        ui.separator();
        let has_map = session.run().is_some_and(|run| run.film.latest().is_some());
        for (kind, name) in [
            (ExportKind::Png, "Save map as PNG…"),
            (ExportKind::Svg, "Save map as SVG…"),
            (ExportKind::Gif, "Save film as GIF…"),
        ] {
            let button = ui.add_enabled(has_map, Button::new(name));
            if button.on_hover_text(kind.term()).clicked() {
                actions.push(Action::Export(kind));
                ui.close();
            }
        }
    });
    menu.response
        .on_hover_text("How the map is drawn, and saving it as a picture or a film");
}
