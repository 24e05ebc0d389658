//! Checks of single files: length, unfinished code, paths of one machine.

use super::SourceFile;

const MAX_LINES: usize = 450;

/// Written in two halves, so that this file does not contain them.
const UNFINISHED: [&str; 4] = [
    concat!("to", "do!"),
    concat!("unimple", "mented!"),
    concat!("db", "g!"),
    concat!("FIX", "ME"),
];

/// Folders that exist on one machine only.
const MACHINE_PATHS: [&str; 2] = ["/work/", "/root/"];

/// Where naming such a folder is allowed.
const MAY_NAME_PATHS: [&str; 2] = [".ci/", "crates/xtask/"];

/// Checks every file by itself.
pub(super) fn check(files: &[SourceFile]) -> Vec<String> {
    files.iter().flat_map(check_file).collect()
}

fn check_file(file: &SourceFile) -> Vec<String> {
    let path = &file.path;
    let is_rust = path.ends_with(".rs");
    let is_ours = path.starts_with("crates/") || path.starts_with("tests/");
    let is_code = is_rust || path.ends_with(".wgsl");
    let names_paths = MAY_NAME_PATHS.iter().any(|folder| path.starts_with(folder));
    let mut problems = Vec::new();
    let lines = file.text.lines().count();
    if is_rust && is_ours && lines > MAX_LINES {
        problems.push(format!(
            "{path}: {lines} lines, more than {MAX_LINES}: split it by topic"
        ));
    }
    for (index, line) in file.text.lines().enumerate() {
        let number = index + 1;
        for word in UNFINISHED
            .iter()
            .filter(|word| is_code && line.contains(**word))
        {
            problems.push(format!(
                "{path}:{number}: `{word}` is left: finish or remove it"
            ));
        }
        for folder in MACHINE_PATHS
            .iter()
            .filter(|folder| !names_paths && has_path(line, folder))
        {
            problems.push(format!(
                "{path}:{number}: names {folder}, which exists on one machine only: \
                 use a relative path or an environment variable"
            ));
        }
    }
    problems
}

/// Whether `line` has `folder` as the beginning of a path, not as the middle of another one.
fn has_path(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(start, _)| {
        let before = line[..start].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || "._-~/}*".contains(c))
    })
}

#[cfg(test)]
mod tests {
    use super::super::file;
    use super::*;

    #[test]
    fn long_files_are_told_only_in_our_folders() {
        let text = "//\n".repeat(MAX_LINES + 1);
        let files = [
            file("crates/a/src/lib.rs", &text),
            file("tests/src/b.rs", &text),
            file("x.rs", &text),
        ];
        assert_eq!(check(&files).len(), 2);
        assert!(check(&[file("crates/a/src/lib.rs", &text[3..])]).is_empty());
    }

    #[test]
    fn unfinished_code_is_told_with_its_line() {
        let text = format!("fn a() {{\n    {}()\n}}\n", UNFINISHED[0]);
        let found = check(&[file("crates/a/src/lib.rs", &text), file("notes.md", &text)]);
        assert_eq!(found.len(), 1);
        assert!(found[0].starts_with("crates/a/src/lib.rs:2:"), "{found:?}");
        assert_eq!(check(&[file("shaders/a.wgsl", UNFINISHED[3])]).len(), 1);
    }

    #[test]
    fn paths_of_one_machine_are_told() {
        assert_eq!(check(&[file("README.md", "see `/work/shared`")]).len(), 1);
        assert_eq!(check(&[file("a.toml", "path = \"/root/x\"")]).len(), 1);
        assert!(check(&[file(".ci/run", "cd /work/main")]).is_empty());
        assert!(check(&[file("README.md", "https://example.org/work/1, a/root/b")]).is_empty());
    }
}
