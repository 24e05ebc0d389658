//! Where tensors live: a real GPU through wgpu, or Burn's CPU backend.

use crate::error::TrainError;
#[cfg(not(target_family = "wasm"))]
use burn::tensor::wgpu::wgpu;
use burn::tensor::{Device, DeviceKind};
use supcon_protocol::DeviceChoice;

/// A device, ready for tensors.
#[derive(Clone, Debug)]
pub struct ComputeDevice {
    /// Burn's handle, without autodiff.
    pub device: Device,
    /// Backend, adapter and driver in words.
    pub description: String,
    /// Whether it is a GPU that a processor plays.
    pub is_software: bool,
}

/// An adapter that wgpu found.
#[derive(Clone, Debug)]
pub struct Adapter {
    /// Name, API and driver.
    pub description: String,
    /// How Burn selects it; `None` for a kind it cannot.
    kind: Option<DeviceKind>,
    /// Whether a processor plays GPU.
    pub is_software: bool,
}

/// The one adapter that a browser shows, if it shows any.
#[cfg(target_family = "wasm")]
pub async fn adapters() -> Vec<Adapter> {
    crate::browser::adapter().await.into_iter().collect()
}

/// All adapters, best kind first.
#[cfg(not(target_family = "wasm"))]
pub async fn adapters() -> Vec<Adapter> {
    let instance = wgpu::Instance::new(wgpu::InstanceDescriptor {
        // What Burn runs on; probing OpenGL besides would only print complaints about displays.
        backends: wgpu::Backends::PRIMARY,
        ..wgpu::InstanceDescriptor::new_without_display_handle()
    });
    let mut found: Vec<(wgpu::DeviceType, Adapter)> = Vec::new();
    for adapter in instance.enumerate_adapters(wgpu::Backends::PRIMARY).await {
        let info = adapter.get_info();
        let nth = found
            .iter()
            .filter(|(kind, _)| *kind == info.device_type)
            .count();
        found.push((info.device_type, Adapter::new(&info, nth)));
    }
    found.sort_by_key(|(kind, _)| rank(*kind));
    found.into_iter().map(|(_, adapter)| adapter).collect()
}

#[cfg(not(target_family = "wasm"))]
fn rank(kind: wgpu::DeviceType) -> u8 {
    match kind {
        wgpu::DeviceType::DiscreteGpu => 0,
        wgpu::DeviceType::IntegratedGpu => 1,
        wgpu::DeviceType::VirtualGpu => 2,
        wgpu::DeviceType::Other => 3,
        wgpu::DeviceType::Cpu => 4,
    }
}

impl Adapter {
    /// What a browser tells: vendor, architecture, device and description, most of them empty; and
    /// whether it is what the browser falls back to.
    #[cfg(any(target_family = "wasm", test))]
    pub(crate) fn of_browser(words: &[String; 4], is_fallback: bool) -> Self {
        let told: Vec<&str> = words.iter().map(String::as_str).collect();
        let name = told.join(" ").trim().to_owned();
        let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
        let lower = name.to_lowercase();
        let software = ["swiftshader", "llvmpipe", "basic render"];
        Self {
            description: match name.as_str() {
                "" => "a GPU whose name the browser keeps to itself, through WebGPU".to_owned(),
                name => format!("{name} through WebGPU"),
            },
            is_software: is_fallback || software.iter().any(|word| lower.contains(word)),
            kind: Some(DeviceKind::default()),
        }
    }

    #[cfg(not(target_family = "wasm"))]
    fn new(info: &wgpu::AdapterInfo, nth: usize) -> Self {
        let kind = match info.device_type {
            wgpu::DeviceType::DiscreteGpu => Some(DeviceKind::DiscreteGpu(nth)),
            wgpu::DeviceType::IntegratedGpu => Some(DeviceKind::IntegratedGpu(nth)),
            wgpu::DeviceType::VirtualGpu => Some(DeviceKind::VirtualGpu(nth)),
            wgpu::DeviceType::Cpu => Some(DeviceKind::Cpu),
            wgpu::DeviceType::Other => None,
        };
        let driver = [info.driver.as_str(), info.driver_info.as_str()].join(" ");
        Self {
            description: format!("{} through {}, {}", info.name, info.backend, driver.trim()),
            is_software: info.device_type == wgpu::DeviceType::Cpu,
            kind,
        }
    }

