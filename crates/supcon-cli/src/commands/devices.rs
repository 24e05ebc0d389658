use crate::arguments::JsonOption;
use crate::exit::Outcome;
use crate::output;
use supcon_train::{ComputeDevice, adapters};

/// Lists the CPU and every adapter, with the name --device takes.
pub fn devices(options: &JsonOption) -> anyhow::Result<Outcome> {
    let mut rows = vec![("cpu", ComputeDevice::cpu().description)];
    for adapter in pollster::block_on(adapters()) {
        rows.push((
            if adapter.is_software {
                "software"
            } else {
                "gpu"
            },
            adapter.description,
        ));
    }
    if options.json {
        let list: Vec<_> = rows
            .iter()
            .map(|(name, text)| serde_json::json!({ "device": name, "description": text }))
            .collect();
        output::json(&list)?;
        return Ok(Outcome::Done);
    }
    for (name, description) in &rows {
        output::line(&format!("--device {name:<9} {description}"));
    }
    let chosen = if rows.iter().any(|(name, _)| *name == "gpu") {
        "the first gpu"
    } else {
        "cpu"
    };
    output::line(&format!("\n--device auto takes {chosen}"));
    Ok(Outcome::Done)
}
