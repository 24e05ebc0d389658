//! What to train on what: data, preset, a few settings, and the Train button.

use super::kept;
use crate::actions::{Action, Actions, Purpose};
use crate::controls::{card, palette, primary_button, row, section, slider};
use crate::session::Session;
use crate::terms;
use crate::theme::GAP;
use crate::view_state::{ViewState, first_draft};
use eframe::egui::{self, Button, ComboBox, DragValue, RichText, ScrollArea, TextStyle, Ui};
use supcon_protocol::{
    DataSource, DeviceChoice, EncoderName, Length, Method, PRESETS, PolicyConfig, PolicyKind,
    Preset, RunConfig,
};

/// What a preset is.
const RECIPE: &str = "A complete recipe; everything below can be changed afterwards";
/// What is trained on.
const DEVICE: &str = "A graphics card is much faster; without one the processor is used";

/// The whole setup, with the button pinned to its bottom.
pub fn setup_ui(ui: &mut Ui, session: &Session, view: &mut ViewState, actions: &mut Actions) {
    egui::Panel::bottom("train")
        .frame(egui::Frame::new())
        .show_separator_line(false)
        .show(ui, |ui| train_ui(ui, session, view, actions));
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        section(ui, "Images", |ui| {
            data_ui(ui, session, view, actions);
            kept::kept_button_ui(ui, view, actions);
        });
        section(ui, "Experiment", |ui| experiment_ui(ui, view));
        section(ui, "Methods", |ui| methods_ui(ui, &mut view.settings.draft));
        section(ui, "Views", |ui| views_ui(ui, &mut view.settings.draft));
        section(ui, "Device", |ui| device_ui(ui, view));
        if view.page.is_some() {
            section(ui, "Share", |ui| share_ui(ui, actions));
        }
    });
}

fn data_ui(ui: &mut Ui, session: &Session, view: &mut ViewState, actions: &mut Actions) {
    let colors = palette(ui);
    card(ui, |ui| match (&session.data, session.is_loading) {
        (_, true) => {
            ui.horizontal(|ui| {
                ui.spinner();
                ui.label("Loading images…");
            });
        }
        (Some(data), false) => {
            ui.label(RichText::new(&data.name).heading());
            ui.label(
                RichText::new(&data.sentence)
                    .color(colors.weak)
                    .text_style(TextStyle::Small),
            );
        }
        (None, false) => {
            ui.label("No images loaded.");
        }
    });
    ui.horizontal(|ui| {
        if ui
            .button("Folder…")
            .on_hover_text("A folder with one sub-folder of pictures per class")
            .clicked()
        {
            actions.push(Action::PickFolder);
        }
        if ui
            .button("File…")
            .on_hover_text(
                "CIFAR-10 or CIFAR-100 as downloaded, an .npz file, or a .zip or .tar of pictures",
            )
            .clicked()
        {
            actions.push(Action::PickFile);
        }
        let is_shapes = view.settings.draft.data.source == DataSource::Shapes;
        let shapes = ui.add(Button::selectable(is_shapes, "Shapes"));
        if shapes
            .on_hover_text("The built-in set: ten classes of small drawn shapes, made in a second")
            .clicked()
            && !is_shapes
        {
            view.settings.draft = first_draft();
            view.settings.place = None;
            actions.push(Action::LoadData);
        }
    });
    skipping_ui(ui, view, actions);
    let small = |text: &str| {
        RichText::new(text)
            .color(colors.weak)
            .text_style(TextStyle::Small)
    };
    if cfg!(target_family = "wasm") {
        ui.label(small("or drop a folder or file anywhere"));
        return;
    }
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 3.0;
        ui.label(small("or drop one anywhere, or"));
        let path = ui.link(small("type its path").color(colors.accent));
        let path = path.on_hover_text("Where there is no dialog for files, or the path is at hand");
        if path.clicked() {
            actions.push(Action::AskPath(Purpose::Folder));
        }
    });
}

/// Whether pictures that cannot be read refuse the whole set.
fn skipping_ui(ui: &mut Ui, view: &mut ViewState, actions: &mut Actions) {
    if view.settings.draft.data.source != DataSource::Images {
        return;
    }
    let skips = ui
        .checkbox(
            &mut view.settings.draft.data.skip_unreadable,
            "Leave out unreadable pictures",
        )
        .on_hover_text("Pictures that cannot be decoded, or are too large, are left out and counted; otherwise one of them refuses the whole set");
    if skips.changed() && view.settings.place.is_some() {
        actions.push(Action::LoadData);
    }
}

