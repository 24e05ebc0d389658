mod saved;

pub use saved::{
    EmbedOptions, FilmOptions, Layout, MapOptions, NetworkOptions, PredictOptions,
    RunsCompareOptions, RunsDeleteOptions, RunsListOptions, RunsOptions, RunsRenameOptions,
    RunsVerb, SplitChoice, What,
};

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use std::path::PathBuf;
use supcon_protocol::{DeviceChoice, ExecutionConfig, WatchConfig};

/// Supervised contrastive learning on any GPU, or none.
///
/// `supcon train` alone trains SupCon and cross-entropy on built-in images, evaluates both and
/// writes a report, in a few minutes on two CPU cores.
///
/// With --json a command prints its result as one JSON document on standard output (train and
/// resume: one event a line), and an error as {"error": {"message", "causes", "hint", "exit_code"}}
/// on standard error. Exit codes: 0 done, 1 failed, 2 not understood, 130 stopped by Ctrl-C.
#[derive(Debug, Parser)]
#[command(name = "supcon", version, propagate_version = true)]
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
    /// List the runs of a folder; compare, rename or delete runs
    Runs(RunsOptions),
    /// Write what a trained network makes of images: features or z, for NumPy, as a table, or for
    /// TensorBoard's Embedding Projector
    Embed(EmbedOptions),
    /// Classify images with a trained network, and show the training images nearest to them
    Predict(PredictOptions),
    /// Draw a map of the embeddings, coloured by class
    Map(MapOptions),
    /// Draw the maps recorded while a network trained as an animated picture
    Film(FilmOptions),
    /// Download images, or look at them before training
    #[command(subcommand)]
    Data(DataVerb),
    /// List the presets, or show one
    Presets(PresetsOptions),
    /// Compare a device's kernels with the CPU's: every layer shape of an encoder, every loss mode
    Selftest(SelftestOptions),
    /// List the devices that tensors can live on
    #[command(after_help = r#"--json prints [{"device", "description"}]"#)]
    Devices(JsonOption),
    /// Print a shell's completion script
    Completions(CompletionsOptions),
    /// Print the man page, or write those of all commands
    Man(ManOptions),
}

impl Verb {
    /// Whether a program reads the answer.
    pub fn json(&self) -> bool {
        let option = match self {
            Self::Train(options) => options.output,
            Self::Resume(options) => options.output,
            Self::Eval(options) => options.output,
            Self::Report(options) => options.output,
            Self::Runs(options) => options.output(),
            Self::Embed(options) => options.output,
            Self::Predict(options) => options.output,
            Self::Map(options) => options.output,
            Self::Film(options) => options.output,
            Self::Data(DataVerb::Info(options)) => options.output,
            Self::Data(DataVerb::Fetch(options)) => options.output,
            Self::Presets(options) => options.output,
            Self::Selftest(options) => options.output,
            Self::Devices(option) => *option,
            Self::Completions(_) => return false,
            Self::Man(options) => options.output,
        };
        option.json
    }
}

#[derive(Debug, Args)]
#[command(after_help = r#"--json prints one event a line, as events.jsonl has them"#)]
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
    /// Leave out images of a folder that cannot be decoded, as --set data.skip_unreadable=true does
    #[arg(long)]
    pub skip_unreadable: bool,
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
    /// Trains on a GPU without comparing its kernels with the CPU's first
    #[arg(long)]
    pub skip_selftest: bool,
    /// CPU threads; 0 for all
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub threads: usize,
    /// Steps between checkpoints
    #[arg(long, value_name = "STEPS", default_value_t = 200, value_parser = clap::value_parser!(u64).range(1..))]
    pub checkpoint_every: u64,
    /// Do not look at validation images meanwhile: no frames to replay, up to a tenth less time
    #[arg(long)]
    pub no_watch: bool,
    /// Start even if the estimate says that the memory will not suffice
    #[arg(long)]
    pub ignore_memory: bool,
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
            watch: (!self.no_watch).then(WatchConfig::default),
            ..ExecutionConfig::default()
        }
    }
}

