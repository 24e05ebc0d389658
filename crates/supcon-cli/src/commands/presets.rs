use crate::arguments::PresetsOptions;
use crate::exit::Outcome;
use crate::output;
use supcon_protocol::{ConfigError, PRESETS, did_you_mean, preset};

/// Characters of a line that every terminal has room for.
const LINE: usize = 96;

/// Lists the presets, or prints one as TOML.
pub fn presets(options: &PresetsOptions) -> anyhow::Result<Outcome> {
    match &options.show {
        Some(name) => show(name, options.output.json)?,
        None if options.output.json => {
            let list: Vec<_> = PRESETS
                .iter()
                .map(|p| serde_json::json!({ "name": p.name, "summary": p.summary }))
                .collect();
            output::json(&list)?;
        }
        None => {
            for preset in PRESETS {
                output::line(&format!("{}\n{}", preset.name, indented(preset.summary)));
            }
            output::line(
                "\ntrain one with `supcon train --preset NAME`; see its values with `supcon presets --show NAME`",
            );
        }
    }
    Ok(Outcome::Done)
}

/// In lines of at most [`LINE`] characters, each two spaces in.
fn indented(text: &str) -> String {
    let mut lines = vec![String::from(" ")];
    for word in text.split_whitespace() {
        let last = lines.len() - 1;
        if lines[last].chars().count() + 1 + word.chars().count() > LINE {
            lines.push(format!("  {word}"));
        } else {
            lines[last] += &format!(" {word}");
        }
    }
    lines.join("\n")
}

fn show(name: &str, json: bool) -> anyhow::Result<()> {
    let preset = preset(name).ok_or_else(|| ConfigError::UnknownPreset {
        name: name.to_owned(),
        near: did_you_mean(name, PRESETS.iter().map(|p| p.name)).map(str::to_owned),
    })?;
    let config = preset.config();
    if json {
        output::json(&config)?;
    } else {
        output::text(&config.to_toml());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{LINE, indented};

    #[test]
    fn summaries_are_wrapped_and_lose_no_word() {
        let text = "word ".repeat(60);
        let shown = indented(&text);
        assert!(shown.lines().count() > 3);
        for line in shown.lines() {
            assert!(line.starts_with("  w") && line.chars().count() <= LINE);
        }
        assert_eq!(shown.split_whitespace().count(), 60);
    }
}
