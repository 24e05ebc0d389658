//! The devices that kernels are tested on.

use burn::cubecl::{Device as CubeDevice, client::Client, device::WgpuDeviceKind};
use burn::tensor::Device;
use std::sync::OnceLock;
use supcon_protocol::DeviceChoice;
use supcon_train::ComputeDevice;

/// A software (or, where there is one, real) GPU; `None` without an adapter, which is a failure
/// where `SUPCON_REQUIRE_GPU=1`.
pub fn gpu() -> Option<Device> {
    static GPU: OnceLock<Option<Device>> = OnceLock::new();
    GPU.get_or_init(|| {
        let software = pollster::block_on(ComputeDevice::open(DeviceChoice::Software));
        let opened =
            software.or_else(|_| pollster::block_on(ComputeDevice::open(DeviceChoice::Gpu)));
        match opened {
            Ok(device) => {
                eprintln!("GPU tests run on {}", device.description);
                Some(device.device)
            }
            Err(error) => {
                let required =
                    std::env::var_os("SUPCON_REQUIRE_GPU").is_some_and(|value| value == "1");
                assert!(!required, "SUPCON_REQUIRE_GPU=1, but {error}");
                eprintln!("skipped: no GPU adapter ({error})");
                None
            }
        }
    })
    .clone()
}

/// The software GPU's queue, for kernels launched by hand; `None` where there is none.
pub fn software_client() -> Option<Client> {
    gpu()?;
    if let Err(error) = pollster::block_on(ComputeDevice::open(DeviceChoice::Software)) {
        eprintln!("skipped: {error}");
        return None;
    }
    let device = CubeDevice::wgpu(WgpuDeviceKind::Cpu).expect("wgpu is built in");
    Some(device.client())
}

/// The CPU alone.
pub fn cpu() -> Vec<(&'static str, Device)> {
    vec![("flex", Device::flex())]
}

/// Every device a kernel runs on.
pub fn all() -> Vec<(&'static str, Device)> {
    let mut devices = cpu();
    devices.extend(gpu().map(|device| ("wgpu", device)));
    devices
}
