//! Before a run on a GPU: the kernels it will use against the CPU's, each once per adapter, driver and
//! version of supcon.

use anyhow::bail;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use supcon_protocol::RunConfig;
use supcon_train::ComputeDevice;
use supcon_train::selftest::{SelfTest, SelfTestCheck, TOLERANCE};

/// Refuses a device whose kernels do not compute what the CPU computes. The CPU itself needs no check.
pub fn assure(device: &ComputeDevice, config: &RunConfig, quiet: bool) -> anyhow::Result<()> {
    if device.is_cpu() {
        return Ok(());
    }
    let mut passed = Passed::read(cache_file());
    let all = pollster::block_on(SelfTest::of_run(config))?;
    let test = all.without(|what| passed.contains(device, what));
    if test.is_empty() {
        return Ok(());
    }
    if !quiet {
        let s = if test.len() == 1 { "" } else { "s" };
        println!(
            "check   {} kernel{s} of {} against the CPU, once",
            test.len(),
            device.description
        );
    }
    let checks = pollster::block_on(test.run(&device.device))?;
    judge(&device.description, &checks)?;
    passed.add(device, &checks);
    Ok(())
}

fn judge(description: &str, checks: &[SelfTestCheck]) -> anyhow::Result<()> {
    let wrong: Vec<&SelfTestCheck> = checks.iter().filter(|check| !check.passed()).collect();
    let Some(first) = wrong.first() else {
        return Ok(());
    };
    let by = if first.error.is_finite() {
        format!(
            "differs from the CPU by {:.1e} of its largest number, where rounding explains {TOLERANCE:.0e}",
            first.error
        )
    } else {
        "is not a finite number".to_owned()
    };
    bail!(
        "{description} computes wrongly: {} {by} ({} of {} checks fail); use --device cpu, update the driver, see `supcon selftest` for all checks, or train on it as it is with --skip-selftest",
        first.what,
        wrong.len(),
        checks.len()
    )
}

/// Checks that have passed, a line each: version, adapter and driver, check.
#[derive(Debug, Default)]
struct Passed {
    lines: BTreeSet<String>,
    file: Option<PathBuf>,
}

impl Passed {
    /// What cannot be read counts as nothing: the checks run again.
    fn read(file: Option<PathBuf>) -> Self {
        let text = file
            .as_ref()
            .and_then(|file| std::fs::read_to_string(file).ok());
        let lines = text.unwrap_or_default();
        Self {
            lines: lines.lines().map(str::to_owned).collect(),
            file,
        }
    }

    fn line(device: &ComputeDevice, what: &str) -> String {
        format!(
            "{}\t{}\t{what}",
            env!("CARGO_PKG_VERSION"),
            device.description
        )
    }

    fn contains(&self, device: &ComputeDevice, what: &str) -> bool {
        self.lines.contains(&Self::line(device, what))
    }

    fn add(&mut self, device: &ComputeDevice, checks: &[SelfTestCheck]) {
        let lines = checks.iter().map(|check| Self::line(device, &check.what));
        self.lines.extend(lines);
        if let Some(file) = &self.file {
            let lines = self.lines.iter().map(|line| format!("{line}\n"));
            // Where it cannot be remembered, the next run checks again.
            let _ = write(file, &lines.collect::<String>());
        }
    }
}

/// The whole file or nothing of it.
fn write(file: &Path, text: &str) -> std::io::Result<()> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let unfinished = file.with_extension(format!("{}.tmp", std::process::id()));
    std::fs::write(&unfinished, text)?;
    std::fs::rename(&unfinished, file)
}

/// In the user's cache directory, where there is one.
fn cache_file() -> Option<PathBuf> {
    let folder = |name: &str| {
        let path = PathBuf::from(std::env::var_os(name)?);
        path.is_absolute().then_some(path)
    };
    let caches = if cfg!(windows) {
        folder("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        folder("HOME").map(|home| home.join("Library/Caches"))
    } else {
        folder("XDG_CACHE_HOME").or_else(|| folder("HOME").map(|home| home.join(".cache")))
    };
    Some(caches?.join("supcon").join("checked-devices"))
}

#[cfg(test)]
mod tests {
    use super::{Passed, judge};
    use supcon_train::ComputeDevice;
    use supcon_train::selftest::SelfTestCheck;

    fn check(what: &str, error: f64) -> SelfTestCheck {
        SelfTestCheck {
            what: what.to_owned(),
            error,
        }
    }

    #[test]
    fn a_refusal_says_what_differs_by_how_much_and_the_ways_out() {
        let checks = [check("linear 2→3", 1e-6), check("convolution", 0.25)];
        let message = judge("Some GPU, driver 1", &checks)
            .expect_err("refused")
            .to_string();
        for part in [
            "Some GPU, driver 1",
            "convolution differs",
            "2.5e-1",
            "1 of 2",
            "--device cpu",
            "supcon selftest",
            "--skip-selftest",
        ] {
            assert!(message.contains(part), "{message} lacks {part}");
        }
        let nan = judge("GPU", &[check("loss", f64::NAN)]).expect_err("refused");
        assert!(nan.to_string().contains("loss is not a finite number"));
        assert!(judge("GPU", &checks[..1]).is_ok());
    }

    #[test]
    fn what_has_passed_is_remembered_by_adapter_and_driver() {
        let file = std::env::temp_dir().join(format!("supcon-passed-{}", std::process::id()));
        let device = ComputeDevice::cpu();
        let mut passed = Passed::read(Some(file.clone()));
        assert!(!passed.contains(&device, "loss"));
        passed.add(&device, &[check("loss", 0.0)]);
        let again = Passed::read(Some(file.clone()));
        assert!(again.contains(&device, "loss") && !again.contains(&device, "layer"));
        let other = ComputeDevice {
            description: "another driver".to_owned(),
            ..device
        };
        assert!(!again.contains(&other, "loss"));
        std::fs::remove_file(file).expect("was written");
    }
}
