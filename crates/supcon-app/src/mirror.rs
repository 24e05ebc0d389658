//! The window's controls as a list, for screen readers where the window is a canvas: egui describes its
//! controls for AccessKit, which eframe has no browser part for. The page shows the list as hidden
//! elements and hands clicks on them back.

use eframe::egui::accesskit::{Action, ActionRequest, Node, NodeId, Toggled, TreeId, TreeUpdate};
use eframe::egui::{Context, Event, FullOutput, Plugin, RawInput, Role};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// One control, or a text.
#[derive(Clone, Debug, PartialEq)]
pub struct Control {
    /// Names it for [`Mirror::press`].
    pub id: u64,
    /// ARIA's word for what it is; none for a text.
    pub role: Option<&'static str>,
    /// Its name, or the text.
    pub name: String,
    /// What it is set to.
    pub value: Option<String>,
    /// Whether it is on, of those that can be.
    pub is_on: Option<bool>,
    /// Whether it does nothing now.
    pub is_disabled: bool,
}

#[derive(Default)]
struct Shared {
    controls: Vec<Control>,
    pressed: Vec<u64>,
}

/// The list, and what was pressed in it. A clone is the same list.
#[derive(Clone, Default)]
pub struct Mirror(Arc<Mutex<Shared>>);

impl Mirror {
    /// The list of a window, from its next frame on.
    #[must_use]
    pub fn of(ctx: &Context) -> Self {
        let mirror = Self::default();
        ctx.enable_accesskit();
        ctx.add_plugin(mirror.clone());
        mirror
    }

    /// The controls and texts of the last frame, in reading order.
    #[must_use]
    pub fn controls(&self) -> Vec<Control> {
        self.lock().controls.clone()
    }

    /// Presses a control at the next frame.
    pub fn press(&self, id: u64) {
        self.lock().pressed.push(id);
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Plugin for Mirror {
    fn debug_name(&self) -> &'static str {
        "mirror"
    }

    fn input_hook(&mut self, _ctx: &Context, input: &mut RawInput) {
        for id in std::mem::take(&mut self.lock().pressed) {
            input
                .events
                .push(Event::AccessKitActionRequest(ActionRequest {
                    action: Action::Click,
                    target_tree: TreeId::ROOT,
                    target_node: NodeId(id),
                    data: None,
                }));
        }
    }

    fn output_hook(&mut self, _ctx: &Context, output: &mut FullOutput) {
        if let Some(update) = &output.platform_output.accesskit_update {
            self.lock().controls = controls(update);
        }
    }
}

/// The tree in reading order, without what only holds other things.
fn controls(update: &TreeUpdate) -> Vec<Control> {
    let nodes: HashMap<NodeId, &Node> = update.nodes.iter().map(|(id, node)| (*id, node)).collect();
    let mut open: Vec<NodeId> = update.tree.iter().map(|tree| tree.root).collect();
    let mut controls = Vec::new();
    while let Some(id) = open.pop() {
        let Some(node) = nodes.get(&id) else { continue };
        controls.extend(control(id, node, &nodes));
        open.extend(node.children().iter().rev());
    }
    controls
}

fn control(id: NodeId, node: &Node, nodes: &HashMap<NodeId, &Node>) -> Option<Control> {
    let role = match node.role() {
        Role::Label => None,
        Role::Button | Role::ColorWell => Some("button"),
        Role::CheckBox => Some("checkbox"),
        Role::RadioButton => Some("radio"),
        Role::Slider => Some("slider"),
        Role::SpinButton => Some("spinbutton"),
        Role::ComboBox => Some("combobox"),
        Role::TextInput | Role::MultilineTextInput => Some("textbox"),
        Role::Link => Some("link"),
        Role::ProgressIndicator => Some("progressbar"),
        Role::Canvas | Role::Image => Some("img"),
        _ => return None,
    };
    let labels = node.labelled_by().iter().filter_map(|id| nodes.get(id));
    let labels: Vec<&str> = labels.filter_map(|label| label.value()).collect();
    let own = if role.is_none() {
        node.value()
    } else {
        node.label()
    };
    let name = own.map_or_else(|| labels.join(" "), str::to_owned);
    let number = node.numeric_value().map(|value| format!("{value:.4}"));
    let value = node.value().map(str::to_owned).or(number);
    let is_text = role.is_none();
    (!name.is_empty()).then(|| Control {
        id: id.0,
        role,
        name,
        value: value.filter(|_| !is_text),
        is_on: node.toggled().map(|toggled| toggled == Toggled::True),
        is_disabled: node.is_disabled(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn controls_are_listed_in_order_and_pressed_by_their_ids() {
        let ctx = Context::default();
        let mirror = Mirror::of(&ctx);
        let mut presses = 0;
        let mut is_ticked = false;
        let mut frame = || {
            let _ = ctx.run_ui(RawInput::default(), |ui| {
                ui.label("Images");
                if ui.button("Train").clicked() {
                    presses += 1;
                }
                ui.checkbox(&mut is_ticked, "Gray");
                ui.add_enabled(false, eframe::egui::Button::new("Stop"));
            });
            presses
        };
        frame();
        assert_eq!(frame(), 0);
        let controls = mirror.controls();
        let names: Vec<_> = controls.iter().map(|c| (c.role, c.name.as_str())).collect();
        let expected = [
            (None, "Images"),
            (Some("button"), "Train"),
            (Some("checkbox"), "Gray"),
            (Some("button"), "Stop"),
        ];
        assert_eq!(names, expected);
        assert_eq!(controls[2].is_on, Some(false));
        assert!(controls[3].is_disabled && !controls[1].is_disabled);
        mirror.press(controls[1].id);
        mirror.press(controls[2].id);
        frame();
        assert_eq!(frame(), 1);
        assert_eq!(mirror.controls()[2].is_on, Some(true));
    }
}
