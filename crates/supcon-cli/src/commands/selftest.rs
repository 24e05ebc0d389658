use crate::arguments::SelftestOptions;
use crate::exit::Outcome;
use crate::output;
use anyhow::{Context as _, bail};
use supcon_protocol::EncoderName;
use supcon_train::ComputeDevice;
use supcon_train::selftest::{SelfTestCheck, TOLERANCE, self_test};

/// A device's kernels against the CPU's.
pub fn selftest(options: &SelftestOptions) -> anyhow::Result<Outcome> {
    let name = serde_json::Value::String(options.encoder.clone());
    let encoder: EncoderName = serde_json::from_value(name).with_context(|| {
        format!(
            "there is no encoder \"{}\": give tiny, resnet-8, resnet-14, resnet-20, resnet-18, resnet-34, resnet-50 or resnet-101",
            options.encoder
        )
    })?;
    let device = pollster::block_on(ComputeDevice::open(options.device))?;
    let checks = pollster::block_on(self_test(encoder, &device.device))?;
    if options.output.json {
        let list = checks.iter().map(|check| {
            serde_json::json!({ "what": check.what, "error": check.error, "passed": check.passed() })
        });
        output::json(&serde_json::Value::from_iter(list))?;
    } else {
        output::line(&device.description);
        for check in &checks {
            let verdict = if check.passed() { "ok" } else { "WRONG" };
            output::line(&format!(
                "{verdict:<5} {:>8.1e}  {}",
                check.error, check.what
            ));
        }
        output::line(&format!(
            "\nerror: largest difference from the CPU over the largest number, at most {TOLERANCE:e}"
        ));
    }
    let wrong: Vec<&SelfTestCheck> = checks.iter().filter(|check| !check.passed()).collect();
    if let Some(first) = wrong.first() {
        bail!(
            "{} of {} checks fail on {}, the first: {}; train with --device cpu, or update the driver",
            wrong.len(),
            checks.len(),
            device.description,
            first.what
        );
    }
    Ok(Outcome::Done)
}
