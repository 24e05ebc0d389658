//! The window's controls as a list, for screen readers where the window is a canvas: egui describes its
//! controls for AccessKit, which eframe has no browser part for. The page shows the list as hidden
//! elements and hands clicks on them back.

use eframe::egui::accesskit::{Action, ActionRequest, Node, NodeId, Toggled, TreeId, TreeUpdate};
use eframe::egui::{Context, Event, FullOutput, Plugin, RawInput, Role};
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

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
    pressed: Vec<Press>,
}

/// A press on its way. Whoever pressed saw the list as it was a moment ago; a control that moved since has
/// another number, and its old number may be another control's.
struct Press {
    id: u64,
    role: Option<String>,
    name: String,
    /// In how many more frames it may still find its control.
    frames: u32,
    /// Whom it was sent to in this frame.
    sent: Option<NodeId>,
}

impl Press {
    /// The number that its control has now.
    fn target(&self, controls: &[Control]) -> Option<u64> {
        let is_meant = |c: &&Control| c.role == self.role.as_deref() && c.name == self.name;
        let mut meant = controls.iter().filter(is_meant).map(|c| c.id);
        let first = meant.next()?;
        let is_same = |id: &u64| *id == self.id;
        Some(
            std::iter::once(first)
                .chain(meant)
                .find(is_same)
                .unwrap_or(first),
        )
    }
}

/// Frames in which a press may find its control: one that closes a menu and shows the button behind it takes
/// two.
const PATIENCE_FRAMES: u32 = 4;

/// Longer than those who show the list wait between two looks at it.
const LOOKED_AT_WITHIN: Duration = Duration::from_millis(300);

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

    /// Presses a control of an earlier list at the next frame, wherever it is by then.
    pub fn press(&self, id: u64, role: Option<&str>, name: &str) {
        self.lock().pressed.push(Press {
            id,
            role: role.map(str::to_owned),
            name: name.to_owned(),
            frames: PATIENCE_FRAMES,
            sent: None,
        });
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
        let mut shared = self.lock();
        let shared = &mut *shared;
        for press in &mut shared.pressed {
            press.frames -= 1;
            press.sent = press.target(&shared.controls).map(NodeId);
            let Some(target_node) = press.sent else {
                continue;
            };
            input
                .events
                .push(Event::AccessKitActionRequest(ActionRequest {
                    action: Action::Click,
                    target_tree: TreeId::ROOT,
                    target_node,
                    data: None,
                }));
        }
    }

    fn output_hook(&mut self, ctx: &Context, output: &mut FullOutput) {
        let mut shared = self.lock();
        if let Some(update) = &output.platform_output.accesskit_update {
            let drawn: HashSet<NodeId> = update.nodes.iter().map(|(id, _)| *id).collect();
            let controls = controls(update);
            if shared.controls != controls {
                shared.controls = controls;
                // Whoever shows the list looks at it before a frame: there must be one after the last change.
                ctx.request_repaint_after(LOOKED_AT_WITHIN);
            }
            // Those whose control was not drawn went nowhere.
            let is_done = |press: &Press| press.sent.is_some_and(|id| drawn.contains(&id));
            shared
                .pressed
                .retain(|press| press.frames > 0 && !is_done(press));
        }
        if !shared.pressed.is_empty() {
            ctx.request_repaint();
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
        mirror.press(controls[1].id, controls[1].role, &controls[1].name);
        mirror.press(controls[2].id, controls[2].role, &controls[2].name);
        frame();
        assert_eq!(frame(), 1);
        assert_eq!(mirror.controls()[2].is_on, Some(true));
    }

    #[test]
    fn a_press_finds_its_button_after_another_took_its_place() {
        let ctx = Context::default();
        let mirror = Mirror::of(&ctx);
        let mut pressed = Vec::new();
        let mut frame = |names: &[&'static str]| {
            let _ = ctx.run_ui(RawInput::default(), |ui| {
                for name in names {
                    if ui.button(*name).clicked() {
                        pressed.push(*name);
                    }
                }
            });
            pressed.clone()
        };
        frame(&["Train"]);
        let train = mirror.controls()[0].clone();
        frame(&["Stop", "Train"]);
        assert_eq!(
            mirror.controls()[0].id,
            train.id,
            "the number changed hands"
        );
        mirror.press(train.id, train.role, &train.name);
        assert_eq!(frame(&["Stop", "Train"]), ["Train"]);
        // One that is gone for a frame is waited for; one that stays away is forgotten.
        frame(&["Stop"]);
        mirror.press(train.id, train.role, &train.name);
        frame(&["Stop"]);
        frame(&["Stop", "Train"]);
        assert_eq!(frame(&["Stop", "Train"]), ["Train", "Train"]);
        mirror.press(7, Some("button"), "Nobody");
        (0..PATIENCE_FRAMES).for_each(|_| drop(frame(&["Stop"])));
        assert!(mirror.lock().pressed.is_empty());
    }
}
