//! One build of Burn: what the README's commands compile for a program is a part of what
//! `cargo test --workspace` compiles.
//!
//! Cargo unifies features over what one command builds, so a crate that only the window or a test
//! uses can turn a feature on, and each command would then compile Burn anew.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::shell;

/// A package's target and how it is compiled, and the sets of features it is compiled with.
type Features = BTreeMap<String, BTreeSet<String>>;

/// The packages that the README has built alone.
const PROGRAMS: [&str; 2] = ["supcon-cli", "supcon-app"];

/// Compares the commands; nothing is compiled.
pub(super) fn check() -> Result<Vec<String>> {
    let together = units(&["test", "--release", "--workspace"])?;
    let mut problems = Vec::new();
    for program in PROGRAMS {
        let alone = units(&["build", "--release", "--package", program])?;
        problems.extend(compare(program, &alone, &together));
    }
    Ok(problems)
}

/// What a command would compile. Only cargo's unit graph tells features of programs from those of
/// build scripts; it is unstable, hence the variable. Nothing that is built depends on it.
fn units(command: &[&str]) -> Result<Features> {
    let mut cargo = shell::cargo(command);
    cargo.args(["--unit-graph", "-Z", "unstable-options"]);
    cargo.env("RUSTC_BOOTSTRAP", "1");
    let graph: Value = serde_json::from_str(&shell::output(cargo)?)
        .context("cargo's unit graph is not JSON: has its form changed?")?;
    parse(&graph)
}

fn parse(graph: &Value) -> Result<Features> {
    let units = graph["units"].as_array();
    let units = units.context("cargo's unit graph names no units: has its form changed?")?;
    let mut features = Features::new();
    for unit in units {
        let package = unit["pkg_id"].as_str().unwrap_or_default();
        if let Some((_, name)) = package.rsplit_once('#')
            && package.starts_with("registry")
        {
            let level = unit["profile"]["opt_level"].as_str().unwrap_or_default();
            let kind = unit["target"]["kind"][0].as_str().unwrap_or_default();
            let key = format!("{name} ({kind}, opt-level {level})");
            let set = unit["features"].to_string();
            features.entry(key).or_default().insert(set);
        }
    }
    Ok(features)
}

fn compare(program: &str, alone: &Features, together: &Features) -> Vec<String> {
    let mut problems = Vec::new();
    for (unit, sets) in alone {
        let shared = together.get(unit).cloned().unwrap_or_default();
        if let Some(set) = sets.difference(&shared).next() {
            let others: Vec<&str> = shared.iter().map(String::as_str).collect();
            problems.push(format!(
                "{unit}: {program} alone compiles it with {set}, the workspace with {}: Burn would be compiled \
                 twice; ask for the same features in crates/supcon-loss/Cargo.toml",
                others.join(" and ")
            ));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn graph(features: &[&str]) -> Features {
        let unit = json!({
            "pkg_id": "registry+https://github.com/rust-lang/crates.io-index#log@0.4.35",
            "target": { "kind": ["lib"] },
            "profile": { "opt_level": "3" },
            "features": features,
        });
        parse(&json!({ "units": [unit] })).unwrap()
    }

    #[test]
    fn the_same_features_pass() {
        assert!(compare("a", &graph(&["std"]), &graph(&["std"])).is_empty());
    }

    #[test]
    fn a_feature_that_only_the_workspace_asks_for_is_named() {
        let found = compare("a", &graph(&[]), &graph(&["std"]));
        assert_eq!(found.len(), 1);
        assert!(
            found[0].starts_with("log@0.4.35 (lib, opt-level 3)") && found[0].contains("[\"std\"]"),
            "{found:?}"
        );
    }
}
