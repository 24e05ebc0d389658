use crate::arguments::PresetsOptions;
use crate::exit::Outcome;
use crate::output;
use supcon_protocol::{ConfigError, PRESETS, did_you_mean, preset};

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
                output::line(&format!("{:<18}{}", preset.name, preset.summary));
            }
            output::line(
                "\ntrain one with `supcon train --preset NAME`; see its values with `supcon presets --show NAME`",
            );
        }
    }
    Ok(Outcome::Done)
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
