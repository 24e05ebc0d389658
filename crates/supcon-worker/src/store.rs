//! The page's commands about stored runs: `{kind: "store", id, op, …}`, each answered once.

use crate::dropped::OneFile;
use crate::host::{Blob, bytes, get, object};
use crate::parcel::{self, RunFiles};
use crate::runs::{BrowserRuns, Files, fact, refusal};
use js_sys::Array;
use supcon_protocol::ErrorReport;
use supcon_train::{RunStore as _, SavedRun, files};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::spawn_local;

type Answer = Vec<(&'static str, JsValue)>;

/// Carries a command out beside the engine, and answers.
pub(crate) fn serve(runs: BrowserRuns, message: JsValue) {
    spawn_local(async move {
        let answer = carry_out(&runs, &message).await;
        let mut properties = vec![("kind", "store".into()), ("id", get(&message, "id"))];
        let moved = Array::new();
        match answer {
            Ok(answer) => {
                let buffers = answer.iter().map(|(_, value)| value);
                let buffers = buffers.filter_map(|value| value.dyn_ref::<js_sys::Uint8Array>());
                buffers.for_each(|bytes| {
                    moved.push(&bytes.buffer());
                });
                properties.push(("ok", true.into()));
                properties.extend(answer);
            }
            Err(report) => {
                properties.push(("ok", false.into()));
                properties.push(("message", report.to_string().into()));
            }
        }
        runs.host.post(&object(&properties), &moved);
    });
}

async fn carry_out(runs: &BrowserRuns, message: &JsValue) -> Result<Answer, ErrorReport> {
    let word = |key: &str| get(message, key).as_string().unwrap_or_default();
    let run = word("run");
    match word("op").as_str() {
        "list" => list(runs).await,
        "files" => {
            let files = runs.look_into(&run).await?.list();
            let file = |(name, len): (String, u64)| -> JsValue {
                object(&[("name", name.into()), ("bytes", (len as f64).into())]).into()
            };
            Ok(vec![(
                "files",
                files.into_iter().map(file).collect::<Array>().into(),
            )])
        }
        "read" => {
            let read = runs.look_into(&run).await?.read(&run, &word("name"));
            let found = read.map_err(|error| ErrorReport::new(&error, None))?;
            let found = found.map_or(JsValue::NULL, |found| bytes(&found).into());
            Ok(vec![("bytes", found)])
        }
        "export" => export(runs, &run).await,
        "holds_run" => {
            let (file, name) = named(get(message, "file").unchecked_into());
            let holds = parcel::holds_run(&OneFile(name.clone(), file), &name);
            Ok(vec![("holds", holds.into())])
        }
        "import" => import(runs, get(message, "file").unchecked_into()).await,
        "delete" => {
            let removed = runs.host.remove_run(&run).await;
            removed.map_err(|error| refusal(&run, &error))?;
            Ok(Vec::new())
        }
        "estimate" => {
            let told = runs.host.estimate().await;
            let told = told.map_err(|error| refusal("storage", &error))?;
            let keys = ["usage", "quota", "persisted"];
            Ok(keys.map(|key| (key, get(&told, key))).to_vec())
        }
        op => Err(fact(
            format!("the engine does not know the command \"{op}\""),
            "Reload the page.",
        )),
    }
}

/// The runs, newest first. What has no configuration and no owner is what a killed start left: it goes.
async fn list(runs: &BrowserRuns) -> Result<Answer, ErrorReport> {
    let found = runs.host.runs().await;
    let found = found.map_err(|error| refusal("list", &error))?;
    let listed = Array::new();
    for entry in Array::from(&found).iter() {
        let run = get(&entry, "run").as_string().unwrap_or_default();
        let is_in_use = get(&entry, "inUse").is_truthy();
        // One that cannot be read is listed, so that it can be deleted.
        let files = runs.look_into(&run).await.ok();
        let of = |files: &Files| files.list();
        let files_of = files.as_ref().map(of);
        let is_run =
            |files: &Vec<(String, u64)>| files.iter().any(|(name, _)| name == files::CONFIG);
        if !is_in_use && files_of.as_ref().is_some_and(|files| !is_run(files)) {
            // Another tab may have taken it just now; then it stays.
            let _ = runs.host.remove_run(&run).await;
            continue;
        }
        let len: u64 = files_of.iter().flatten().map(|(_, len)| len).sum();
        let is_finished = files.is_some_and(|files| is_finished(&run, files));
        listed.push(
            &object(&[
                ("run", run.into()),
                ("bytes", (len as f64).into()),
                ("modified", get(&entry, "modified")),
                ("finished", is_finished.into()),
                ("in_use", is_in_use.into()),
            ])
            .into(),
        );
    }
    Ok(vec![("runs", listed.into())])
}

fn is_finished(run: &str, files: Files) -> bool {
    let place = run.to_owned();
    let read = move |name: &str| files.read(&place, name);
    let saved = SavedRun::open(run.to_owned(), Box::new(read));
    saved.is_ok_and(|saved| saved.is_finished().unwrap_or(false))
}

async fn export(runs: &BrowserRuns, run: &str) -> Result<Answer, ErrorReport> {
    let files = runs.look_into(run).await?;
    let mut found = RunFiles::new();
    for (name, _) in files.list() {
        let read = files.read(run, &name);
        let read = read.map_err(|error| ErrorReport::new(&error, None))?;
        found.insert(name, read.unwrap_or_default());
    }
    let tar = parcel::pack(run, &found).map_err(|error| {
        fact(
            format!("the run {run} cannot be packed: {error}"),
            "Free some memory and try again.",
        )
    })?;
    let blob = Blob::new(&Array::of1(&bytes(&tar)));
    Ok(vec![
        ("name", format!("{run}.tar").into()),
        ("blob", blob.into()),
    ])
}

fn named(file: Blob) -> (Blob, String) {
    let name = get(&file, "name").as_string();
    (file, name.unwrap_or_else(|| "the file".to_owned()))
}

async fn import(runs: &BrowserRuns, file: Blob) -> Result<Answer, ErrorReport> {
    let (file, name) = named(file);
    let parcel = parcel::unpack(&OneFile(name.clone(), file), &name);
    let parcel = parcel.map_err(|error| ErrorReport::new(&error, None))?;
    // A name that ends in a number gets another number, not a second one.
    let stem = parcel.name.trim_end_matches(|c: char| c.is_ascii_digit());
    let stem = stem.strip_suffix('-').unwrap_or(&parcel.name);
    let (run, mut sink) = runs.create(stem).await?;
    // The configuration last: what is killed before has none and is no run.
    let last = |name: &&String| *name == files::CONFIG;
    let (config, others): (Vec<_>, Vec<_>) = parcel.files.keys().partition(last);
    for name in others.into_iter().chain(config) {
        if let Err(error) = sink.put(name, &parcel.files[name]) {
            drop(sink);
            // What is left of it is swept up by the next list.
            let _ = runs.host.remove_run(&run.0).await;
            return Err(ErrorReport::new(&error, None));
        }
    }
    Ok(vec![("run", run.0.into())])
}
