//! The recipe that is offered: one that the device found gets done in the time people have.

use crate::session::Device;
use crate::view_state::first_draft;
use supcon_protocol::{DataSource, Method, RunConfig, preset};

/// The built-in shapes take a minute or two on any processor, so their recipe is the same everywhere. Images of
/// one's own get the tiny encoder without a graphics card, and a ResNet-18 with one: of the reproduction
/// recipe one seed of the two methods that are compared first.
#[must_use]
pub fn fitting(source: DataSource, device: Option<&Device>) -> Option<RunConfig> {
    let is_fast = device.is_some_and(Device::is_fast);
    match (source, is_fast) {
        (DataSource::Shapes, _) => Some(first_draft()),
        (DataSource::Images, false) => Some(preset("images")?.config()),
        (DataSource::Images, true) => Some(RunConfig {
            seeds: vec![0],
            methods: vec![Method::Supcon, Method::CrossEntropy],
            ..preset("r18-cifar-200")?.config()
        }),
    }
}

/// Whether a draft is what would be offered on some device: nobody has changed it.
#[must_use]
pub fn is_offered(draft: &RunConfig) -> bool {
    let fast = Device {
        description: String::new(),
        is_software: false,
        is_cpu: false,
    };
    let devices = [None, Some(&fast)];
    devices
        .into_iter()
        .any(|device| fitting(draft.data.source, device).as_ref() == Some(draft))
}

#[cfg(test)]
mod tests {
    use super::*;
    use supcon_protocol::EncoderName;

    #[test]
    fn a_graphics_card_is_offered_a_larger_encoder() {
        let device = |is_software, is_cpu| Device {
            description: String::new(),
            is_software,
            is_cpu,
        };
        let encoder = |device: &Device| {
            let offered = fitting(DataSource::Images, Some(device)).unwrap();
            assert!(is_offered(&offered));
            assert_eq!(offered.check(), Ok(()));
            offered.encoder
        };
        assert_eq!(encoder(&device(false, true)), EncoderName::Tiny);
        assert_eq!(encoder(&device(true, false)), EncoderName::Tiny);
        assert_ne!(encoder(&device(false, false)), EncoderName::Tiny);
    }
}