/// Takes a preset's settings but stays with the images chosen.
fn experiment_ui(ui: &mut Ui, view: &mut ViewState) {
    let is_shapes = view.settings.draft.data.source == DataSource::Shapes;
    row(ui, "Preset", RECIPE, |ui| {
        ComboBox::from_id_salt("preset")
            .selected_text(&view.settings.draft.name)
            .width(150.0)
            .show_ui(ui, |ui| {
                let fits = |preset: &&Preset| {
                    (preset.config().data.source == DataSource::Shapes) == is_shapes
                };
                for preset in PRESETS.iter().filter(fits) {
                    let is_chosen = view.settings.draft.name == preset.name;
                    if ui
                        .selectable_label(is_chosen, preset.name)
                        .on_hover_text(preset.summary)
                        .clicked()
                    {
                        view.settings.draft = preset.config();
                    }
                }
            })
            .response
            .on_hover_text(RECIPE)
            .accessible_name("Preset");
    });
    let draft = &mut view.settings.draft;
    row(ui, "Encoder", terms::ENCODER, |ui| {
        ComboBox::from_id_salt("encoder")
            .selected_text(draft.encoder.to_string())
            .width(150.0)
            .show_ui(ui, |ui| {
                for encoder in EncoderName::ALL {
                    ui.selectable_value(&mut draft.encoder, encoder, encoder.to_string())
                        .on_hover_text(terms::ENCODER);
                }
            })
            .response
            .on_hover_text(terms::ENCODER)
            .accessible_name("Encoder");
    });
    length_ui(ui, draft);
    let batch_size = &mut draft.contrastive.batch_size;
    let batch = slider(
        ui,
        "Batch size",
        terms::BATCH_SIZE,
        batch_size,
        16..=1024,
        |s| s.logarithmic(true),
    );
    if batch.changed() {
        draft.cross_entropy.batch_size = draft.contrastive.batch_size;
    }
    let temperature = &mut draft.contrastive.temperature;
    slider(
        ui,
        "Temperature τ",
        terms::TEMPERATURE,
        temperature,
        0.02..=1.0,
        |s| s.logarithmic(true).max_decimals(3),
    );
    let rate = &mut draft.contrastive.optimizer.learning_rate;
    slider(
        ui,
        "Learning rate",
        terms::LEARNING_RATE,
        rate,
        0.001..=2.0,
        |s| s.logarithmic(true).max_decimals(3),
    );
}

/// One length for all encoders, so that the comparison is fair.
fn length_ui(ui: &mut Ui, draft: &mut RunConfig) {
    row(ui, "Length", terms::LENGTH, |ui| {
        let mut length = draft.contrastive.length;
        let (mut count, is_steps) = match length {
            Length::Steps(n) => (n, true),
            Length::Epochs(n) => (n, false),
        };
        let unit = if is_steps { "steps" } else { "epochs" };
        if ui
            .button(unit)
            .on_hover_text("Click to count in the other unit")
            .clicked()
        {
            length = if is_steps {
                Length::Epochs(20)
            } else {
                Length::Steps(600)
            };
        } else if ui
            .add(DragValue::new(&mut count).range(1..=100_000))
            .on_hover_text(terms::LENGTH)
            .accessible_name("Length")
            .changed()
        {
            length = if is_steps {
                Length::Steps(count)
            } else {
                Length::Epochs(count)
            };
        }
        if length != draft.contrastive.length {
            draft.contrastive.length = length;
            draft.cross_entropy.length = length;
        }
    });
}

fn methods_ui(ui: &mut Ui, draft: &mut RunConfig) {
    for method in Method::ALL {
        let mut is_on = draft.methods.contains(&method);
        let response = ui
            .checkbox(&mut is_on, method.to_string())
            .on_hover_text(term(method));
        if response.changed() && is_on {
            draft.methods.push(method);
            draft
                .methods
                .sort_by_key(|m| Method::ALL.iter().position(|other| other == m));
        } else if response.changed() {
            draft.methods.retain(|&other| other != method);
        }
    }
}

/// What a method is.
#[must_use]
pub fn term(method: Method) -> &'static str {
    match method {
        Method::Supcon => terms::SUPCON,
        Method::SupconIn => terms::SUPCON_IN,
        Method::Simclr => terms::SIMCLR,
        Method::DropSameClass => terms::DROP_SAME_CLASS,
        Method::NPairs => terms::N_PAIRS,
        Method::CrossEntropy => terms::CROSS_ENTROPY,
    }
}

