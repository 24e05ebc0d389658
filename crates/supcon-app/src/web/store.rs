//! Runs kept in the browser's storage, asked for through the worker, which owns their files.

use super::files::{Dropped, download, picked_file};
use super::link::{Link, get, number, text};
use crate::kept::{KeptAnswer, KeptAsk, KeptRun, Space};
use crate::recorded::{self, Files};
use crate::session::Run;
use eframe::egui::Context;
use js_sys::{Array, Uint8Array};
use std::cell::RefCell;
use std::rc::Rc;
use supcon_protocol::{ErrorReport, RunId};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::File;

/// Answers nobody has read yet.
pub(super) type Answers = Rc<RefCell<Vec<KeptAnswer>>>;

/// Carries out an ask; its answers follow, and the window is woken for them.
pub(super) fn carry_out(ask: KeptAsk, link: &Link, answers: &Answers, ctx: &Context) {
    let (link, answers, ctx) = (link.clone(), answers.clone(), ctx.clone());
    spawn_local(async move {
        let said = match answer(&link, ask).await {
            Ok(said) => said,
            Err(report) => vec![KeptAnswer::Failed(report)],
        };
        answers.borrow_mut().extend(said);
        ctx.request_repaint();
    });
}

async fn answer(link: &Link, ask: KeptAsk) -> Result<Vec<KeptAnswer>, ErrorReport> {
    match ask {
        KeptAsk::List => list(link).await,
        KeptAsk::Open(id) => Ok(vec![open(link, id, false).await?]),
        KeptAsk::Resume(id) => Ok(vec![open(link, id, true).await?]),
        KeptAsk::Download(id) => Ok(vec![export(link, &id).await?]),
        KeptAsk::Delete(RunId(run)) => {
            let fields = [("run", run.as_str().into())];
            ask_store(
                link,
                "delete",
                &fields,
                &format!("The run {run} could not be deleted"),
            )
            .await?;
            list(link).await
        }
        KeptAsk::Import => import(link).await,
    }
}

async fn ask_store(
    link: &Link,
    op: &str,
    fields: &[(&str, JsValue)],
    what: &str,
) -> Result<JsValue, ErrorReport> {
    link.ask(op, fields).await.map_err(|cause| ErrorReport {
        message: format!("{what}."),
        causes: vec![cause],
        hint: None,
    })
}

async fn list(link: &Link) -> Result<Vec<KeptAnswer>, ErrorReport> {
    let what = "The browser's storage could not be read";
    let answer = ask_store(link, "list", &[], what).await?;
    let runs = Array::from(&get(&answer, "runs"));
    let run = |run: JsValue| KeptRun {
        id: RunId(text(&get(&run, "run"))),
        bytes: number(&run, "bytes") as u64,
        modified_ms: number(&run, "modified"),
        is_finished: get(&run, "finished").is_truthy(),
        is_in_use: get(&run, "in_use").is_truthy(),
    };
    let runs = KeptAnswer::List(runs.iter().map(run).collect());
    let space = ask_store(link, "estimate", &[], what).await?;
    let space = Space {
        usage: number(&space, "usage"),
        quota: number(&space, "quota"),
        is_persisted: get(&space, "persisted").is_truthy(),
    };
    Ok(vec![runs, KeptAnswer::Space(space)])
}

async fn open(link: &Link, id: RunId, resumes: bool) -> Result<KeptAnswer, ErrorReport> {
    let run = Box::new(read_run(link, &id.0).await?);
    Ok(KeptAnswer::Opened { run, resumes })
}

async fn read_run(link: &Link, run: &str) -> Result<Run, ErrorReport> {
    let mut files = Files::new();
    for name in recorded::FIRST {
        files.insert(name.to_owned(), read(link, run, name).await?);
    }
    for name in recorded::frames(&files) {
        let bytes = read(link, run, &name).await?;
        files.insert(name, bytes);
    }
    recorded::run(run, &files)
}

async fn read(link: &Link, run: &str, name: &str) -> Result<Option<Vec<u8>>, ErrorReport> {
    let fields = [("run", run.into()), ("name", name.into())];
    let what = format!("{run}/{name} could not be read");
    let answer = ask_store(link, "read", &fields, &what).await?;
    let bytes = get(&answer, "bytes").dyn_into::<Uint8Array>().ok();
    Ok(bytes.map(|bytes| bytes.to_vec()))
}

async fn export(link: &Link, RunId(run): &RunId) -> Result<KeptAnswer, ErrorReport> {
    let what = format!("The run {run} could not be packed");
    let answer = ask_store(link, "export", &[("run", run.as_str().into())], &what).await?;
    let name = text(&get(&answer, "name"));
    let blob = get(&answer, "blob").unchecked_into();
    download(&name, &blob).map_err(|error| ErrorReport {
        message: format!("{name} could not be offered as a download."),
        causes: vec![text(&error)],
        hint: None,
    })?;
    Ok(KeptAnswer::Done(format!("Saved to your downloads: {name}")))
}

async fn import(link: &Link) -> Result<Vec<KeptAnswer>, ErrorReport> {
    let Some(file) = picked_file(".tar").await else {
        return Ok(Vec::new());
    };
    let run = take_in(link, file).await?;
    let mut said = list(link).await?;
    said.push(KeptAnswer::Done(format!("Took in the run {}", run.0)));
    Ok(said)
}

async fn take_in(link: &Link, file: File) -> Result<RunId, ErrorReport> {
    let what = format!("{} could not be taken in", file.name());
    let answer = ask_store(link, "import", &[("file", file.into())], &what).await?;
    Ok(RunId(text(&get(&answer, "run"))))
}

/// A dropped archive: a run is taken in and opened, images are given back.
pub(super) fn sort_out(dropped: Dropped, link: &Link, answers: &Answers, ctx: &Context) {
    let (link, answers, ctx) = (link.clone(), answers.clone(), ctx.clone());
    spawn_local(async move {
        let said = match run_or_images(&link, dropped).await {
            Ok(said) => said,
            Err(report) => vec![KeptAnswer::Failed(report)],
        };
        answers.borrow_mut().extend(said);
        ctx.request_repaint();
    });
}

async fn run_or_images(link: &Link, dropped: Dropped) -> Result<Vec<KeptAnswer>, ErrorReport> {
    let Some(file) = dropped.archive() else {
        return Ok(vec![KeptAnswer::Images(dropped)]);
    };
    let what = format!("{} could not be read", file.name());
    let answer = ask_store(link, "holds_run", &[("file", file.clone().into())], &what).await?;
    if !get(&answer, "holds").is_truthy() {
        return Ok(vec![KeptAnswer::Images(dropped)]);
    }
    let run = take_in(link, file.clone()).await?;
    let mut said = list(link).await?;
    said.push(open(link, run, false).await?);
    Ok(said)
}

/// Asks the browser not to clear the storage by itself; it decides, and people may never hear of it.
pub(super) fn ask_to_persist() {
    let Some(window) = web_sys::window() else {
        return;
    };
    let Ok(asked) = window.navigator().storage().persist() else {
        return;
    };
    spawn_local(async move {
        // The store's estimate tells what was decided.
        let _ = JsFuture::from(asked).await;
    });
}
