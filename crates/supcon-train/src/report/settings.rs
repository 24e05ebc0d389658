//! Which settings two or more configurations do not agree on.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use supcon_protocol::{RunConfig, SettingDifference};

/// The dotted keys whose values are not the same in all configurations, in alphabetical order.
pub(super) fn differing_settings(configs: &[&RunConfig]) -> Vec<SettingDifference> {
    let flat: Vec<Leaves> = configs.iter().map(|config| flatten(config)).collect();
    let keys: BTreeSet<&String> = flat.iter().flat_map(BTreeMap::keys).collect();
    let of_key = |key: &String| SettingDifference {
        key: key.clone(),
        values: flat.iter().map(|leaves| leaves.get(key).cloned()).collect(),
    };
    keys.into_iter()
        .map(of_key)
        .filter(|setting| {
            setting
                .values
                .iter()
                .any(|value| *value != setting.values[0])
        })
        .collect()
}

/// Dotted keys and their values as text; a list is one value.
type Leaves = BTreeMap<String, String>;

fn flatten(config: &RunConfig) -> Leaves {
    let mut leaves = Leaves::new();
    let value = serde_json::to_value(config).unwrap_or_default();
    collect("", &value, &mut leaves);
    leaves
}

fn collect(prefix: &str, value: &Value, leaves: &mut Leaves) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                let key = if prefix.is_empty() {
                    name.clone()
                } else {
                    format!("{prefix}.{name}")
                };
                collect(&key, field, leaves);
            }
        }
        // A key without a value is one that is not set.
        Value::Null => {}
        Value::String(text) => {
            leaves.insert(prefix.to_owned(), text.clone());
        }
        other => {
            leaves.insert(prefix.to_owned(), short(other));
        }
    }
}

/// As JSON has it; numbers that come from `f32` without the digits that `f64` adds.
fn short(value: &Value) -> String {
    match value {
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(short).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Number(number) => match number.as_f64() {
            Some(wide) if f64::from(wide as f32) == wide => (wide as f32).to_string(),
            _ => number.to_string(),
        },
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::differing_settings;
    use supcon_protocol::{Method, PRESETS};

    #[test]
    fn only_what_differs_is_named() {
        let first = PRESETS[0].config();
        let mut second = first.clone();
        assert!(differing_settings(&[&first, &second, &first]).is_empty());
        second.contrastive.temperature = 0.2;
        second.methods = vec![Method::Simclr];
        second.views.crop.scale = [0.2, 1.0];
        let found = differing_settings(&[&first, &second]);
        let keys: Vec<&str> = found.iter().map(|d| d.key.as_str()).collect();
        assert!(keys.len() == 3 && keys.contains(&"methods"), "{keys:?}");
        let temperature = found
            .iter()
            .find(|d| d.key == "contrastive.temperature")
            .unwrap();
        assert_eq!(temperature.values[1].as_deref(), Some("0.2"));
        let scale = found.iter().find(|d| d.key == "views.crop.scale").unwrap();
        assert_eq!(scale.values[1].as_deref(), Some("[0.2, 1]"));
        let methods = found.iter().find(|d| d.key == "methods").unwrap();
        assert_eq!(methods.values[1].as_deref(), Some("[\"simclr\"]"));
    }
}
