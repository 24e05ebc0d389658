//! A wasm32 standard library for Debian's rustc, built once from its sources (about a minute).
//!
//! Debian packages no wasm32 std. The finished folder looks like a toolchain: `bin/rustc` is a
//! wrapper that names the folder as sysroot, the host's libraries are links to Debian's.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::{shell, wasm::TARGET};

const HOST_LIBRARIES: &str = "/usr/lib/rustlib";
/// The linker, under the name that a package recommended by rustc-web gives it, or under its own. Called by
/// either, it takes the flavour that rustc names.
const LINKERS: [&str; 2] = ["/usr/bin/rust-lld", "/usr/bin/lld-22"];

/// The smallest package that makes cargo build std.
const PROBE_MANIFEST: &str = r#"[package]
name = "probe"
version = "0.0.0"
edition = "2024"

[profile.release]
panic = "abort"

[workspace]
"#;

/// Debian's cargo and rustc, free of what rustup, `cargo run` and the caller's flags left behind.
pub(crate) fn debian_cargo() -> Command {
    let mut cargo = shell::program("/usr/bin/cargo", &[]);
    for name in [
        "RUSTUP_TOOLCHAIN",
        "CARGO",
        "LD_LIBRARY_PATH",
        "RUSTC_WRAPPER",
        "RUSTDOC",
    ] {
        cargo.env_remove(name);
    }
    cargo
}

/// The finished folder for the installed Debian compiler, if it was built before.
pub(crate) fn built() -> Option<PathBuf> {
    folder()
        .ok()
        .filter(|folder| folder.join("bin/rustc").is_file())
}

/// Builds the folder, unless it exists, and returns it.
pub(crate) fn build() -> Result<PathBuf> {
    if let Some(folder) = built() {
        return Ok(folder);
    }
    let folder = folder()?;
    println!(
        "building the wasm32 standard library, about a minute, into {}",
        folder.display()
    );
    // Everything is made beside the final place and renamed at the end: a folder is whole or absent.
    let partial = folder.with_extension(format!("partial-{}", std::process::id()));
    let outcome = fill(&partial, &folder).and_then(|()| {
        fs::rename(&partial, &folder)
            .with_context(|| format!("cannot rename to {}: delete that folder", folder.display()))
    });
    if outcome.is_err() {
        let _ = fs::remove_dir_all(&partial);
    }
    outcome.map(|()| folder)
}

/// Builds std for wasm32 and lays the toolchain out in `partial`, to be used as `folder`.
fn fill(partial: &Path, folder: &Path) -> Result<()> {
    let work = partial.join("work");
    write(&work.join("Cargo.toml"), PROBE_MANIFEST)?;
    write(&work.join("src/lib.rs"), "")?;
    let mut cargo = debian_cargo();
    cargo.args(["build", "--release", "--target", TARGET]);
    cargo.args(["-Z", "build-std=std,panic_abort,proc_macro"]);
    cargo
        .current_dir(&work)
        .env("CARGO_TARGET_DIR", work.join("target"));
    cargo
        .env("RUSTC", "/usr/bin/rustc")
        .env("RUSTC_BOOTSTRAP", "1");
    cargo
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS");
    shell::run(cargo)
        .context("std did not build; are rustc-web and rust-web-src of one version?")?;

    let libraries = partial.join("lib/rustlib");
    let wasm_libraries = libraries.join(TARGET).join("lib");
    make_folder(&wasm_libraries)?;
    for file in list(&work.join("target").join(TARGET).join("release/deps"))? {
        let is_probe = file_name(&file).starts_with("libprobe-");
        if file.extension() == Some(OsStr::new("rlib")) && !is_probe {
            let target = wasm_libraries.join(file_name(&file));
            fs::copy(&file, &target)
                .with_context(|| format!("cannot write {}", target.display()))?;
        }
    }
    link_host(&libraries)?;
    fs::remove_dir_all(&work).with_context(|| format!("cannot delete {}", work.display()))?;
    write_wrapper(&partial.join("bin/rustc"), folder)
}

