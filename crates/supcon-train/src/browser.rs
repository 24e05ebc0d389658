//! What the engine asks of the browser it runs in.

use crate::device::Adapter;
use js_sys::{Function, Object, Promise, Reflect, global};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;

/// Name and version of the browser and its system.
pub(crate) fn user_agent() -> String {
    let agent = get(&get(&global(), "navigator"), "userAgent");
    agent.as_string().unwrap_or_else(|| "a browser".to_owned())
}

/// Waits without keeping the worker busy.
pub(crate) async fn sleep(duration_ms: u32) {
    let mut start = |resolve: Function, _: Function| {
        if let Ok(set_timeout) = get(&global(), "setTimeout").dyn_into::<Function>() {
            // A browser without timers would wait for ever, and there is none.
            let _ = set_timeout.call2(&JsValue::NULL, &resolve, &duration_ms.into());
        }
    };
    let _ = JsFuture::from(Promise::new(&mut start)).await;
}

/// The adapter that WebGPU gives for computing, if there is one.
pub(crate) async fn adapter() -> Option<Adapter> {
    let gpu = get(&get(&global(), "navigator"), "gpu");
    let request: Function = get(&gpu, "requestAdapter").dyn_into().ok()?;
    let wish = Object::new();
    Reflect::set(&wish, &"powerPreference".into(), &"high-performance".into()).ok()?;
    let asked: Promise = request.call1(&gpu, &wish).ok()?.dyn_into().ok()?;
    let adapter = JsFuture::from(asked).await.ok()?;
    let info = get(&adapter, "info");
    let word = |key: &str| get(&info, key).as_string().unwrap_or_default();
    let words = ["vendor", "architecture", "device", "description"].map(word);
    let is_fallback = get(&info, "isFallbackAdapter").as_bool() == Some(true);
    adapter
        .is_object()
        .then(|| Adapter::of_browser(&words, is_fallback))
}

/// A property; undefined where there is nothing to have one.
fn get(of: &JsValue, key: &str) -> JsValue {
    Reflect::get(of, &key.into()).unwrap_or(JsValue::UNDEFINED)
}
