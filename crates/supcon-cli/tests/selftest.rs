//! A device's kernels against the CPU's: on demand, and before the first run on a GPU.

use crate::support::Scratch;

#[test]
fn the_cpu_passes_its_self_test() {
    let scratch = Scratch::new();
    let ran = scratch.run("selftest --device cpu");
    let checks = ran
        .assert_success()
        .stdout
        .lines()
        .filter(|line| line.starts_with("ok "));
    assert!(checks.count() > 35, "{}", ran.stdout);
}

#[test]
fn a_gpu_is_checked_before_its_first_run_and_not_again() {
    let scratch = Scratch::new();
    std::fs::create_dir(scratch.path().join("run")).expect("a directory");
    std::fs::write(scratch.path().join("run/config.toml"), "").expect("a file");
    // Every run ends right after the check: its directory is taken.
    let train = |more: &str| scratch.run(&format!("train --device software --out run {more}"));
    let first = train("");
    if first.stderr.contains("no software GPU") {
        let required = std::env::var_os("SUPCON_REQUIRE_GPU").is_some_and(|value| value == "1");
        assert!(!required, "SUPCON_REQUIRE_GPU=1, but {}", first.stderr);
        eprintln!("skipped: no software GPU");
        return;
    }
    let checked = |stdout: &str| stdout.lines().any(|line| line.starts_with("check "));
    assert!(checked(&first.stdout), "{}{}", first.stdout, first.stderr);
    assert!(
        first.stderr.contains("already holds a run"),
        "{}",
        first.stderr
    );
    let again = train("");
    assert!(!checked(&again.stdout), "{}", again.stdout);
    // Another loss is another kernel; the layers are known.
    let other = train("--set contrastive.denominator=one_positive");
    assert!(
        other.stdout.contains("check   1 kernel"),
        "{}",
        other.stdout
    );
    let unasked = train("--set methods=supcon_in --skip-selftest");
    assert!(!checked(&unasked.stdout), "{}", unasked.stdout);
}