#[derive(Debug, Args)]
#[command(after_help = r#"--json prints one event a line, as events.jsonl has them"#)]
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
#[command(
    after_help = r#"--json prints [{"subject", "seed", "images", "linear": {"top1": {"value", "low", "high"}, "top5"}, "knn", "confusion": {"counts"}, "outcomes", ...}]"#
)]
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
    /// Download CIFAR-10 or CIFAR-100 as published, and check that it is whole
    Fetch(DataFetchOptions),
}

#[derive(Debug, Args)]
#[command(
    after_help = r#"--json prints {"file", "bytes", "md5", "resumed_from", "was_there", "next"}"#
)]
pub struct DataFetchOptions {
    /// Which images
    pub name: Published,
    /// Where to download the archive from, instead of where it is published; a name that ends in
    /// -python.tar.gz asks for the Python version
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
    /// Folder for the archive
    #[arg(long, value_name = "DIR", default_value = "data")]
    pub to: PathBuf,
    /// MD5 that the file must have, where it is not the published archive (a subset of it, say)
    #[arg(long, value_name = "HEX", requires = "url")]
    pub md5: Option<String>,
    #[command(flatten)]
    pub output: JsonOption,
}

/// Data sets that can be downloaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Published {
    /// Ten classes, 60 000 images of 32×32, 170 MB
    Cifar10,
    /// A hundred classes, 60 000 images of 32×32, 169 MB
    Cifar100,
}

#[derive(Debug, Args)]
#[command(
    after_help = r#"--json prints {"name", "format", "archive", "height", "width", "classes": [{"name", "train", "validation", "test"}], "imbalance", "mean", "std", "near_duplicates": {"images", "exact", "other_label"}, "unreadable"}"#
)]
pub struct DataInfoOptions {
    /// What `train --data` takes
    pub data: PathBuf,
    /// Write a picture with the first images of each class
    #[arg(long, value_name = "FILE.png")]
    pub sheet: Option<PathBuf>,
    /// Replace the file of --sheet if it is there
    #[arg(long)]
    pub overwrite: bool,
    /// Leave out images of a folder that cannot be decoded, and list them
    #[arg(long)]
    pub skip_unreadable: bool,
    #[command(flatten)]
    pub output: JsonOption,
}

#[derive(Debug, Args)]
#[command(after_help = r#"--json prints [{"what", "error", "passed"}]"#)]
pub struct SelftestOptions {
    /// Whose layers: tiny, resnet-8, …, resnet-200
    #[arg(long, value_name = "NAME", default_value = "tiny")]
    pub encoder: String,
    /// What to test; software is Mesa's CPU driver
    #[arg(long, value_name = "auto|cpu|gpu|software", default_value = "auto")]
    pub device: DeviceChoice,
    #[command(flatten)]
    pub output: JsonOption,
}

#[derive(Debug, Args)]
#[command(after_help = r#"--json prints [{"name", "summary"}], with --show the configuration"#)]
pub struct PresetsOptions {
    /// Print this preset's configuration as TOML
    #[arg(long, value_name = "NAME")]
    pub show: Option<String>,
    #[command(flatten)]
    pub output: JsonOption,
}

#[derive(Debug, Args)]
pub struct CompletionsOptions {
    /// Whose; put the output where the shell looks for completions, or source it
    pub shell: Shell,
}

#[derive(Debug, Args)]
#[command(after_help = r#"--json prints {"files"}"#)]
pub struct ManOptions {
    /// Write a page for every command into this folder
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    pub output: JsonOption,
}

#[derive(Clone, Copy, Debug, Args)]
pub struct JsonOption {
    /// Print JSON (one object, or one event a line) instead of text
    #[arg(long)]
    pub json: bool,
}
