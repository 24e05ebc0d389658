//! `cargo xtask web`: the page and its engine as a folder for any static host.

mod bench;
mod modules;
mod site;
mod test;

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::{http, node, shell};
pub(crate) use bench::bench;
use modules::Module;
pub(crate) use modules::wasm_bindgen;
use site::Site;
pub(crate) use test::test;
use test::{supcon, write_smoke};

/// What is published.
const DIST: &str = "dist";
/// Where `--serve` answers.
const PORT: u16 = 8080;

/// How the modules are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// As the compiler made them.
    Compiled,
    /// As they are published.
    Optimised,
}

/// Builds the whole site, optimised.
pub(crate) fn run() -> Result<()> {
    let (site, _) = assemble(Form::Optimised)?;
    let written = site.write("index.html", Path::new(DIST))?;
    for (name, len) in &written {
        println!("{:>10} {DIST}/{name}", human(*len));
    }
    Ok(())
}

/// Everything of the page, and its modules as the compiler made them, which still have names.
fn assemble(form: Form) -> Result<(Site, Vec<PathBuf>)> {
    let (mut site, mut compiled) = (Site::new(), Vec::new());
    for module in [Module::APP, Module::ENGINE] {
        let built = module.build()?;
        let wasm = match form {
            Form::Compiled => built.wasm,
            Form::Optimised => optimise(&built.wasm)?,
        };
        site.add(&format!("{}.js", module.name), read(&built.glue)?);
        site.add(&format!("{}.wasm", module.name), read(&wasm)?);
        compiled.push(built.compiled);
    }
    site.add_folder(Path::new("web"))?;
    site.add("index.html", read(Path::new("index.html"))?);
    Ok((site, compiled))
}

/// Builds the site and serves it until stopped.
pub(crate) fn serve() -> Result<()> {
    run()?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, PORT)).with_context(|| {
        format!("port {PORT} is taken: stop what uses it, or serve {DIST}/ with another program")
    })?;
    println!("http://localhost:{PORT}/ until Ctrl-C");
    http::serve(&listener, |request| match request.method.as_str() {
        "GET" => http::Response::file(Path::new(DIST), &request.path),
        _ => http::Response::not_found(),
    });
    Ok(())
}

/// Less code, by Binaryen: what the linker left twice or for nobody. Its passes that rewrite functions make a
/// module smaller and what is downloaded of it larger, as compressors then find less that is alike. Features are
/// named, since Chromium refuses what it does not know.
fn optimise(wasm: &Path) -> Result<PathBuf> {
    let optimised = wasm.with_extension("opt.wasm");
    let mut wasm_opt = node::program("web", "wasm-opt")?;
    wasm_opt.args([
        "--duplicate-function-elimination",
        "--remove-unused-module-elements",
        "--memory-packing",
        "--strip-debug",
        "--strip-producers",
    ]);
    wasm_opt.args([
        "--enable-bulk-memory",
        "--enable-bulk-memory-opt",
        "--enable-multivalue",
        "--enable-mutable-globals",
        "--enable-nontrapping-float-to-int",
        "--enable-reference-types",
        "--enable-sign-ext",
        "--enable-simd",
    ]);
    wasm_opt.arg(wasm).arg("-o").arg(&optimised);
    shell::run(wasm_opt)?;
    Ok(optimised)
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

fn human(len: usize) -> String {
    format!("{:.1} kB", len as f64 / 1e3)
}
