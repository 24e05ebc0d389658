//! The wasm modules: compiled, and given their glue by wasm-bindgen.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::{shell, wasm};

/// The engine on the CPU is four times slower without it; every browser with WebGPU has it.
const RUSTFLAGS: &str = "-Ctarget-feature=+simd128";

/// A wasm module of the page.
#[derive(Clone, Copy)]
pub(crate) struct Module {
    /// Of its files.
    pub(crate) name: &'static str,
    package: &'static str,
}

/// Where the files of a module are.
pub(crate) struct Built {
    /// As the compiler made it.
    pub(crate) compiled: PathBuf,
    pub(crate) glue: PathBuf,
    pub(crate) wasm: PathBuf,
}

impl Module {
    pub(crate) const APP: Self = Self {
        name: "app",
        package: "supcon-app",
    };
    pub(crate) const ENGINE: Self = Self {
        name: "engine",
        package: "supcon-worker",
    };

    /// Glue and module. Each is compiled by itself: together they would be given each other's features.
    pub(crate) fn build(self) -> Result<Built> {
        let toolchain = wasm::Toolchain::find_or_install()?;
        let mut cargo = toolchain.cargo(&["build", "--profile", "web", "--lib"])?;
        cargo.args(["--target", wasm::TARGET, "--package", self.package]);
        cargo.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", RUSTFLAGS);
        // Whoever asks for incremental builds otherwise is not to be refused LTO.
        cargo.env("CARGO_INCREMENTAL", "0");
        shell::run(cargo)?;
        let compiled = toolchain.target_directory()?.join(wasm::TARGET).join("web");
        let compiled = compiled.join(format!("{}.wasm", self.package.replace('-', "_")));
        let folder = shell::target_directory()?.join("web").join(self.name);
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let mut bindgen = shell::program(&wasm_bindgen()?.to_string_lossy(), &[]);
        bindgen.args(["--target", "web", "--no-typescript"]);
        bindgen.args(["--remove-name-section", "--remove-producers-section"]);
        bindgen.args(["--out-name", self.name, "--out-dir"]);
        bindgen.arg(&folder).arg(&compiled);
        shell::run(bindgen)?;
        Ok(Built {
            compiled,
            glue: folder.join(format!("{}.js", self.name)),
            wasm: folder.join(format!("{}_bg.wasm", self.name)),
        })
    }
}

/// The program that makes the glue, of the version that the modules are compiled with; installed now if
/// need be, which takes some minutes, once.
pub(crate) fn wasm_bindgen() -> Result<PathBuf> {
    let lock = fs::read_to_string("Cargo.lock").context("cannot read Cargo.lock")?;
    let version = locked_version(&lock, "wasm-bindgen");
    let version =
        version.context("Cargo.lock names no wasm-bindgen: what needs the page's modules?")?;
    let root = shell::cache_folder()?.join(format!("wasm-bindgen-{version}"));
    let program = root.join("bin/wasm-bindgen");
    if !program.is_file() {
        println!(
            "installing wasm-bindgen-cli {version} into {}",
            root.display()
        );
        let version = format!("={version}");
        let mut cargo = shell::cargo(&["install", "wasm-bindgen-cli", "--version", &version]);
        cargo
            .args(["--bin", "wasm-bindgen"])
            .arg("--root")
            .arg(&root);
        cargo.env_remove("CARGO_TARGET_DIR");
        shell::run(cargo)?;
    }
    Ok(program)
}

fn locked_version<'a>(lock: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = lock.split_once(&format!("name = \"{name}\"\nversion = \""))?;
    Some(rest.split_once('"')?.0)
}

#[cfg(test)]
mod tests {
    use super::locked_version;

    #[test]
    fn the_version_is_that_of_the_very_package() {
        let lock = "name = \"wasm-bindgen-futures\"\nversion = \"0.4.1\"\n\n\
                    name = \"wasm-bindgen\"\nversion = \"0.2.9\"\n";
        assert_eq!(locked_version(lock, "wasm-bindgen"), Some("0.2.9"));
        assert_eq!(locked_version(lock, "wasm"), None);
    }
}