fn views_ui(ui: &mut Ui, draft: &mut RunConfig) {
    let views = &mut draft.views;
    slider(
        ui,
        "Smallest crop",
        terms::CROP,
        &mut views.crop.scale[0],
        0.05..=1.0,
        |s| s.max_decimals(2),
    );
    slider(
        ui,
        "Mirrored",
        terms::FLIP,
        &mut views.flip_probability,
        0.0..=1.0,
        |s| s.max_decimals(2),
    );
    let mut strength = views.jitter.brightness;
    let jitter = slider(
        ui,
        "Colour changes",
        terms::JITTER,
        &mut strength,
        0.0..=1.0,
        |s| s.max_decimals(2),
    );
    if jitter.changed() {
        views.jitter.brightness = strength;
        views.jitter.contrast = strength;
        views.jitter.saturation = strength;
        views.jitter.hue = strength / 4.0;
    }
    slider(
        ui,
        "Gray",
        terms::GRAYSCALE,
        &mut views.grayscale_probability,
        0.0..=1.0,
        |s| s.max_decimals(2),
    );
    slider(
        ui,
        "Blurred",
        terms::BLUR,
        &mut views.blur.probability,
        0.0..=1.0,
        |s| s.max_decimals(2),
    );
    policy_ui(ui, &mut views.policy);
}

fn policy_ui(ui: &mut Ui, policy: &mut PolicyConfig) {
    row(ui, "Policy", terms::POLICY, |ui| {
        let name = |kind| match kind {
            PolicyKind::None => "none",
            PolicyKind::AutoAugmentCifar10 => "AutoAugment, CIFAR-10",
            PolicyKind::AutoAugmentImagenet => "AutoAugment, ImageNet",
            PolicyKind::AutoAugmentGoogle => "AutoAugment, Google",
            PolicyKind::RandAugment => "RandAugment",
            PolicyKind::RandAugmentTorchvision => "RandAugment, torchvision",
        };
        ComboBox::from_id_salt("policy")
            .selected_text(name(policy.kind))
            .width(150.0)
            .show_ui(ui, |ui| {
                for kind in PolicyKind::ALL {
                    ui.selectable_value(&mut policy.kind, kind, name(kind))
                        .on_hover_text(terms::POLICY);
                }
            })
            .response
            .on_hover_text(terms::POLICY)
            .accessible_name("Policy");
    });
    if let Some(strongest) = policy.kind.strongest() {
        let magnitude = &mut policy.magnitude;
        let term = terms::POLICY_MAGNITUDE;
        slider(ui, "Strength", term, magnitude, 0.0..=strongest, |s| {
            s.max_decimals(1)
        });
    }
}

fn device_ui(ui: &mut Ui, view: &mut ViewState) {
    row(ui, "Train on", DEVICE, |ui| {
        let name = |device| match device {
            DeviceChoice::Auto => "the best there is",
            DeviceChoice::Cpu => "the processor",
            DeviceChoice::Gpu => "a graphics card",
            DeviceChoice::Software => "a software GPU",
        };
        let device = &mut view.settings.device;
        ComboBox::from_id_salt("device")
            .selected_text(name(*device))
            .width(150.0)
            .show_ui(ui, |ui| {
                for choice in [DeviceChoice::Auto, DeviceChoice::Cpu, DeviceChoice::Gpu] {
                    ui.selectable_value(device, choice, name(choice))
                        .on_hover_text(DEVICE);
                }
            })
            .response
            .on_hover_text(DEVICE)
            .accessible_name("Train on");
    });
}

fn share_ui(ui: &mut Ui, actions: &mut Actions) {
    let copy = ui.button("Copy a link to these settings").on_hover_text(
        "The link opens this page with the same preset and settings. It carries no images.",
    );
    if copy.clicked() {
        actions.push(Action::CopyLink);
    }
}

fn train_ui(ui: &mut Ui, session: &Session, view: &mut ViewState, actions: &mut Actions) {
    let problem = problem(session, &view.settings.draft);
    if let Some(problem) = &problem {
        let color = palette(ui).bad;
        ui.label(
            RichText::new(problem)
                .color(color)
                .text_style(TextStyle::Small),
        );
    }
    ui.add_space(GAP / 2.0);
    let hint =
        "Trains every method chosen above, one after the other, and compares them (Ctrl+Enter)";
    if primary_button(ui, "Train", problem.is_none())
        .on_hover_text(hint)
        .clicked()
    {
        actions.push(Action::Train);
    }
    if session.run().is_some() {
        let back = ui.button("Back to the run");
        let back =
            back.on_hover_text("Its controls and figures again; the settings stay as they are");
        if back.clicked() {
            view.shows_setup = false;
        }
    }
}

/// Why one cannot train yet.
#[must_use]
pub fn problem(session: &Session, draft: &RunConfig) -> Option<String> {
    if session.is_loading {
        return Some("The images are still being loaded.".to_owned());
    }
    if session.data.is_none() {
        return Some("Choose images first.".to_owned());
    }
    if session.active_run().is_some() {
        return Some("A run is in progress: stop it first.".to_owned());
    }
    draft.check().err().map(|error| error.to_string())
}
