//! What `web/worker.js` lends: messages out, turns of the event loop, and the browser's file system.

use js_sys::{Array, Object, Reflect, Uint8Array};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
extern "C" {
    /// The object of that name in `web/worker.js`.
    #[derive(Clone)]
    pub type Host;

    /// Sends a message to the page; the buffers in `transfer` move there.
    #[wasm_bindgen(method)]
    pub fn post(this: &Host, message: &JsValue, transfer: &Array);

    /// Says that this worker is lost, and why.
    #[wasm_bindgen(method)]
    pub fn broken(this: &Host, message: &str);

    /// Has `turn` called when the messages that wait were delivered.
    #[wasm_bindgen(method)]
    pub fn schedule(this: &Host);

    /// Opens the file of a run for this worker alone; makes it if `create`, which fails where there is
    /// one.
    #[wasm_bindgen(method, catch, js_name = openRun)]
    pub async fn open_run(this: &Host, run: &str, create: bool) -> Result<JsValue, JsValue>;

    /// The file of a run as it is now.
    #[wasm_bindgen(method, catch, js_name = runFile)]
    pub async fn run_file(this: &Host, run: &str) -> Result<JsValue, JsValue>;

    /// An array of `{run, modified, inUse}`.
    #[wasm_bindgen(method, catch)]
    pub async fn runs(this: &Host) -> Result<JsValue, JsValue>;

    /// Deletes the file of a run that is not in use.
    #[wasm_bindgen(method, catch, js_name = removeRun)]
    pub async fn remove_run(this: &Host, run: &str) -> Result<JsValue, JsValue>;

    /// `{usage, quota, persisted}`.
    #[wasm_bindgen(method, catch)]
    pub async fn estimate(this: &Host) -> Result<JsValue, JsValue>;

    /// An open file and the lock that goes with it.
    pub type RunFile;

    #[wasm_bindgen(method, catch)]
    pub fn size(this: &RunFile) -> Result<f64, JsValue>;

    /// Reads from `at` on; how many bytes there were.
    #[wasm_bindgen(method, catch)]
    pub fn read(this: &RunFile, bytes: &mut [u8], at: f64) -> Result<f64, JsValue>;

    /// Writes at `at`; how many bytes fitted.
    #[wasm_bindgen(method, catch)]
    pub fn write(this: &RunFile, bytes: &[u8], at: f64) -> Result<f64, JsValue>;

    #[wasm_bindgen(method, catch)]
    pub fn resize(this: &RunFile, len: f64) -> Result<(), JsValue>;

    #[wasm_bindgen(method, catch)]
    pub fn flush(this: &RunFile) -> Result<(), JsValue>;

    #[wasm_bindgen(method)]
    pub fn close(this: &RunFile);

    /// A `Blob` or `File`.
    #[derive(Clone)]
    pub type Blob;

    #[wasm_bindgen(constructor)]
    pub fn new(parts: &Array) -> Blob;

    #[wasm_bindgen(method, getter)]
    pub fn size(this: &Blob) -> f64;

    #[wasm_bindgen(method)]
    pub fn slice(this: &Blob, start: f64, end: f64) -> Blob;

    /// Reads blobs at once; workers alone have it.
    pub type FileReaderSync;

    #[wasm_bindgen(constructor, catch)]
    pub fn new() -> Result<FileReaderSync, JsValue>;

    #[wasm_bindgen(method, catch, js_name = readAsArrayBuffer)]
    pub fn read_as_array_buffer(this: &FileReaderSync, blob: &Blob) -> Result<JsValue, JsValue>;
}

/// A property; undefined where there is nothing to have one.
pub(crate) fn get(of: &JsValue, key: &str) -> JsValue {
    Reflect::get(of, &key.into()).unwrap_or(JsValue::UNDEFINED)
}

/// An object with these properties.
pub(crate) fn object(properties: &[(&str, JsValue)]) -> Object {
    let object = Object::new();
    for (key, value) in properties {
        // A plain object takes every property.
        let _ = Reflect::set(&object, &(*key).into(), value);
    }
    object
}

/// Bytes in memory of JavaScript's own.
pub(crate) fn bytes(bytes: &[u8]) -> Uint8Array {
    Uint8Array::from(bytes)
}

/// The name of an exception, such as "QuotaExceededError", and what it says.
pub(crate) fn exception(error: &JsValue) -> (String, String) {
    let word = |key| get(error, key).as_string().unwrap_or_default();
    match (word("name"), word("message")) {
        (name, message) if name.is_empty() && message.is_empty() => (name, format!("{error:?}")),
        words => words,
    }
}
