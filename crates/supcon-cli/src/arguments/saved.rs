//! Options of the commands that look into runs.

use super::JsonOption;
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;
use supcon_protocol::DeviceChoice;

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
#[command(
    after_help = r#"--json prints [{"run", "state", "error", "methods", "best_network", "best_top1", "changed_unix_seconds", "bytes"}]"#
)]
pub struct RunsOptions {
    #[command(subcommand)]
    pub verb: Option<RunsVerb>,
    #[command(flatten)]
    pub list: RunsListOptions,
}

impl RunsOptions {
    pub fn output(&self) -> JsonOption {
        match &self.verb {
            None => self.list.output,
            Some(RunsVerb::Compare(options)) => options.output,
            Some(RunsVerb::Rename(options)) => options.output,
            Some(RunsVerb::Delete(options)) => options.output,
        }
    }
}

#[derive(Debug, Args)]
pub struct RunsListOptions {
    /// Folder of the runs [default: runs]
    pub folder: Option<PathBuf>,
    #[command(flatten)]
    pub output: JsonOption,
}

#[derive(Debug, Subcommand)]
pub enum RunsVerb {
    /// Compare the results of runs, in paired bootstrap intervals
    Compare(RunsCompareOptions),
    /// Give a run another name in the same folder
    Rename(RunsRenameOptions),
    /// Delete runs, after asking
    Delete(RunsDeleteOptions),
}

#[derive(Debug, Args)]
#[command(
    after_help = r#"--json prints {"runs", "results", "differences": [{"run", "subject", "baseline_run", "baseline", "pairing": {"same_images": {"difference": {"value", "low", "high"}, ...}} or {"impossible"}}], "settings", "curves", ...}"#
)]
pub struct RunsCompareOptions {
    /// Directories of the runs
    #[arg(required = true, num_args = 2.., value_name = "RUN")]
    pub runs: Vec<PathBuf>,
    #[command(flatten)]
    pub output: JsonOption,
}

#[derive(Debug, Args)]
#[command(after_help = r#"--json prints {"from", "to"}"#)]
pub struct RunsRenameOptions {
    /// Directory of the run
    pub run: PathBuf,
    /// Its new name: letters, digits, '-', '_' and '.'
    pub name: String,
    #[command(flatten)]
    pub output: JsonOption,
}

#[derive(Debug, Args)]
#[command(after_help = r#"--json prints {"deleted": [{"run", "bytes"}]}"#)]
pub struct RunsDeleteOptions {
    /// Directories of the runs
    #[arg(required = true, value_name = "RUN")]
    pub runs: Vec<PathBuf>,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
    #[command(flatten)]
    pub output: JsonOption,
}

/// A trained network and the images it is asked about.
#[derive(Debug, Args)]
pub struct NetworkOptions {
    /// Directory of the run
    pub run: PathBuf,
    /// Which network: a method (supcon), a method and a seed (supcon-s1), or the number of a stage
    /// [default: the first method of the first seed]
    #[arg(long, value_name = "NAME")]
    pub stage: Option<String>,
    /// Images to take instead of those the run was trained on; also where those are if they have moved
    #[arg(long, value_name = "PATH")]
    pub data: Option<PathBuf>,
    /// auto takes a real GPU if there is one, else the CPU; software is for tests
    #[arg(long, value_name = "auto|cpu|gpu|software", default_value = "auto")]
    pub device: DeviceChoice,
    /// CPU threads; 0 for all
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub threads: usize,
}

#[derive(Debug, Args)]
#[command(
    after_help = r#"--json prints {"run", "network", "what", "rows", "columns", "files", "data_of_the_run"}"#
)]
pub struct EmbedOptions {
    #[command(flatten)]
    pub network: NetworkOptions,
    /// Whose images
    #[arg(long, value_enum, default_value_t = SplitChoice::Test)]
    pub split: SplitChoice,
    /// The encoder's features, or z of the projection head
    #[arg(long, value_enum, default_value_t = What::Features)]
    pub what: What,
    /// A .npy file (labels beside it as NAME_labels.npy), a .csv file, a .tsv file (metadata beside it
    /// as NAME_metadata.tsv), or a folder for TensorBoard's Embedding Projector
    #[arg(long, value_name = "FILE|DIR")]
    pub out: PathBuf,
    /// Replace files that are there
    #[arg(long)]
    pub overwrite: bool,
    #[command(flatten)]
    pub output: JsonOption,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SplitChoice {
    Test,
    Train,
    Validation,
    All,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum What {
    Features,
    Z,
}

#[derive(Debug, Args)]
#[command(
    after_help = r#"--json prints {"run", "network", "images": [{"file", "class", "label", "probability", "top": [{"class", "label", "probability"}], "neighbors": [{"train_image", "label", "class", "cosine"}]} or {"file", "error"}]}"#
)]
pub struct PredictOptions {
    #[command(flatten)]
    pub network: NetworkOptions,
    /// Image files, and folders of them
    #[arg(required = true, value_name = "IMAGE|FOLDER")]
    pub images: Vec<PathBuf>,
    /// Classes shown for an image, best first
    #[arg(long, value_name = "K", default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..))]
    pub top: u64,
    /// Training images shown for an image, nearest first by the cosine of the features
    #[arg(long, value_name = "K", default_value_t = 0)]
    pub neighbors: usize,
    #[command(flatten)]
    pub output: JsonOption,
}

#[derive(Debug, Args)]
#[command(
    after_help = r#"--json prints {"run", "network", "what", "method", "seed", "images", "file", "data_of_the_run"}"#
)]
pub struct MapOptions {
    #[command(flatten)]
    pub network: NetworkOptions,
    /// A .png or .svg picture, or a .csv table of the points
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// How points come to lie in the plane
    #[arg(long, value_enum, default_value_t = Layout::Tsne)]
    pub method: Layout,
    /// Seed of the map
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub seed: u64,
    /// Whose images
    #[arg(long, value_enum, default_value_t = SplitChoice::Test)]
    pub split: SplitChoice,
    /// The encoder's features, or z of the projection head
    #[arg(long, value_enum, default_value_t = What::Features)]
    pub what: What,
    /// Replace a file that is there
    #[arg(long)]
    pub overwrite: bool,
    #[command(flatten)]
    pub output: JsonOption,
}

#[derive(Debug, Args)]
#[command(
    after_help = r#"--json prints {"run", "network", "images", "frames": [{"step", "knn_top1", "silhouette", "map_silhouette"}], "file"}"#
)]
pub struct FilmOptions {
    /// Directory of the run
    pub run: PathBuf,
    /// Which network: a method (supcon), a method and a seed (supcon-s1), or the number of a stage
    /// [default: the first method of the first seed]
    #[arg(long, value_name = "NAME")]
    pub stage: Option<String>,
    /// A .gif picture
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Replace a file that is there
    #[arg(long)]
    pub overwrite: bool,
    #[command(flatten)]
    pub output: JsonOption,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Layout {
    Tsne,
    Umap,
    Pca,
}
