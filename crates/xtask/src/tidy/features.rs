//! One build of Burn: the command line alone and the whole workspace ask the same features of every
//! crate they share. Cargo unifies features over what one command builds, so a crate that only the
//! window or a test uses can turn on a feature, and each of the two would then compile Burn anew.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;

use crate::shell;

/// A package with its version, and the sets of features it is built with (a build script's may differ
/// from the program's).
type Features<'a> = BTreeMap<&'a str, BTreeSet<&'a str>>;

/// Compares `cargo run` (the command line) with `cargo test --workspace`.
pub(super) fn check() -> Result<Vec<String>> {
    let tree = |selection: &[&str]| {
        let mut arguments = vec!["tree", "--edges", "normal,build,dev", "--prefix", "none"];
        arguments.extend(["--no-dedupe", "--format", "{p}|{f}"]);
        arguments.extend(selection);
        shell::output(shell::cargo(&arguments))
    };
    let alone = tree(&["--package", "supcon-cli"])?;
    let together = tree(&["--workspace"])?;
    Ok(compare(&parse(&alone), &parse(&together)))
}

fn parse(tree: &str) -> Features<'_> {
    let mut features = Features::new();
    for line in tree.lines() {
        if let Some((package, set)) = line.rsplit_once('|') {
            features.entry(package).or_default().insert(set);
        }
    }
    features
}

fn compare(alone: &Features<'_>, together: &Features<'_>) -> Vec<String> {
    let mut problems = Vec::new();
    for (package, sets) in alone {
        let Some(shared) = together.get(package) else {
            continue;
        };
        if let Some(set) = sets.difference(shared).next() {
            let others: Vec<&str> = shared.iter().copied().collect();
            problems.push(format!(
                "{package} is built with [{set}] by `cargo run` and with [{}] by `cargo test --workspace`: \
                 Burn would be compiled twice; ask for the same features in crates/supcon-loss/Cargo.toml",
                others.join("] and [")
            ));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALONE: &str = "burn v0.22.1|std\nlog v0.4.35|\nsyn v3.0.10|full\n";

    #[test]
    fn the_same_features_pass() {
        let together = format!("{ALONE}eframe v0.37.0|wgpu\nsyn v3.0.10|full\nlog v0.4.35|\n");
        assert!(compare(&parse(ALONE), &parse(&together)).is_empty());
    }

    #[test]
    fn a_feature_that_only_the_workspace_asks_for_is_named() {
        let together = ALONE.replace("log v0.4.35|", "log v0.4.35|std");
        let found = compare(&parse(ALONE), &parse(&together));
        assert_eq!(found.len(), 1);
        assert!(
            found[0].starts_with("log v0.4.35 is built with [] by") && found[0].contains("[std]"),
            "{found:?}"
        );
    }
}
