//! Which crate may use which: the architecture, as a table.

use anyhow::{Context, Result};
use serde_json::Value;

/// What one crate may use.
struct Rule {
    name: &'static str,
    /// Crates of this workspace, on every target.
    may_use: &'static [&'static str],
    /// Crates of this workspace that it may use only where the target is not wasm.
    natively: &'static [&'static str],
    /// Whether it may use Burn.
    burn: bool,
}

const fn rule(name: &'static str, may_use: &'static [&'static str]) -> Rule {
    Rule {
        name,
        may_use,
        natively: &[],
        burn: false,
    }
}

const RULES: [Rule; 9] = [
    rule("supcon-math", &[]),
    rule("supcon-protocol", &[]),
    rule("supcon-map", &["supcon-protocol"]),
    rule("supcon-data", &["supcon-protocol"]),
    Rule {
        burn: true,
        ..rule("supcon-loss", &["supcon-math"])
    },
    Rule {
        burn: true,
        ..rule(
            "supcon-train",
            &[
                "supcon-protocol",
                "supcon-data",
                "supcon-loss",
                "supcon-map",
                "supcon-math",
            ],
        )
    },
    rule(
        "supcon-cli",
        &["supcon-train", "supcon-data", "supcon-protocol"],
    ),
    rule(
        "supcon-worker",
        &["supcon-train", "supcon-data", "supcon-protocol"],
    ),
    Rule {
        natively: &["supcon-train", "supcon-data"],
        ..rule(
            "supcon-app",
            &["supcon-protocol", "supcon-map", "supcon-math"],
        )
    },
];

/// Packages that may use everything.
const FREE: [&str; 2] = ["supcon-tests", "xtask"];

/// Checks the dependencies, of every kind, of every package in cargo's metadata.
pub(super) fn check(metadata: &Value) -> Result<Vec<String>> {
    let missing = "`cargo metadata` has no list of packages: is cargo too old?";
    let packages = metadata["packages"].as_array().context(missing)?;
    let name_of = |package: &Value| package["name"].as_str().unwrap_or_default().to_owned();
    let members: Vec<String> = packages.iter().map(name_of).collect();
    let mut problems = Vec::new();
    for package in packages {
        let name = name_of(package);
        if FREE.contains(&name.as_str()) {
            continue;
        }
        let Some(rule) = RULES.iter().find(|rule| rule.name == name) else {
            problems.push(format!(
                "{name}: this crate has no rule: add it to RULES in crates/xtask/src/tidy/edges.rs"
            ));
            continue;
        };
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let used = name_of(dependency);
            let is_native = dependency["target"].as_str().is_some_and(excludes_wasm);
            problems.extend(judge(rule, &used, is_native, members.contains(&used)));
        }
    }
    Ok(problems)
}

/// What is wrong with `rule`'s crate using `used`, if something is.
fn judge(rule: &Rule, used: &str, is_native: bool, is_member: bool) -> Option<String> {
    let name = rule.name;
    if used == "burn" || used.starts_with("burn-") {
        return (!rule.burn).then(|| {
            format!("{name}: must not know Burn ({used}): move the tensor code to supcon-loss or supcon-train")
        });
    }
    if !is_member || rule.may_use.contains(&used) {
        return None;
    }
    if rule.natively.contains(&used) {
        return (!is_native).then(|| {
            format!(
                "{name}: may use {used} only natively: move it to \
                 [target.'cfg(not(target_family = \"wasm\"))'.dependencies]"
            )
        });
    }
    Some(format!(
        "{name}: must not use {used} (allowed: {}): move the code, or test it from tests/",
        if rule.may_use.is_empty() {
            "no crate of ours".to_owned()
        } else {
            rule.may_use.join(", ")
        }
    ))
}

fn excludes_wasm(target: &str) -> bool {
    let spaceless = target.replace(' ', "");
    spaceless.contains("not(target_family=\"wasm\")")
        || spaceless.contains("not(target_arch=\"wasm32\")")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn problems(name: &str, used: &str, target: Option<&str>) -> Vec<String> {
        let dependency = json!({ "name": used, "kind": null, "target": target });
        let member = |name: &str, uses: &[Value]| json!({ "name": name, "dependencies": uses });
        let mut packages = vec![member(name, &[dependency])];
        packages.extend(
            RULES
                .iter()
                .filter(|rule| rule.name != name)
                .map(|rule| member(rule.name, &[])),
        );
        check(&json!({ "packages": packages })).unwrap()
    }

    #[test]
    fn allowed_edges_pass() {
        assert!(problems("supcon-train", "supcon-loss", None).is_empty());
        assert!(problems("supcon-math", "libm", None).is_empty());
        assert!(problems("supcon-loss", "burn", None).is_empty());
        assert!(problems("supcon-tests", "supcon-cli", None).is_empty());
    }

    #[test]
    fn forbidden_edges_are_named() {
        let found = problems("supcon-math", "supcon-protocol", None);
        assert!(
            found[0].starts_with("supcon-math: must not use supcon-protocol"),
            "{found:?}"
        );
        assert!(problems("supcon-app", "burn-core", None)[0].contains("must not know Burn"));
        assert!(problems("supcon-new", "libm", None)[0].contains("has no rule"));
    }

    #[test]
    fn the_app_trains_only_natively() {
        assert!(problems("supcon-app", "supcon-train", None)[0].contains("only natively"));
        let native = Some("cfg(not(target_family = \"wasm\"))");
        assert!(problems("supcon-app", "supcon-train", native).is_empty());
        let web = Some("cfg(target_family = \"wasm\")");
        assert_eq!(problems("supcon-app", "supcon-train", web).len(), 1);
    }
}
