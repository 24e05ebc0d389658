use crate::WatchConfig;
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// How a run is executed: nothing here changes what is computed, apart from rounding between devices
/// and thread counts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExecutionConfig {
    /// Where tensors live.
    pub device: DeviceChoice,
    /// CPU threads, 0 for all.
    pub threads: usize,
    /// Steps between checkpoints.
    pub checkpoint_every: u64,
    /// Steps between loss read-backs (and log lines); ≤ 50.
    pub log_every: u64,
    /// What is looked at and recorded meanwhile; `None` for nothing.
    #[serde(default)]
    pub watch: Option<WatchConfig>,
}

impl Default for ExecutionConfig {
    fn default() -> Self {
        Self {
            device: DeviceChoice::Auto,
            threads: 0,
            checkpoint_every: 200,
            log_every: 10,
            watch: None,
        }
    }
}

/// Where tensors live.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceChoice {
    /// A real GPU if there is one, else the CPU.
    Auto,
    /// Burn's CPU backend.
    Cpu,
    /// A real GPU through wgpu; an error without one.
    Gpu,
    /// A software GPU (lavapipe, SwiftShader, WARP): for tests.
    Software,
}

impl FromStr for DeviceChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "auto" => Ok(Self::Auto),
            "cpu" => Ok(Self::Cpu),
            "gpu" => Ok(Self::Gpu),
            "software" => Ok(Self::Software),
            _ => Err(format!(
                "unknown device \"{text}\": choose auto, cpu, gpu or software"
            )),
        }
    }
}
