//! What people need who cannot see the window, cannot hold a mouse, or read a word for the first time: every
//! control has a name and a tooltip, and can be reached with the keyboard.

use crate::recording;
use crate::window::{
    Window, builder, click, click_at, desk, finished, on_screen, opened, push, settings, settle,
    training,
};
use eframe::egui::accesskit::Action;
use eframe::egui::{Key, Modifiers, Pos2, Rect, Role, Theme};
use egui_kittest::kittest::{NodeT, Queryable};
use std::collections::BTreeSet;
use supcon_app::{App, Recorded};
use supcon_protocol::{ErrorReport, Notice, RunState};

/// Roles of what does something.
const CONTROLS: [Role; 9] = [
    Role::Button,
    Role::CheckBox,
    Role::RadioButton,
    Role::Slider,
    Role::SpinButton,
    Role::ComboBox,
    Role::TextInput,
    Role::Link,
    Role::Canvas,
];

/// A control as the tree describes it.
#[derive(Clone, Debug)]
struct Control {
    role: Role,
    name: String,
    rect: Rect,
    is_focusable: bool,
    is_enabled: bool,
}

fn controls(window: &Window) -> Vec<Control> {
    let nodes = window.root().children_recursive();
    let of = |node: egui_kittest::Node<'_>| {
        let inner = node.accesskit_node();
        CONTROLS.contains(&inner.role()).then(|| Control {
            role: inner.role(),
            name: inner.label().unwrap_or_default(),
            rect: node.rect(),
            is_focusable: inner.data().supports_action(Action::Focus),
            is_enabled: !inner.is_disabled(),
        })
    };
    nodes.filter_map(of).collect()
}

/// Texts of the window: tooltips are more of them.
fn texts(window: &Window) -> BTreeSet<String> {
    let nodes = window.root().children_recursive();
    let labels = nodes.filter(|node| node.accesskit_node().role() == Role::Label);
    labels
        .filter_map(|node| node.accesskit_node().value())
        .collect()
}

/// Two runs of the same images.
fn compared() -> Vec<Notice> {
    let mut notices = finished();
    notices.extend(recording::run("run-2", recording::FRAMES));
    notices.extend(recording::end("run-2"));
    notices
}

fn phone() -> Window {
    let mut window = builder([390.0, 844.0], Theme::Dark)
        .build_eframe(|cc| App::new(cc, Recorded::new(opened()), settings(Theme::Dark), None));
    settle(&mut window);
    window
}

/// The window with each of its panels and dialogs in front, by name.
fn everything() -> Vec<(&'static str, Window)> {
    let clicked = |notices: Vec<Notice>, labels: &[&str]| {
        let mut window = desk(notices);
        labels.iter().for_each(|label| click(&mut window, label));
        window
    };
    let mut inspected = desk(training());
    let at = on_screen(&inspected, 4);
    click_at(&mut inspected, at);
    let mut selected = desk(training());
    selected.state_mut().view.map.select((0..12).collect());
    settle(&mut selected);
    let mut failed = desk(opened());
    push(
        &mut failed,
        [Notice::Failed(ErrorReport {
            message: "/data/cats holds no pictures".into(),
            causes: Vec::new(),
            hint: None,
        })],
    );
    let mut closing = desk(training());
    closing.state_mut().view.asks_to_close = true;
    settle(&mut closing);
    let mut stopped = desk(training());
    push(&mut stopped, [recording::state("run-1", RunState::Stopped)]);
    vec![
        ("setup", desk(opened())),
        ("training", desk(training())),
        ("pairs", inspected),
        ("selection", selected),
        ("similarities", clicked(training(), &["Similarities"])),
        ("view menu", clicked(training(), &["View ▾"])),
        ("colours", clicked(training(), &["Colour by"])),
        ("stopped", stopped),
        ("results", desk(finished())),
        ("compare", clicked(compared(), &["Compare"])),
        ("nothing to compare", clicked(opened(), &["Compare"])),
        ("help", clicked(opened(), &["Help"])),
        ("tour", clicked(opened(), &["Tour"])),
        ("a path", clicked(opened(), &["type its path"])),
        ("an error", failed),
        ("closing", closing),
        ("a phone", phone()),
    ]
}

#[test]
fn every_control_has_a_name() {
    let mut nameless = Vec::new();
    for (panel, window) in everything() {
        let all = controls(&window);
        assert!(all.len() > 3, "{panel}: {all:?}");
        // A whole explanation is no name.
        let is_named = |name: &str| !name.trim().is_empty() && name.len() < 90;
        let without = all.into_iter().filter(|control| !is_named(&control.name));
        nameless.extend(without.map(|control| format!("{panel}: {control:?}")));
    }
    assert!(nameless.is_empty(), "{}", nameless.join("\n"));
}

