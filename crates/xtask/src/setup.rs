//! `cargo xtask setup`: installs what the tests need and a bare machine lacks.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::{browser, node, shell, wasm, web};

/// How much of the tests shall be able to run.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Everything, also the browser and the build for it.
    All,
    /// Only what runs on this machine itself.
    NativeOnly,
}

/// Installs what is missing; does nothing, quickly, when nothing is.
pub(crate) fn run(scope: Scope) -> Result<()> {
    software_vulkan()?;
    if scope == Scope::All {
        println!("browser: {}", browser::find_or_install()?.display());
        println!("wasm32 compiler: {}", wasm::Toolchain::find_or_install()?);
        println!("wasm-bindgen: {}", web::wasm_bindgen()?.display());
        println!("Playwright: {}", node::install("web/tests")?.display());
    }
    Ok(())
}

/// Makes sure that a Vulkan driver exists that needs no GPU (Mesa's lavapipe).
fn software_vulkan() -> Result<()> {
    if !cfg!(target_os = "linux") {
        println!("software Vulkan: not needed, GPU tests use this machine's own adapter");
        return Ok(());
    }
    if let Some(driver) = lavapipe_driver() {
        println!("software Vulkan: {}", driver.display());
        return Ok(());
    }
    apt_install(&["mesa-vulkan-drivers"]).context(
        "there is no software Vulkan driver (lavapipe): install the package that Debian and \
         Ubuntu call mesa-vulkan-drivers, Fedora the same, Arch vulkan-swrast",
    )?;
    let driver = lavapipe_driver().context(
        "mesa-vulkan-drivers is installed, but no lvp_icd*.json lies in /usr/share/vulkan/icd.d: \
         set VK_DRIVER_FILES to lavapipe's file by hand",
    )?;
    println!("software Vulkan: {}", driver.display());
    Ok(())
}

/// The description file of Mesa's software Vulkan driver, to be named in `VK_DRIVER_FILES`.
pub(crate) fn lavapipe_driver() -> Option<PathBuf> {
    [
        "/usr/share/vulkan/icd.d",
        "/usr/local/share/vulkan/icd.d",
        "/etc/vulkan/icd.d",
    ]
    .iter()
    .find_map(|folder| lavapipe_driver_in(Path::new(folder)))
}

fn lavapipe_driver_in(folder: &Path) -> Option<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(folder)
        .ok()?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| is_lavapipe(&path.file_name().unwrap_or_default().to_string_lossy()))
        .collect();
    // With several architectures installed, this machine's own comes first.
    found.sort_by_key(|path| !path.to_string_lossy().contains(std::env::consts::ARCH));
    found.into_iter().next()
}

fn is_lavapipe(file_name: &str) -> bool {
    file_name.starts_with("lvp_icd") && file_name.ends_with(".json")
}

/// Installs those of `packages` that are missing. The error says why it could not.
pub(crate) fn apt_install(packages: &[&str]) -> Result<()> {
    if !shell::succeeds(shell::program("apt-get", &["--version"])) {
        bail!("this machine has no apt-get, so nothing was installed");
    }
    let missing: Vec<&str> = packages
        .iter()
        .copied()
        .filter(|package| !is_installed(package))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let sudo: &[&str] = if shell::output(shell::program("id", &["-u"]))?.trim() == "0" {
        &[]
    } else if shell::succeeds(shell::program("sudo", &["-n", "true"])) {
        &["sudo", "-n"]
    } else {
        bail!(
            "not root and without passwordless sudo: run `sudo apt-get install {}` yourself",
            missing.join(" ")
        );
    };
    let apt_get = |arguments: &[&str]| {
        let mut words = sudo.to_vec();
        words.extend(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
        words.extend(arguments);
        shell::run(shell::program(words[0], &words[1..]))
    };
    let mut install = vec!["install", "--yes", "--no-install-recommends"];
    install.extend(&missing);
    // A package may be known from a list so old that its file is gone: then refresh and try again.
    if missing.iter().all(|package| is_known(package)) && apt_get(&install).is_ok() {
        return Ok(());
    }
    apt_get(&["update"])?;
    apt_get(&install)
}

fn is_installed(package: &str) -> bool {
    let query = ["--show", "--showformat=${db:Status-Abbrev}", package];
    shell::output(shell::program("dpkg-query", &query)).is_ok_and(|state| state.starts_with("ii"))
}

fn is_known(package: &str) -> bool {
    shell::succeeds(shell::program(
        "apt-cache",
        &["show", "--no-all-versions", package],
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lavapipe_is_told_from_other_drivers() {
        assert!(is_lavapipe("lvp_icd.x86_64.json"));
        assert!(is_lavapipe("lvp_icd.json"));
        assert!(!is_lavapipe("intel_icd.x86_64.json"));
        assert!(!is_lavapipe("lvp_icd.x86_64.json.bak"));
    }
}
