use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;
use supcon_protocol::{DeviceChoice, ExecutionConfig};

/// Supervised contrastive learning on any GPU, or none.
///
/// `supcon train` alone trains SupCon and cross-entropy on built-in images, evaluates both and
/// writes a report, in a few minutes on two CPU cores.
#[derive(Debug, Parser)]
#[command(version, propagate_version = true)]
pub struct Arguments {
    #[command(subcommand)]
    pub verb: Verb,
}

#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Train, evaluate and report, stage by stage
    Train(TrainOptions),
    /// Go on with a run that was stopped, killed or crashed
    Resume(ResumeOptions),
    /// Show the results of a run
    Eval(RunOptions),
    /// Write the report of a run anew, or compare any number of runs in one page
    Report(ReportOptions),
    /// Look at images before training on them
    #[command(subcommand)]
    Data(DataVerb),
    /// List the presets, or show one
    Presets(PresetsOptions),
    /// Compare a device's kernels with the CPU's: every layer shape of an encoder, every loss mode
    Selftest(SelftestOptions),
    /// List the devices that tensors can live on
    Devices(JsonOption),
}

#[derive(Debug, Args)]
pub struct TrainOptions {
    /// Configuration to start from; `supcon presets` lists them [default: shapes, with --data images]
    #[arg(long, value_name = "NAME")]
    pub preset: Option<String>,
    /// A TOML file whose keys override the preset's
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Overrides one key, e.g. --set contrastive.temperature=0.07; may be repeated
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub assignments: Vec<String>,
    /// Your images: a folder with a sub-folder a class, CIFAR-10 or CIFAR-100, .npz, or an archive of these
    #[arg(long, value_name = "PATH")]
    pub data: Option<PathBuf>,
    /// Directory of the run [default: runs/NAME-N]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    pub execution: ExecutionOptions,
    #[command(flatten)]
    pub output: JsonOption,
}

#[derive(Debug, Args)]
pub struct ExecutionOptions {
    /// auto takes a real GPU if there is one, else the CPU; software is for tests
    #[arg(long, value_name = "auto|cpu|gpu|software", default_value = "auto")]
    pub device: DeviceChoice,
    /// CPU threads; 0 for all
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub threads: usize,
    /// Steps between checkpoints
    #[arg(long, value_name = "STEPS", default_value_t = 200, value_parser = clap::value_parser!(u64).range(1..))]
    pub checkpoint_every: u64,
}

impl ExecutionOptions {
    /// With the number of threads resolved.
    pub fn config(&self) -> ExecutionConfig {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        ExecutionConfig {
            device: self.device,
            threads: if self.threads == 0 {
                cores
            } else {
                self.threads
            },
            checkpoint_every: self.checkpoint_every,
            ..ExecutionConfig::default()
        }
    }
}

#[derive(Debug, Args)]
pub struct ResumeOptions {
    /// Directory of the run
    pub run: PathBuf,
    /// What `train --data` was given, if it has moved
    #[arg(long, value_name = "PATH")]
    pub data: Option<PathBuf>,
    #[command(flatten)]
    pub execution: ExecutionOptions,
    #[command(flatten)]
    pub output: JsonOption,
}

#[derive(Debug, Args)]
pub struct RunOptions {
    /// Directory of the run
    pub run: PathBuf,
    #[command(flatten)]
    pub output: JsonOption,
}

#[derive(Debug, Args)]
pub struct ReportOptions {
    /// Directory of the run; of several, to compare them
    #[arg(required = true, value_name = "RUN")]
    pub runs: Vec<PathBuf>,
    /// Where to write the page [default: report.html in the run; compare.html for several]
    #[arg(long, value_name = "FILE.html")]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    pub output: JsonOption,
}

#[derive(Debug, Subcommand)]
pub enum DataVerb {
    /// Counts, class balance, mean and std, near-duplicates between train and test, a contact sheet
    Info(DataInfoOptions),
}

#[derive(Debug, Args)]
pub struct DataInfoOptions {
    /// What `train --data` takes
    pub data: PathBuf,
    /// Write a picture with the first images of each class
    #[arg(long, value_name = "FILE.png")]
    pub sheet: Option<PathBuf>,
    #[command(flatten)]
    pub output: JsonOption,
}

#[derive(Debug, Args)]
pub struct SelftestOptions {
    /// Whose layers: tiny, resnet-8, …, resnet-101
    #[arg(long, value_name = "NAME", default_value = "tiny")]
    pub encoder: String,
    /// What to test; software is Mesa's CPU driver
    #[arg(long, value_name = "auto|cpu|gpu|software", default_value = "auto")]
    pub device: DeviceChoice,
    #[command(flatten)]
    pub output: JsonOption,
}

#[derive(Debug, Args)]
pub struct PresetsOptions {
    /// Print this preset's configuration as TOML
    #[arg(long, value_name = "NAME")]
    pub show: Option<String>,
    #[command(flatten)]
    pub output: JsonOption,
}

#[derive(Clone, Copy, Debug, Args)]
pub struct JsonOption {
    /// Print JSON (one object, or one event a line) instead of text
    #[arg(long)]
    pub json: bool,
}
