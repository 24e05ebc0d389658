//! The wire to the worker: messages out, messages in, and questions with answers.

use super::trouble;
use eframe::egui::Context;
use js_sys::{Function, Object, Promise, Reflect, Uint8Array};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use supcon_protocol::wire::WireError;
use supcon_protocol::{ErrorReport, PROTOCOL_VERSION};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{ErrorEvent, MessageEvent, Worker, WorkerOptions, WorkerType};

/// What the worker has sent and nobody has read.
#[derive(Default)]
pub(super) struct Post {
    /// Notices as bytes, oldest first.
    pub(super) notices: Vec<Uint8Array>,
    /// Why the worker is to be thought dead.
    pub(super) trouble: Option<ErrorReport>,
    waiting: HashMap<u32, Function>,
    asked: u32,
    is_ready: bool,
}

impl Post {
    /// The first trouble counts; others follow from it.
    pub(super) fn broke(&mut self, report: ErrorReport) {
        self.trouble.get_or_insert(report);
        for resolve in std::mem::take(&mut self.waiting).into_values() {
            let answer = message("store");
            set(&answer, "ok", false);
            set(&answer, "message", "the engine stopped meanwhile");
            // A promise takes any value.
            let _ = resolve.call1(&JsValue::NULL, &answer);
        }
    }

    fn take(&mut self, data: &JsValue) {
        match get(data, "kind").as_string().as_deref() {
            Some("ready") => {
                self.is_ready = true;
                let (ours, theirs) = (PROTOCOL_VERSION, number(data, "protocol") as u32);
                if theirs != ours {
                    self.broke(trouble::unreadable(&WireError::Version { ours, theirs }));
                }
            }
            Some("notices") => self.notices.extend(get(data, "bytes").dyn_into().ok()),
            Some("broken") => self.broke(trouble::broken(&text(&get(data, "message")))),
            Some("store") => {
                if let Some(resolve) = self.waiting.remove(&(number(data, "id") as u32)) {
                    // A promise takes any value.
                    let _ = resolve.call1(&JsValue::NULL, data);
                }
            }
            _ => {}
        }
    }
}

/// A handle on the worker.
#[derive(Clone)]
pub(super) struct Link {
    worker: Worker,
    post: Rc<RefCell<Post>>,
}

impl Link {
    /// Sends a message.
    pub(super) fn send(&self, message: &Object) {
        if let Err(error) = self.worker.post_message(message) {
            self.post
                .borrow_mut()
                .broke(trouble::unreachable(&text(&error)));
        }
    }

    /// What has arrived.
    pub(super) fn post(&self) -> std::cell::RefMut<'_, Post> {
        self.post.borrow_mut()
    }

    /// Asks the worker's store; `fields` go into the message.
    ///
    /// # Errors
    /// What the store says, in a sentence.
    pub(super) async fn ask(
        &self,
        op: &str,
        fields: &[(&str, JsValue)],
    ) -> Result<JsValue, String> {
        let id = {
            let mut post = self.post();
            post.asked += 1;
            post.asked
        };
        let answer = Promise::new(&mut |resolve, _| {
            self.post().waiting.insert(id, resolve);
        });
        let ask = message("store");
        set(&ask, "id", id);
        set(&ask, "op", op);
        for (name, value) in fields {
            set(&ask, name, value);
        }
        self.send(&ask);
        let answer = JsFuture::from(answer).await.map_err(|e| text(&e))?;
        if get(&answer, "ok").is_truthy() {
            Ok(answer)
        } else {
            Err(text(&get(&answer, "message")))
        }
    }
}

/// A worker and what it calls; ends with it.
pub(super) struct Live {
    /// The way to it.
    pub(super) link: Link,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut(ErrorEvent)>,
}

impl Live {
    /// Starts the worker whose script is at `url`; wakes the window at each message.
    ///
    /// # Errors
    /// A browser that gives no worker.
    pub(super) fn spawn(url: &str, ctx: &Context) -> Result<Self, String> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let worker = Worker::new_with_options(url, &options).map_err(|error| text(&error))?;
        let post = Rc::new(RefCell::new(Post::default()));
        let on_message = {
            let (post, ctx) = (post.clone(), ctx.clone());
            Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
                post.borrow_mut().take(&event.data());
                ctx.request_repaint();
            })
        };
        let on_error = {
            let (post, ctx, url) = (post.clone(), ctx.clone(), url.to_owned());
            Closure::<dyn FnMut(ErrorEvent)>::new(move |event: ErrorEvent| {
                let mut post = post.borrow_mut();
                let report = if post.is_ready {
                    trouble::broken(&event.message())
                } else {
                    trouble::not_loaded(&url, &text(&get(&event, "message")))
                };
                post.broke(report);
                ctx.request_repaint();
            })
        };
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        Ok(Self {
            link: Link { worker, post },
            _on_message: on_message,
            _on_error: on_error,
        })
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.link.worker.terminate();
    }
}

/// An object `{kind}`.
pub(super) fn message(kind: &str) -> Object {
    let object = Object::new();
    set(&object, "kind", kind);
    object
}

/// Sets a field of a fresh object, which cannot fail.
pub(super) fn set(object: &Object, name: &str, value: impl Into<JsValue>) {
    let _ = Reflect::set(object, &name.into(), &value.into());
}

/// A field, or `undefined`.
pub(super) fn get(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap_or(JsValue::UNDEFINED)
}

/// A field that is a number, or 0.
pub(super) fn number(object: &JsValue, name: &str) -> f64 {
    get(object, name).as_f64().unwrap_or(0.0)
}

/// A value in words: a string as it is, an error by its message.
pub(super) fn text(value: &JsValue) -> String {
    let string = value.as_string();
    let string = string.or_else(|| {
        value
            .is_object()
            .then(|| get(value, "message").as_string())?
    });
    string.unwrap_or_default()
}
