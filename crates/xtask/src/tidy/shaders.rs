//! Every shader is described, used, and complete by itself.

use super::SourceFile;

const README: &str = "shaders/README.md";

/// How far behind `include_str!` its path may end; rustfmt may break the line between them.
const INCLUDE_REACH: usize = 200;

/// Checks `shaders/*.wgsl` against the README, the Rust code and the rule against templates.
pub(super) fn check(files: &[SourceFile]) -> Vec<String> {
    let readme = files.iter().find(|file| file.path == README);
    let mut problems = Vec::new();
    for shader in files {
        let Some(name) = shader
            .path
            .strip_prefix("shaders/")
            .filter(|name| name.ends_with(".wgsl"))
        else {
            continue;
        };
        if !readme.is_some_and(|readme| names(&readme.text, name)) {
            problems.push(format!(
                "{README}: does not name {name}: say there what it computes"
            ));
        }
        if !files
            .iter()
            .any(|file| file.path.ends_with(".rs") && includes(&file.text, name))
        {
            problems.push(format!(
                "shaders/{name}: no Rust file has it in an include_str!: use it or delete it"
            ));
        }
        for template in ["{{", "#import"]
            .iter()
            .filter(|word| shader.text.contains(**word))
        {
            problems.push(format!(
                "shaders/{name}: contains `{template}`: write plain WGSL, Rust may only set consts"
            ));
        }
    }
    problems
}

/// Whether `text` has `name` as a whole file name: `b.wgsl` is not named by `a_b.wgsl`.
fn names(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(start, _)| {
        let before = text[..start].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '-')
    })
}

fn includes(text: &str, name: &str) -> bool {
    text.match_indices("include_str!").any(|(start, _)| {
        let reach: String = text[start..].chars().take(INCLUDE_REACH).collect();
        let argument = reach.split(';').next().unwrap_or_default();
        argument.contains(&format!("shaders/{name}\""))
    })
}

#[cfg(test)]
mod tests {
    use super::super::file;
    use super::*;

    const RUST: &str =
        "const A: &str =\n    include_str!(\n        \"../../../shaders/a.wgsl\"\n    );";

    #[test]
    fn a_described_and_used_shader_passes() {
        let files = [
            file(README, "- `a.wgsl`: rows"),
            file("shaders/a.wgsl", "fn main() { { } }"),
            file("crates/x/src/lib.rs", RUST),
        ];
        assert_eq!(check(&files), Vec::<String>::new());
    }

    #[test]
    fn an_unknown_unused_templated_shader_is_told() {
        let files = [
            file(README, "- `other_a.wgsl`"),
            file("shaders/a.wgsl", "const D = {{ dim }};\n#import x"),
            file(
                "crates/x/src/lib.rs",
                "include_str!(\"../shaders/b.wgsl\"); \"shaders/a.wgsl\"",
            ),
        ];
        assert_eq!(check(&files).len(), 4);
        assert_eq!(
            check(&files[1..]).len(),
            4,
            "a missing README is the same as an empty one"
        );
    }
}