#[test]
fn every_control_explains_itself_when_the_pointer_rests_on_it() {
    let mut silent = BTreeSet::new();
    let mut asked = BTreeSet::new();
    for (panel, mut window) in everything() {
        window.remove_cursor();
        settle(&mut window);
        for control in controls(&window) {
            // A map answers with the card of a point. What another panel has shown need not be asked again.
            // The legend of a plot has none: its entries are names already.
            let is_legend = control.role == Role::CheckBox && control.name.ends_with(". SupCon");
            let is_asked = control.is_enabled && control.role != Role::Canvas && !is_legend;
            if !is_asked || !asked.insert(control.name.clone()) {
                continue;
            }
            window.remove_cursor();
            window.run_steps(2);
            let Some(at) = brought_into_view(&mut window, &control) else {
                continue;
            };
            let before = texts(&window);
            window.hover_at(at);
            window.run_steps(7);
            if texts(&window).is_subset(&before) {
                silent.insert(format!("{panel}: {:?} {:?}", control.role, control.name));
            }
        }
    }
    let list: Vec<String> = silent.into_iter().collect();
    assert!(list.is_empty(), "{}", list.join("\n"));
}

/// Where a control is once it has been scrolled to; none where a panel has too little room for it.
fn brought_into_view(window: &mut Window, control: &Control) -> Option<Pos2> {
    let find = |window: &Window| {
        let mut same = controls(window).into_iter();
        let same = same.find(|other| (other.role, &other.name) == (control.role, &control.name));
        same.map(|found| found.rect.center())
    };
    let screen = window.ctx.content_rect().shrink(30.0);
    if !screen.contains(find(window)?) {
        let mut nodes: Vec<_> = window.root().children_recursive().collect();
        nodes.retain(|node| {
            let inner = node.accesskit_node();
            inner.role() == control.role && inner.label().unwrap_or_default() == control.name
        });
        nodes.first()?.scroll_to_me();
        drop(nodes);
        window.run_steps(12);
    }
    find(window).filter(|&at| window.ctx.content_rect().contains(at))
}

#[test]
fn every_control_that_does_something_takes_the_keyboard() {
    let mut missed = Vec::new();
    for (panel, window) in everything() {
        let all = controls(&window).into_iter();
        let without = all.filter(|control| control.is_enabled && !control.is_focusable);
        missed.extend(without.map(|control| format!("{panel}: {control:?}")));
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

/// From the window as it opens to a run, and from a run to the reasons of a point, without a mouse.
#[test]
fn the_keyboard_alone_trains_and_inspects() {
    let mut window = desk(opened());
    let mut names = Vec::new();
    for _ in 0..80 {
        window.key_press(Key::Tab);
        window.run_steps(2);
        let focused = window
            .root()
            .children_recursive()
            .find(|node| node.is_focused());
        names.extend(focused.and_then(|node| node.accesskit_node().label()));
        if names.last().is_some_and(|name| name == "Train") {
            break;
        }
    }
    assert_eq!(names.last().map(String::as_str), Some("Train"), "{names:?}");
    window.key_press(Key::Enter);
    settle(&mut window);
    let started = window.state().engine.requests.last();
    assert!(matches!(started, Some(supcon_protocol::Request::Start(_))));
    push(&mut window, recording::run("run-1", recording::FRAMES));
    window.key_press(Key::Escape);
    settle(&mut window);
    window.key_press(Key::N);
    window.key_press(Key::N);
    settle(&mut window);
    assert_eq!(window.state().view.map.anchor, Some(1));
    window.key_press_modifiers(Modifiers::SHIFT, Key::N);
    settle(&mut window);
    assert_eq!(window.state().view.map.anchor, Some(0));
    assert!(
        window
            .query_by_label_contains("Hardest positives")
            .is_some()
    );
}

#[test]
fn escape_closes_a_dialog_and_leaves_the_selection() {
    let mut window = desk(training());
    window.state_mut().view.map.select(vec![1, 2, 3]);
    click(&mut window, "Help");
    assert!(window.query_by_label("Ctrl+Enter").is_some());
    window.key_press(Key::Escape);
    settle(&mut window);
    assert!(window.query_by_label("Ctrl+Enter").is_none());
    assert_eq!(window.state().view.map.selected, [1, 2, 3]);
}
