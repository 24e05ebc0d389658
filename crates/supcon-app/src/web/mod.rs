//! The page of the browser: the same window on a canvas, with the engine in a worker beside it.
//!
//! `web/start.js` loads this module and calls [`start`]; what can go wrong before the first frame is
//! shown by that script in HTML.

mod engine;
mod files;
mod link;
mod page;
mod reader;
pub mod settings;
mod store;
mod trouble;

pub use engine::WebEngine;
pub use files::{Answer, Dialogs, Dropped, pause};
pub use page::Page;

use crate::app::App;
use eframe::{Renderer, WebOptions, WebRunner};
use wasm_bindgen::prelude::*;
use web_sys::HtmlCanvasElement;

/// Opens the window on a canvas. The engine's script is `worker_url`; without WebGPU, WebGL draws.
///
/// # Errors
/// Neither WebGPU nor WebGL, or a worker that cannot be started.
#[wasm_bindgen]
pub async fn start(
    canvas: HtmlCanvasElement,
    worker_url: String,
    has_webgpu: bool,
) -> Result<(), JsValue> {
    let settings = settings::load();
    let options = WebOptions {
        renderer: if has_webgpu {
            Renderer::Wgpu
        } else {
            Renderer::Glow
        },
        ..WebOptions::default()
    };
    let create = move |cc: &eframe::CreationContext<'_>| {
        if let Some(state) = &cc.wgpu_render_state {
            report_loss(&state.device);
        }
        store::ask_to_persist();
        let engine = WebEngine::spawn(worker_url, cc.egui_ctx.clone())?;
        let app: Box<dyn eframe::App> =
            Box::new(App::new(cc, engine, settings, Some(settings::PLACE.into())));
        Ok(app)
    };
    WebRunner::new()
        .start(canvas, options, Box::new(create))
        .await
}

#[wasm_bindgen]
extern "C" {
    /// Shows a message and a way out in place of the canvas (`web/start.js`).
    #[wasm_bindgen(js_namespace = supcon)]
    fn fail(message: &str, hint: &str);
    /// What a screen reader says of the canvas.
    #[wasm_bindgen(js_namespace = supcon)]
    fn speak(text: &str);
}

/// Tells the page when the device that draws it is gone: egui cannot draw that itself.
fn report_loss(device: &wgpu::Device) {
    device.set_device_lost_callback(|reason, message| {
        if reason != wgpu::DeviceLostReason::Destroyed {
            fail(
                &format!("The browser took the graphics device away. {message}"),
                "Reload the page: a run goes on from its last checkpoint. If it happens again, close other tabs that draw much.",
            );
        }
    });
}
