//! A configuration as a link: everything that defines the experiment, and none of its images.
//!
//! The link's fragment is `config=` and a TOML text as URL-safe base64. The text names a preset and
//! what differs from it, so that links stay short; where that does not say it all, it is the whole
//! configuration. A fragment never leaves the browser.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use std::fmt::Write;
use supcon_protocol::{ConfigError, ErrorReport, PRESETS, RunConfig, preset};

const KEY: &str = "config=";
/// What messages call the text.
const PLACE: &str = "the link";

/// `page` with the configuration in its fragment.
#[must_use]
pub fn link(page: &str, config: &RunConfig) -> String {
    let page = page.split('#').next().unwrap_or_default();
    format!("{page}#{KEY}{}", URL_SAFE_NO_PAD.encode(text(config)))
}

/// The configuration in a fragment (with or without its `#`); `None` where it holds none.
///
/// # Errors
/// A link that was cut short or changed, or a configuration that is refused.
#[must_use]
pub fn config_in(fragment: &str) -> Option<Result<RunConfig, ErrorReport>> {
    let encoded = fragment.trim_start_matches('#').strip_prefix(KEY)?;
    let bytes = URL_SAFE_NO_PAD.decode(encoded.trim_end_matches('='));
    let text = bytes.ok().and_then(|bytes| String::from_utf8(bytes).ok());
    Some(match text {
        Some(text) => read(&text).map_err(|error| ErrorReport {
            message: "The link's settings are refused; the present ones stay.".to_owned(),
            causes: vec![error.to_string()],
            hint: Some(
                "The link may be of another version of supcon: ask for a new one.".to_owned(),
            ),
        }),
        None => Err(ErrorReport {
            message: "The link's settings cannot be read; the present ones stay.".to_owned(),
            causes: vec!["it was cut short or changed on its way".to_owned()],
            hint: Some("Ask for the link again, and copy it whole.".to_owned()),
        }),
    })
}

fn read(text: &str) -> Result<RunConfig, ConfigError> {
    RunConfig::from_layers(None, Some((PLACE, text)), &[])
}

fn text(config: &RunConfig) -> String {
    let base = preset(&config.name).unwrap_or(&PRESETS[0]);
    let mut text = format!("preset = \"{}\"\n", base.name);
    let value = |config: &RunConfig| serde_json::to_value(config).unwrap_or_default();
    differences(&value(&base.config()), &value(config), "", &mut text);
    if read(&text).as_ref() == Ok(config) {
        text
    } else {
        config.to_toml()
    }
}

/// `key = value` for every value that differs. JSON's numbers, texts, truths and lists are TOML's too.
fn differences(base: &Value, config: &Value, path: &str, text: &mut String) {
    if let Value::Object(inner) = config {
        for (key, value) in inner {
            let path = if path.is_empty() {
                key.clone()
            } else {
                format!("{path}.{key}")
            };
            differences(base.get(key).unwrap_or(&Value::Null), value, &path, text);
        }
    } else if base != config && !config.is_null() {
        // Writing into a text cannot fail.
        let _ = writeln!(text, "{path} = {config}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use supcon_protocol::{Length, Method};

    fn back(config: &RunConfig) -> RunConfig {
        let link = link("https://example.org/supcon/?renderer=webgl#old", config);
        let (page, fragment) = link.split_once('#').unwrap();
        assert_eq!(page, "https://example.org/supcon/?renderer=webgl");
        config_in(fragment).unwrap().unwrap()
    }

    #[test]
    fn every_preset_comes_back() {
        for preset in PRESETS {
            assert_eq!(back(&preset.config()), preset.config(), "{}", preset.name);
        }
    }

    #[test]
    fn changes_come_back_and_the_link_stays_short() {
        let mut config = PRESETS[0].config();
        config.methods = vec![Method::SupconIn, Method::Simclr];
        config.contrastive.temperature = 0.07;
        config.contrastive.length = Length::Epochs(7);
        config.views.crop.scale[0] = 0.35;
        assert_eq!(back(&config), config);
        let link = link("https://example.org/", &config);
        assert!(link.len() < 400, "{} characters: {link}", link.len());
    }

    #[test]
    fn a_configuration_under_its_own_name_comes_back() {
        let mut config = PRESETS[0].config();
        config.name = "Tuesday's \"class\" – group 3".to_owned();
        assert_eq!(back(&config), config);
    }

    #[test]
    fn other_fragments_are_no_configuration() {
        assert!(config_in("").is_none());
        assert!(config_in("#section-2").is_none());
    }

    #[test]
    fn a_link_that_was_cut_or_made_up_is_refused_in_words() {
        let refused = |text: &str| {
            let fragment = format!("config={}", URL_SAFE_NO_PAD.encode(text));
            config_in(&fragment).unwrap().unwrap_err().to_string()
        };
        let cut = config_in("config=!!").unwrap().unwrap_err();
        assert!(cut.to_string().contains("cut short"), "{cut}");
        let unknown = refused("contrastive.temprature = 0.1");
        assert!(unknown.contains("temperature"), "{unknown}");
        let range = refused("contrastive.temperature = -1.0");
        assert!(range.contains("temperature"), "{range}");
    }
}
