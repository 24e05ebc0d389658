use super::{RunConfig, SCHEMA, wording};
use crate::{PRESETS, did_you_mean, preset};
use thiserror::Error;

/// Why a configuration was refused: the fact, the place and the way out.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ConfigError {
    /// No preset of that name.
    #[error("there is no preset \"{name}\"{}; `supcon presets` lists them", suggestion(.near))]
    UnknownPreset {
        /// What was asked for.
        name: String,
        /// The nearest name.
        near: Option<String>,
    },
    /// A key that no configuration has.
    #[error("unknown key \"{key}\" in {place}{}", suggestion(.near))]
    UnknownKey {
        /// The key, dotted.
        key: String,
        /// File or option.
        place: String,
        /// The nearest key.
        near: Option<String>,
    },
    /// `--set` without `=`.
    #[error("--set {text}: expected key=value, for example --set contrastive.batch_size=256")]
    NotAnAssignment {
        /// What was given.
        text: String,
    },
    /// Text that is not TOML, or a value of the wrong type.
    #[error("{place}: {message}")]
    Invalid {
        /// File or option.
        place: String,
        /// What the parser said.
        message: String,
    },
    /// A file of another version.
    #[error(
        "{place} has schema = {found}; this supcon reads schema = {SCHEMA}: run it with the version that wrote it, or start from `supcon presets --show NAME`"
    )]
    Schema {
        /// File.
        place: String,
        /// Its version.
        found: i64,
    },
    /// A value outside its range, or two that contradict each other.
    #[error("{key} = {value}: {rule}")]
    OutOfRange {
        /// The key, dotted.
        key: String,
        /// The value found.
        value: String,
        /// What would be right.
        rule: String,
    },
}

fn suggestion(near: &Option<String>) -> String {
    near.as_ref()
        .map_or_else(String::new, |near| format!("; did you mean \"{near}\"?"))
}

impl RunConfig {
    /// A configuration from its layers: preset < file < `--set` assignments.
    ///
    /// `file` is `(place, text)`; it may name its own `preset = "…"`, which `preset_name` overrides.
    ///
    /// # Errors
    /// Unknown presets and keys (with the nearest name), values of the wrong type, and whatever
    /// [`RunConfig::check`] finds.
    pub fn from_layers(
        preset_name: Option<&str>,
        file: Option<(&str, &str)>,
        assignments: &[String],
    ) -> Result<Self, ConfigError> {
        let mut over = match file {
            Some((place, text)) => parse_table(place, text)?,
            None => toml::Table::new(),
        };
        let named = match over.remove("preset") {
            Some(toml::Value::String(name)) => Some(name),
            Some(other) => {
                return Err(ConfigError::Invalid {
                    place: file.map_or("--config", |(place, _)| place).to_owned(),
                    message: format!("preset must be a name in quotes, found {other}"),
                });
            }
            None => None,
        };
        let name = preset_name
            .map(str::to_owned)
            .or(named)
            .unwrap_or_else(|| PRESETS[0].name.to_owned());
        let base = preset(&name).ok_or_else(|| ConfigError::UnknownPreset {
            near: did_you_mean(&name, PRESETS.iter().map(|p| p.name)).map(str::to_owned),
            name,
        })?;
        let mut table = to_table(&base.config());
        if let Some((place, _)) = file {
            check_schema(place, &over)?;
            merge(&mut table, over, "", place)?;
        }
        for text in assignments {
            assign(&mut table, text)?;
        }
        let place = file.map_or("the configuration", |(place, _)| place);
        let config = from_table(table, place)?;
        config.check()?;
        Ok(config)
    }

    /// Reads a resolved `config.toml` of a run directory.
    ///
    /// # Errors
    /// As [`RunConfig::from_layers`].
    pub fn from_toml(place: &str, text: &str) -> Result<Self, ConfigError> {
        let table = parse_table(place, text)?;
        check_schema(place, &table)?;
        let config = from_table(table, place)?;
        config.check()?;
        Ok(config)
    }

    /// The whole configuration as TOML.
    #[must_use]
    pub fn to_toml(&self) -> String {
        toml::to_string_pretty(self).unwrap_or_default()
    }
}

fn parse_table(place: &str, text: &str) -> Result<toml::Table, ConfigError> {
    text.parse()
        .map_err(|error: toml::de::Error| ConfigError::Invalid {
            place: place.to_owned(),
            message: wording::sentence(&error),
        })
}