    async fn open(&self) -> Result<ComputeDevice, TrainError> {
        let kind = self.kind.clone().unwrap_or_default();
        let device = match Device::wgpu_options()
            .device_kind(kind.clone())
            .init_async()
            .await
        {
            Ok(device) => device,
            // Registered earlier in this process: the handle is all it takes.
            Err(burn::tensor::wgpu::WgpuInitError::Registration { .. }) => Device::wgpu(kind),
            Err(error) => {
                return Err(TrainError::NoDevice(format!(
                    "{} could not be opened: {error}; use --device cpu",
                    self.description
                )));
            }
        };
        Ok(ComputeDevice {
            device,
            description: self.description.clone(),
            is_software: self.is_software,
        })
    }
}

impl ComputeDevice {
    /// Burn's CPU backend.
    #[must_use]
    pub fn cpu() -> Self {
        Self {
            device: Device::flex(),
            description: "CPU (Burn flex)".to_owned(),
            is_software: false,
        }
    }

    /// The CPU, where there is no real GPU; a browser's user is told what could be done about it.
    fn instead_of(adapters: &[Adapter]) -> Self {
        let cpu = Self::cpu();
        if !cfg!(target_family = "wasm") {
            return cpu;
        }
        let why = match adapters.first() {
            None => "this browser offers no WebGPU: one with WebGPU switched on trains on the GPU"
                .to_owned(),
            Some(adapter) => format!(
                "all that WebGPU offers is software, {}, which is slower: check the browser's page on \
                 graphics for why it does not use a GPU",
                adapter.description
            ),
        };
        Self {
            description: format!("{}, since {why}", cpu.description),
            ..cpu
        }
    }

    /// Whether it is Burn's CPU backend.
    #[must_use]
    pub fn is_cpu(&self) -> bool {
        self.device.clone().inner() == Device::flex()
    }

    /// The device a person asked for.
    ///
    /// # Errors
    /// [`TrainError::NoDevice`] with what there is instead.
    pub async fn open(choice: DeviceChoice) -> Result<Self, TrainError> {
        if choice == DeviceChoice::Cpu {
            return Ok(Self::cpu());
        }
        let adapters = adapters().await;
        let wanted = adapters.iter().find(|a| match choice {
            DeviceChoice::Software => a.is_software,
            _ => !a.is_software && a.kind.is_some(),
        });
        match (wanted, choice) {
            (Some(adapter), _) => adapter.open().await,
            (None, DeviceChoice::Auto) => Ok(Self::instead_of(&adapters)),
            (None, _) => Err(TrainError::NoDevice(missing(choice, &adapters))),
        }
    }
}

fn missing(choice: DeviceChoice, adapters: &[Adapter]) -> String {
    let found = match adapters {
        [] => "no adapter at all".to_owned(),
        adapters => adapters
            .iter()
            .map(|a| a.description.as_str())
            .collect::<Vec<_>>()
            .join("; "),
    };
    match choice {
        DeviceChoice::Software => format!(
            "no software GPU was found ({found}); on Debian and Ubuntu `apt-get install mesa-vulkan-drivers` brings one, and --device cpu needs none"
        ),
        _ => format!("no GPU was found ({found}); check its driver, or use --device cpu"),
    }
}

#[cfg(test)]
mod tests {
    use super::Adapter;

    #[test]
    fn a_browsers_software_adapter_is_called_one() {
        let adapter = |words: [&str; 4], is_fallback| {
            let adapter = Adapter::of_browser(&words.map(str::to_owned), is_fallback);
            (adapter.description, adapter.is_software)
        };
        let told = |text: &str, is_software| (text.to_owned(), is_software);
        assert_eq!(
            adapter(["google", "swiftshader", "", ""], false),
            told("google swiftshader through WebGPU", true)
        );
        assert_eq!(
            adapter(["mesa", "", "", "llvmpipe (LLVM 15, 256 bits)"], false),
            told("mesa llvmpipe (LLVM 15, 256 bits) through WebGPU", true)
        );
        assert_eq!(
            adapter(["nvidia", "ampere", "", ""], false),
            told("nvidia ampere through WebGPU", false)
        );
        let (description, is_software) = adapter([""; 4], true);
        assert!(description.contains("keeps to itself") && is_software);
    }
}
