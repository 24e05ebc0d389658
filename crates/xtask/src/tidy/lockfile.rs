//! One version each of the crates whose types and devices are shared.

const SINGLE: [&str; 3] = ["burn", "wgpu", "naga"];

/// Checks the text of Cargo.lock.
pub(super) fn check(lock: &str) -> Vec<String> {
    SINGLE
        .iter()
        .filter_map(|name| judge(name, &versions(lock, name)))
        .collect()
}

fn judge(name: &str, versions: &[&str]) -> Option<String> {
    match versions {
        [_] => None,
        [] => Some(format!(
            "Cargo.lock: no version of {name}: if it is gone for good, take it out of SINGLE in \
             crates/xtask/src/tidy/lockfile.rs"
        )),
        several => Some(format!(
            "Cargo.lock: {} versions of {name} ({}): find who wants which with \
             `cargo tree --workspace --invert {name}@{}`",
            several.len(),
            several.join(", "),
            several[0]
        )),
    }
}

fn versions<'a>(lock: &'a str, name: &str) -> Vec<&'a str> {
    let wanted = format!("name = \"{name}\"");
    let lines: Vec<&str> = lock.lines().collect();
    lines
        .windows(2)
        .filter(|pair| pair[0] == wanted)
        .filter_map(|pair| pair[1].strip_prefix("version = \"")?.strip_suffix('"'))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE_EACH: &str = "[[package]]\nname = \"burn\"\nversion = \"0.22.1\"\n\n\
        [[package]]\nname = \"burn-core\"\nversion = \"0.22.1\"\n\n\
        [[package]]\nname = \"naga\"\nversion = \"30.0.0\"\n\n\
        [[package]]\nname = \"wgpu\"\nversion = \"30.0.1\"\n";

    #[test]
    fn one_version_each_passes() {
        assert_eq!(check(ONE_EACH), Vec::<String>::new());
    }

    #[test]
    fn two_versions_and_none_are_told() {
        let two = format!("{ONE_EACH}\n[[package]]\nname = \"naga\"\nversion = \"29.0.0\"\n");
        let found = check(&two);
        assert_eq!(found.len(), 1);
        assert!(
            found[0].contains("2 versions of naga (30.0.0, 29.0.0)"),
            "{found:?}"
        );
        assert_eq!(check("").len(), 3);
    }
}