fn to_table(config: &RunConfig) -> toml::Table {
    toml::Table::try_from(config).expect("a RunConfig has only TOML types")
}

fn from_table(table: toml::Table, place: &str) -> Result<RunConfig, ConfigError> {
    table.try_into().map_err(|error: toml::de::Error| {
        if let Some(key) = wording::unknown_field(&error) {
            return unknown_key(&key, place);
        }
        ConfigError::Invalid {
            place: place.to_owned(),
            message: wording::sentence(&error),
        }
    })
}

fn check_schema(place: &str, table: &toml::Table) -> Result<(), ConfigError> {
    match table.get("schema").and_then(toml::Value::as_integer) {
        Some(found) if found != i64::from(SCHEMA) => Err(ConfigError::Schema {
            place: place.to_owned(),
            found,
        }),
        _ => Ok(()),
    }
}

fn merge(
    base: &mut toml::Table,
    over: toml::Table,
    prefix: &str,
    place: &str,
) -> Result<(), ConfigError> {
    for (key, value) in over {
        let path = if prefix.is_empty() {
            key.clone()
        } else {
            format!("{prefix}.{key}")
        };
        match (base.get_mut(&key), value) {
            (None, _) => return Err(unknown_key(&path, place)),
            (Some(toml::Value::Table(inner)), toml::Value::Table(value)) => {
                merge(inner, value, &path, place)?;
            }
            (Some(slot), value) => *slot = value,
        }
    }
    Ok(())
}

fn unknown_key(path: &str, place: &str) -> ConfigError {
    let keys = all_keys(&to_table(&PRESETS[0].config()), "");
    let leaf = path.rsplit('.').next().unwrap_or(path);
    let near = did_you_mean(path, keys.iter().map(String::as_str)).map(str::to_owned);
    // A right leaf under a wrong table is the commonest slip: prefer it.
    let same_leaf = keys
        .iter()
        .find(|key| key.rsplit('.').next() == Some(leaf))
        .cloned();
    ConfigError::UnknownKey {
        key: path.to_owned(),
        place: place.to_owned(),
        near: same_leaf.or(near),
    }
}

fn all_keys(table: &toml::Table, prefix: &str) -> Vec<String> {
    let mut keys = Vec::new();
    for (key, value) in table {
        let path = if prefix.is_empty() {
            key.clone()
        } else {
            format!("{prefix}.{key}")
        };
        if let toml::Value::Table(inner) = value {
            keys.extend(all_keys(inner, &path));
        }
        keys.push(path);
    }
    keys
}

fn assign(table: &mut toml::Table, text: &str) -> Result<(), ConfigError> {
    let (key, value) = text
        .split_once('=')
        .ok_or_else(|| ConfigError::NotAnAssignment {
            text: text.to_owned(),
        })?;
    let (key, value) = (key.trim(), value.trim());
    let mut slot: Option<&mut toml::Value> = None;
    for part in key.split('.') {
        let inner = match slot {
            None => table.get_mut(part),
            Some(toml::Value::Table(inner)) => inner.get_mut(part),
            Some(_) => None,
        };
        slot = Some(inner.ok_or_else(|| unknown_key(key, "--set"))?);
    }
    let slot = slot.ok_or_else(|| unknown_key(key, "--set"))?;
    *slot = parse_value(value, slot);
    // Try the type at once, so that the message names the assignment and not a line of a table.
    from_table(table.clone(), &format!("--set {text}")).map(|_| ())
}

/// The text as a TOML value; bare words are strings, and whole numbers are fractions where the
/// present value is one.
fn parse_value(text: &str, present: &toml::Value) -> toml::Value {
    let parsed = format!("v = {text}")
        .parse::<toml::Table>()
        .ok()
        .and_then(|mut table| table.remove("v"));
    match (parsed, present) {
        (Some(toml::Value::Integer(number)), toml::Value::Float(_)) => {
            toml::Value::Float(number as f64)
        }
        (Some(value), toml::Value::Array(_)) if !value.is_array() => {
            toml::Value::Array(vec![value])
        }
        (Some(value), _) => value,
        (None, toml::Value::Array(_)) => toml::Value::Array(
            text.trim_matches(['[', ']'])
                .split(',')
                .map(|item| toml::Value::String(item.trim().to_owned()))
                .collect(),
        ),
        (None, _) => toml::Value::String(text.to_owned()),
    }
}