/// Links Debian's host libraries and tools, and the linker where rustc looks for it.
fn link_host(libraries: &Path) -> Result<()> {
    let linker = LINKERS.iter().find_map(|path| fs::canonicalize(path).ok());
    let linker = linker.context("there is no linker for wasm32: install the package lld-22")?;
    for host in list(Path::new(HOST_LIBRARIES))? {
        if !host.join("lib").is_dir() || file_name(&host) == TARGET {
            continue;
        }
        let own = libraries.join(file_name(&host));
        make_folder(&own.join("bin"))?;
        link(&host.join("lib"), &own.join("lib"))?;
        if host.join("bin").is_dir() {
            for tool in list(&host.join("bin"))? {
                link(&tool, &own.join("bin").join(file_name(&tool)))?;
            }
        }
        if !own.join("bin/rust-lld").exists() {
            link(&linker, &own.join("bin/rust-lld"))?;
        }
    }
    Ok(())
}

/// Debian's rustc reports `/usr` as its sysroot whatever its place, so it must be told.
fn write_wrapper(path: &Path, folder: &Path) -> Result<()> {
    let folder = folder
        .to_str()
        .context("the cache folder's name is not UTF-8: set XDG_CACHE_HOME")?;
    if folder.contains('\'') {
        bail!("the cache folder {folder} has a quote in its name: set XDG_CACHE_HOME to another");
    }
    let script = format!(
        "#!/bin/sh\ncase \" $* \" in\n  *\" --sysroot\"*) exec /usr/bin/rustc \"$@\" ;;\n  \
         *) exec /usr/bin/rustc --sysroot '{folder}' \"$@\" ;;\nesac\n"
    );
    write(path, &script)?;
    make_executable(path)
}

/// `<cache>/supcon/wasm-toolchain-<version of the package rustc-web>`.
fn folder() -> Result<PathBuf> {
    let query = ["--show", "--showformat=${Version}", "rustc-web"];
    let version = shell::output(shell::program("dpkg-query", &query))?;
    if version.is_empty() {
        bail!("the package rustc-web is not installed: run `apt-get install rustc-web`");
    }
    Ok(shell::cache_folder()?.join(folder_name(&version)))
}

fn folder_name(version: &str) -> String {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() || "+-".contains(c) {
            c
        } else {
            '_'
        }
    };
    format!(
        "wasm-toolchain-{}",
        version.chars().map(plain).collect::<String>()
    )
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

fn list(folder: &Path) -> Result<Vec<PathBuf>> {
    let fail = || format!("cannot read the folder {}", folder.display());
    let entries = fs::read_dir(folder).with_context(fail)?;
    entries
        .map(|entry| Ok(entry.with_context(fail)?.path()))
        .collect()
}

fn make_folder(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))
}

fn write(path: &Path, text: &str) -> Result<()> {
    make_folder(path.parent().context("a file needs a folder")?)?;
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(unix)]
fn link(original: &Path, link: &Path) -> Result<()> {
    std::os::unix::fs::symlink(original, link)
        .with_context(|| format!("cannot link {} to {}", link.display(), original.display()))
}

#[cfg(unix)]
fn make_executable(path: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))
        .with_context(|| format!("cannot make {} executable", path.display()))
}

#[cfg(not(unix))]
fn link(_original: &Path, _link: &Path) -> Result<()> {
    bail!("Debian's compiler exists only on Debian: run `rustup target add {TARGET}`")
}

#[cfg(not(unix))]
fn make_executable(_path: &Path) -> Result<()> {
    bail!("Debian's compiler exists only on Debian: run `rustup target add {TARGET}`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_is_named_after_the_package_version() {
        assert_eq!(
            folder_name("1.96.0+dfsg1-1~deb12u2"),
            "wasm-toolchain-1_96_0+dfsg1-1_deb12u2"
        );
    }
}
