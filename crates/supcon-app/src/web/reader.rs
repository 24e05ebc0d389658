//! The window's controls as hidden elements, for screen readers and for scripts that test the page.

use crate::mirror::{Control, Mirror};
use eframe::egui::Context;
use std::collections::HashMap;
use std::time::Duration;
use wasm_bindgen::prelude::*;
use web_sys::{Document, Element, Event, HtmlElement};

/// Milliseconds between two looks at the list: people read slower than windows draw.
const PERIOD_MS: f64 = 250.0;
/// Where the elements are (index.html).
const PLACE: &str = "controls";

/// The elements shown.
pub struct Reader {
    mirror: Mirror,
    shown: Vec<Control>,
    elements: HashMap<u64, Element>,
    looked_ms: f64,
    _on_click: Closure<dyn FnMut(Event)>,
}

impl Reader {
    /// Of a window; `None` without the place for it.
    #[must_use]
    pub fn new(ctx: &Context) -> Option<Self> {
        let place = document()?.get_element_by_id(PLACE)?;
        let mirror = Mirror::of(ctx);
        let on_click = {
            let (mirror, ctx) = (mirror.clone(), ctx.clone());
            Closure::<dyn FnMut(Event)>::new(move |event: Event| {
                let target = event.target().and_then(|t| t.dyn_into::<Element>().ok());
                let Some(target) = target else { return };
                let id = target.get_attribute("data-id");
                if let Some(id) = id.and_then(|id| id.parse().ok()) {
                    let name = target.get_attribute("aria-label");
                    let name = name.or_else(|| target.text_content()).unwrap_or_default();
                    mirror.press(id, target.get_attribute("role").as_deref(), &name);
                    ctx.request_repaint();
                    // Keys belong to the window: it moves sliders and takes texts.
                    focus_canvas();
                }
            })
        };
        place
            .add_event_listener_with_callback("click", on_click.as_ref().unchecked_ref())
            .ok()?;
        Some(Self {
            mirror,
            shown: Vec::new(),
            elements: HashMap::new(),
            looked_ms: 0.0,
            _on_click: on_click,
        })
    }

    /// Shows what the window shows, now and then; what is left out comes at a later frame.
    pub fn follow(&mut self, ctx: &Context) {
        let now = js_sys::Date::now();
        let rest_ms = self.looked_ms + PERIOD_MS - now;
        if (0.0..=PERIOD_MS).contains(&rest_ms) {
            ctx.request_repaint_after(Duration::from_secs_f64(rest_ms / 1e3));
            return;
        }
        self.looked_ms = now;
        let controls = self.mirror.controls();
        if controls != self.shown {
            // A document that takes no elements any more is being closed.
            let _ = self.show(&controls);
            self.shown = controls;
        }
    }

    fn show(&mut self, controls: &[Control]) -> Result<(), JsValue> {
        let document = document().ok_or("there is no document")?;
        let place = document
            .get_element_by_id(PLACE)
            .ok_or("there is no place")?;
        let mut old = std::mem::take(&mut self.elements);
        let mut next = place.first_element_child();
        for control in controls {
            let element = match old.remove(&control.id) {
                Some(element) => element,
                None => document.create_element("div")?,
            };
            describe(&element, control)?;
            // Elements in their place are left alone, so that a reader keeps its own.
            if next.as_ref() == Some(&element) {
                next = element.next_element_sibling();
            } else {
                place.insert_before(&element, next.as_deref())?;
            }
            self.elements.insert(control.id, element);
        }
        old.into_values().for_each(|element| element.remove());
        Ok(())
    }
}

/// Sets what has changed.
fn describe(element: &Element, control: &Control) -> Result<(), JsValue> {
    set(element, "data-id", Some(&control.id.to_string()))?;
    set(element, "role", control.role)?;
    let is_text = control.role.is_none() || control.role == Some("button");
    if is_text && element.text_content().as_deref() != Some(&control.name) {
        element.set_text_content(Some(&control.name));
    }
    set(element, "aria-label", (!is_text).then_some(&control.name))?;
    let disabled = control.is_disabled.then_some("true");
    set(element, "aria-disabled", disabled)?;
    let word = |is_on| if is_on { "true" } else { "false" };
    let on = control.is_on.map(word);
    let is_toggle = matches!(control.role, Some("checkbox" | "radio"));
    set(element, "aria-checked", on.filter(|_| is_toggle))?;
    set(element, "aria-pressed", on.filter(|_| !is_toggle))?;
    set(element, "aria-valuetext", control.value.as_deref())
}

fn set(element: &Element, name: &str, value: Option<&str>) -> Result<(), JsValue> {
    match value {
        Some(value) if element.get_attribute(name).as_deref() == Some(value) => Ok(()),
        Some(value) => element.set_attribute(name, value),
        None => element.remove_attribute(name),
    }
}

fn document() -> Option<Document> {
    web_sys::window()?.document()
}

fn focus_canvas() {
    let canvas = document().and_then(|document| document.get_element_by_id("canvas"));
    if let Some(canvas) = canvas.and_then(|canvas| canvas.dyn_into::<HtmlElement>().ok()) {
        // A canvas that cannot be focused is none.
        let _ = canvas.focus();
    }
}
