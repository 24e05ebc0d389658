//! `cargo xtask test`: everything CI runs, cheapest first, stopping at the first failure.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::setup::{self, Scope};
use crate::{browser, shell, tidy, web};

type Step = (&'static str, fn(Scope) -> Result<()>);

/// The order is by cost. Clippy compiles the dependencies' metadata, which the documentation
/// then reuses; only the tests generate code.
const NATIVE_STEPS: [Step; 4] = [
    ("setup", setup::run),
    ("format", |_| format()),
    ("tidy", |_| tidy::run()),
    ("clippy", |_| clippy()),
];
const DOCS: Step = ("docs", |_| docs());
const TESTS: Step = ("tests", |_| tests());
const BROWSER: Step = ("browser", |_| browser::run(browser::Size::Quick));
/// Page and engine together are every library crate, so this also shows that each compiles to wasm32.
const WEB: Step = ("web", |_| web::test());

/// Runs every step of `scope` and prints what each took.
pub(crate) fn run(scope: Scope) -> Result<()> {
    let mut steps = NATIVE_STEPS.to_vec();
    match scope {
        Scope::All => steps.extend([DOCS, TESTS, BROWSER, WEB]),
        Scope::NativeOnly => steps.push(TESTS),
    }
    let mut rows = Vec::new();
    let mut failure = None;
    for (index, (name, step)) in steps.iter().enumerate() {
        println!("\n=== {name} ({} of {}) ===", index + 1, steps.len());
        let start = Instant::now();
        let outcome = step(scope);
        rows.push((*name, start.elapsed(), outcome.is_ok()));
        if let Err(error) = outcome {
            failure = Some(error.context(format!("the step `{name}` failed")));
            break;
        }
    }
    print!("\n{}", table(&rows));
    match failure {
        Some(error) => Err(error),
        None => {
            println!("all {} steps passed", steps.len());
            Ok(())
        }
    }
}

fn format() -> Result<()> {
    shell::run(shell::cargo(&["fmt", "--all", "--check"]))
        .context("some file is not formatted: run `cargo fmt --all`")
}

fn clippy() -> Result<()> {
    let arguments = [
        "clippy",
        "--release",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ];
    shell::run(shell::cargo(&arguments))
}

fn docs() -> Result<()> {
    let mut cargo = shell::cargo(&["doc", "--release", "--no-deps", "--workspace"]);
    cargo.env("RUSTDOCFLAGS", "-D warnings");
    shell::run(cargo)
}

fn tests() -> Result<()> {
    let mut cargo = shell::cargo(&["test", "--release", "--workspace"]);
    cargo.env("SUPCON_REQUIRE_GPU", "1");
    // A driver named by the caller stays: so a test run can be pointed at a real GPU.
    let named = ["VK_DRIVER_FILES", "VK_ICD_FILENAMES"].map(std::env::var_os);
    match (named.iter().flatten().next(), setup::lavapipe_driver()) {
        (Some(driver), _) => println!("Vulkan driver, as set by the caller: {}", driver.display()),
        (None, Some(driver)) => {
            cargo
                .env("VK_DRIVER_FILES", &driver)
                .env("VK_ICD_FILENAMES", &driver);
        }
        (None, None) => {
            println!("no software Vulkan driver: the GPU tests use the default adapter");
        }
    }
    match std::env::var_os("SUPCON_TEST_DATA").map(PathBuf::from) {
        Some(folder) => {
            cargo.env("SUPCON_TEST_DATA", data_folder(&folder)?);
        }
        None => println!("SUPCON_TEST_DATA is not set: the tests on real data are skipped"),
    }
    shell::run(cargo)
}

/// The folder as an absolute path: cargo starts each test in its own package's folder.
fn data_folder(named: &Path) -> Result<PathBuf> {
    let folder = named.canonicalize().with_context(|| {
        format!(
            "SUPCON_TEST_DATA names {}, which cannot be read: correct or unset it",
            named.display()
        )
    })?;
    if !folder.is_dir() {
        bail!(
            "SUPCON_TEST_DATA names {}, not a folder: correct or unset it",
            folder.display()
        );
    }
    Ok(folder)
}

fn table(rows: &[(&str, Duration, bool)]) -> String {
    let mut text = String::from("step        seconds  result\n");
    for (name, duration, passed) in rows {
        let result = if *passed { "ok" } else { "FAILED" };
        text.push_str(&format!(
            "{name:<10} {:>8.1}  {result}\n",
            duration.as_secs_f64()
        ));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_names_step_seconds_and_result() {
        let rows = [
            ("tidy", Duration::from_millis(140), true),
            ("clippy", Duration::from_secs(65), false),
        ];
        let expected = "step        seconds  result\n\
                        tidy            0.1  ok\n\
                        clippy         65.0  FAILED\n";
        assert_eq!(table(&rows), expected);
    }

    #[test]
    fn a_data_folder_that_does_not_exist_is_named() {
        let error = data_folder(Path::new("no/such/folder")).unwrap_err();
        assert!(format!("{error:#}").contains("no/such/folder"));
    }
}
