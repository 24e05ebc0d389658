//! `cargo xtask browser`: the WGSL in a real Chromium with WebGPU. Its compiler sees every
//! specialisation, and the kernels are held against the f64 reference.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::http::{self, Request, Response};
use crate::{setup, shell};

/// Names under which Chromium or Chrome is installed.
const BROWSERS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "chrome"];
/// A page that says nothing for so long is stuck.
const PATIENCE: Duration = Duration::from_secs(300);

/// Chromium's flags, one list for these pages and for Playwright's: `quiet` for any machine, `webgpu` for
/// WebGPU on a processor. With fewer of the latter canvases stay blank.
const FLAGS: &str = include_str!("../../../web/tests/chromium.json");

/// Whether the large batch runs too.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Size {
    /// Below a minute of kernels.
    Quick,
    /// Also 8 192 rows of 128 dimensions, forward and backward.
    Large,
}

/// Writes the inputs, opens the page, prints what it reports.
pub(crate) fn run(size: Size) -> Result<()> {
    let browser = find_or_install()?;
    let folder = shell::target_directory()?.join("browser");
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("cannot make {}", folder.display()))?;
    write_inputs(&folder, size)?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .context("no local port could be opened for the page")?;
    let address = listener.local_addr()?;
    let messages = serve(listener, folder.clone());
    let page = format!("http://{address}/shaders.html");
    println!("{} at {page}", browser.display());
    let _browser = Browser::open(&browser, &folder.join("profile"), &page)?;
    judge(&wait(&messages)?)
}

/// The browser of this machine, installed now if need be.
pub(crate) fn find_or_install() -> Result<PathBuf> {
    if let Some(browser) = find() {
        return Ok(browser);
    }
    setup::apt_install(&["chromium"]).context(
        "there is no Chromium: install it or Chrome, or name its program in the variable CHROMIUM",
    )?;
    find().context("chromium is installed but not on PATH: name its program in CHROMIUM")
}

fn find() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("CHROMIUM") {
        return Some(named.into());
    }
    let folders: Vec<PathBuf> = std::env::split_paths(&std::env::var_os("PATH")?).collect();
    let candidates = BROWSERS
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    candidates.into_iter().find(|path| path.is_file())
}

/// The page's inputs, by an ignored test that knows the reference.
fn write_inputs(folder: &Path, size: Size) -> Result<()> {
    let mut cargo = shell::cargo(&[
        "test",
        "--release",
        "--workspace",
        "--test",
        "integration",
        "--",
        "--ignored",
        "--exact",
        "browser::write_inputs",
    ]);
    cargo.env("SUPCON_BROWSER_INPUTS", folder);
    if size == Size::Large {
        cargo.env("SUPCON_BROWSER_LARGE", "1");
    }
    shell::run(cargo)
}

/// A browser that ends with the test.
struct Browser(Child);

impl Browser {
    fn open(program: &Path, profile: &Path, page: &str) -> Result<Self> {
        let mut command = shell::program(&program.to_string_lossy(), &["--headless"]);
        command
            .args(flags()?)
            .arg(format!("--user-data-dir={}", profile.display()))
            .arg(page)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let child = command
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        Ok(Self(child))
    }
}

/// All of [`FLAGS`].
fn flags() -> Result<Vec<String>> {
    let lists: BTreeMap<String, Vec<String>> =
        serde_json::from_str(FLAGS).context("web/tests/chromium.json holds no lists of flags")?;
    Ok(lists.into_values().flatten().collect())
}

impl Drop for Browser {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What the page says.
enum Message {
    Progress(Value),
    Report(Value),
}

/// Serves the page's files and its messages.
fn serve(listener: TcpListener, folder: PathBuf) -> Receiver<Message> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        http::serve(&listener, move |request| {
            let answered = answer(request, &folder, &sender);
            answered.unwrap_or_else(|_| Response::not_found())
        });
    });
    receiver
}

fn answer(request: &Request, folder: &Path, sender: &Sender<Message>) -> Result<Response> {
    let tests = Path::new("web/tests");
    Ok(match (request.method.as_str(), request.path.as_str()) {
        ("GET", "/shaders.html" | "/shaders.js") => Response::file(tests, &request.path),
        ("GET", path) => Response::file(folder, path),
        ("POST", "/progress") => {
            sender.send(Message::Progress(serde_json::from_slice(&request.body)?))?;
            Response::ok("text/plain", Vec::new())
        }
        ("POST", "/report") => {
            sender.send(Message::Report(serde_json::from_slice(&request.body)?))?;
            Response::ok("text/plain", Vec::new())
        }
        _ => Response::not_found(),
    })
}

/// Prints the page's progress until its report.
fn wait(messages: &Receiver<Message>) -> Result<Value> {
    loop {
        match messages.recv_timeout(PATIENCE) {
            Ok(Message::Progress(text)) => println!("{}", text.as_str().unwrap_or_default()),
            Ok(Message::Report(report)) => return Ok(report),
            Err(_) => bail!(
                "the page said nothing for {} s: open it in a browser by hand to see why",
                PATIENCE.as_secs()
            ),
        }
    }
}

fn judge(report: &Value) -> Result<()> {
    if let Some(error) = report["error"].as_str() {
        bail!("the page failed: {error}");
    }
    let list = |key: &str| report[key].as_array().cloned().unwrap_or_default();
    let (messages, cases) = (list("messages"), list("cases"));
    for message in messages.iter().filter_map(Value::as_str).take(20) {
        println!("{message}");
    }
    let wrong = cases.iter().filter(|case| case["ok"] != true).count();
    println!(
        "\n{} shaders compiled with {} messages; {} of {} kernel runs agree with the reference",
        report["shaders"],
        messages.len(),
        cases.len() - wrong,
        cases.len()
    );
    if !messages.is_empty() || wrong > 0 || cases.is_empty() {
        bail!("the browser does not run the shaders as they are meant; the lines above say which");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{flags, judge};
    use serde_json::json;

    #[test]
    fn the_flags_ask_for_software_webgpu() {
        let flags = flags().unwrap();
        assert!(flags.contains(&"--use-webgpu-adapter=swiftshader".to_owned()));
        assert!(flags.iter().all(|flag| flag.starts_with("--")));
    }

    #[test]
    fn a_report_passes_only_without_messages_and_with_every_case_right() {
        let report = |messages: &[&str], ok: &[bool]| {
            let cases: Vec<_> = ok.iter().map(|ok| json!({ "ok": ok })).collect();
            judge(&json!({ "shaders": 1, "messages": messages, "cases": cases })).is_ok()
        };
        assert!(report(&[], &[true, true]));
        assert!(!report(&[], &[true, false]));
        assert!(!report(&["warning"], &[true]));
        assert!(!report(&[], &[]));
        assert!(judge(&json!({ "error": "no adapter" })).is_err());
    }
}
