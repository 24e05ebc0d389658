//! What front ends ask of an engine beside a run's course, and what they get to look at. Nothing
//! here enters the log: the log is the truth, this is the view.

use crate::wire::packed;
use crate::{
    Command, Envelope, ErrorReport, Event, ExecutionConfig, MapConfig, ResultRow, RunConfig, RunId,
    ViewsConfig,
};
use serde::{Deserialize, Serialize};

/// What a front end asks of the engine actor, which outlives runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Request {
    /// Load images; answered by [`Notice::DataLoaded`].
    LoadData(DataRequest),
    /// Draw views of the loaded training images; answered by [`Notice::Preview`].
    PreviewViews(PreviewRequest),
    /// Start a run on the loaded images; the data section of its configuration becomes theirs. It waits
    /// for images that are being loaded.
    Start(Box<StartRequest>),
    /// Go on with a stopped run.
    Resume(RunId),
    /// Measure the finished networks of a stored run again, here; answered by [`Notice::Measured`].
    Measure(RunId),
    /// To the run in progress.
    Run(Command),
    /// Embed every image of a split (at most 50 000, a fixed part of more) with the newest weights;
    /// answered by [`Notice::Samples`], [`Notice::Embedding`] and their maps. They stay in view until the
    /// next stage or [`Command::Watch`]; what is watched is recorded meanwhile.
    EmbedAll(Split),
}

/// Which images to load.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DataRequest {
    /// How they are split; [`DataSource`](crate::DataSource) decides whether `place` is needed.
    pub config: crate::DataConfig,
    /// A path natively; the name of a dropped file or folder in the browser.
    pub place: Option<String>,
}

/// Which views to draw.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PreviewRequest {
    /// How they are drawn; `n_views` of each image.
    pub views: ViewsConfig,
    /// Indices of training images.
    pub images: Vec<u32>,
    /// Another number draws other views.
    pub seed: u64,
}

/// A run to start.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StartRequest {
    /// The experiment.
    pub config: RunConfig,
    /// How it is executed.
    pub execution: ExecutionConfig,
    /// What is watched meanwhile.
    pub watch: WatchConfig,
}

/// What is looked at while an encoder trains. It changes no bit of the weights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WatchConfig {
    /// Images embedded for each frame: a fixed subset of the validation split, or of the training images
    /// where that is empty.
    pub images: usize,
    /// Steps between frames, whatever they cost; 0 for as often as the budget allows.
    pub every: u64,
    /// Most of the wall time that embeddings, probes and maps may take together, in [0, 1].
    pub budget: f64,
    /// The map made of each frame.
    pub map: MapConfig,
    /// Whether frames are kept in the run's `frames/`.
    pub record: bool,
}

impl Default for WatchConfig {
    fn default() -> Self {
        Self {
            images: 1_000,
            every: 0,
            budget: 0.1,
            map: MapConfig::Tsne(crate::TsneConfig::default()),
            record: true,
        }
    }
}

/// A part of the data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Split {
    /// What is trained on.
    Train,
    /// What is looked at while training.
    #[default]
    Validation,
    /// What is touched once, at the end.
    Test,
}

/// What the actor tells a front end. Events come in order and none is lost; of embeddings and maps
/// only the newest counts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Notice {
    /// A device was opened: its name, and whether it is a software adapter.
    Device {
        /// Backend, adapter and driver in words.
        description: String,
        /// Whether it is a GPU made of software.
        is_software: bool,
        /// Whether it is the processor itself.
        #[serde(default)]
        is_cpu: bool,
    },
    /// Images were loaded.
    DataLoaded(Box<DataInfo>),
    /// Views were drawn.
    Preview(PreviewSheet),
    /// The run of this log began or went on; its events follow from `seq` 0.
    RunOpened(RunId),
    /// An event of the run's log.
    Event(Box<Envelope<Event>>),
    /// The watched images and their labels, before the first frame of them.
    Samples(Box<Samples>),
    /// The watched points now.
    Embedding(EmbeddingFrame),
    /// Their map now.
    Map(MapFrame),
    /// The finished networks of a run, measured again. Nothing of the run changed.
    Measured {
        /// Which run.
        run: RunId,
        /// Their accuracies, without calibration and geometry.
        rows: Vec<ResultRow>,
    },
    /// A request failed; a run's own failure is an event as well.
    Failed(ErrorReport),
}

/// What was loaded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DataInfo {
    /// Name of the data set.
    pub name: String,
    /// What was found, in a sentence.
    pub sentence: String,
    /// Names of the classes.
    pub classes: Vec<String>,
    /// Images in the training, validation and test split.
    pub images: [usize; 3],
    /// Training images of each class.
    pub class_counts: Vec<usize>,
    /// Height and width in pixels.
    pub side: usize,
    /// A few training images of every class, to look at.
    pub examples: Samples,
}

/// Views of images, as the network would see them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PreviewSheet {
    /// Which images, as asked.
    pub images: Vec<u32>,
    /// Views of each.
    pub n_views: usize,
    /// Height and width in pixels.
    pub side: usize,
    /// The views, `[images, n_views, side, side, 3]`.
    #[serde(with = "packed")]
    pub pixels: Vec<u8>,
    /// The same request is answered once; a newer one supersedes it.
    pub seed: u64,
}

/// Images behind the points of a map.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Samples {
    /// Where they are from.
    pub split: Split,
    /// Index of each in its split.
    pub images: Vec<u32>,
    /// Label of each.
    pub labels: Vec<u32>,
    /// Height and width in pixels.
    pub side: usize,
    /// `[n, side, side, 3]`.
    #[serde(with = "packed")]
    pub pixels: Vec<u8>,
}

/// The watched points at a step: what maps, histograms and the pair inspector are made of.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EmbeddingFrame {
    /// Stage index.
    pub stage: usize,
    /// Steps done in it.
    pub step: u64,
    /// Position among the run's frames, from 0.
    pub index: u64,
    /// Dimensions of z.
    pub dim: usize,
    /// `[2·n, dim]`, unit rows: one view of each watched image, then another of each. Of a network
    /// without a projection head, the normalised features.
    #[serde(with = "packed")]
    pub z: Vec<f32>,
    /// `[n]`: what kNN against other watched images says of each image.
    pub predictions: Vec<u32>,
}

/// A map of the watched points: `[n, 2]`, or `[n, 3]` on the unit sphere.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MapFrame {
    /// Stage index.
    pub stage: usize,
    /// Steps done in it when the points were embedded.
    pub step: u64,
    /// [`EmbeddingFrame::index`] of what it shows.
    pub index: u64,
    /// How it was made.
    pub map: MapConfig,
    /// Iterations of the map so far.
    pub iteration: u64,
    /// Coordinates a point: 2 or 3.
    pub dim: usize,
    /// `[n, dim]`; 2-D maps are scaled into [−1, 1].
    #[serde(with = "packed")]
    pub points: Vec<f32>,
}
