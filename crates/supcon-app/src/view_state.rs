//! What the user looks at and has set: the window's own state. The settings outlive the program.

use crate::actions::Purpose;
use crate::differences::Differences;
use crate::fields::Field;
use crate::kept::Kept;
use crate::map_view::MapState;
use crate::narrow::Shown;
use crate::saved_layout::SavedTile;
use crate::sprite::Sprite;
use crate::tour;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use supcon_protocol::{
    DeviceChoice, ExecutionConfig, MapConfig, PRESETS, Patch, RunConfig, RunId, TsneConfig,
    UmapConfig, WatchConfig, preset,
};

/// Light, dark, or as the system says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ThemeChoice {
    /// As the system says.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// What the colour of a point tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ColorBy {
    /// Its label.
    #[default]
    Class,
    /// What kNN says.
    Prediction,
    /// Whether kNN is right.
    Correctness,
    /// A number.
    Field(Field),
}

impl ColorBy {
    /// All.
    pub fn all() -> impl Iterator<Item = Self> {
        let fields = Field::ALL.into_iter().map(Self::Field);
        [Self::Class, Self::Prediction, Self::Correctness]
            .into_iter()
            .chain(fields)
    }

    /// What it is called.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Class => "class",
            Self::Prediction => "prediction",
            Self::Correctness => "right or wrong",
            Self::Field(field) => field.name(),
        }
    }

    /// What it means.
    #[must_use]
    pub fn term(self) -> &'static str {
        match self {
            Self::Class => "The label of the image",
            Self::Prediction => "What the nearest neighbours of the image say (kNN)",
            Self::Correctness => "Whether the nearest neighbours name the image rightly",
            Self::Field(field) => field.term(),
        }
    }
}

/// How the map is made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum MapKind {
    /// PCA.
    Pca,
    /// t-SNE.
    #[default]
    Tsne,
    /// UMAP.
    Umap,
    /// The sphere.
    Sphere,
}

impl MapKind {
    /// The protocol's word for it.
    #[must_use]
    pub fn config(self) -> MapConfig {
        match self {
            Self::Pca => MapConfig::Pca,
            // Each frame starts from the one before, so that fewer iterations settle it.
            Self::Tsne => MapConfig::Tsne(TsneConfig {
                iterations: 400,
                exaggeration_iterations: 100,
                ..TsneConfig::default()
            }),
            Self::Umap => MapConfig::Umap(UmapConfig::default()),
            Self::Sphere => MapConfig::Sphere,
        }
    }
}

/// What is kept between two starts of the program.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Light or dark.
    pub theme: ThemeChoice,
    /// Whether points jump instead of gliding.
    pub reduce_motion: bool,
    /// Size of everything.
    pub zoom: f32,
    /// Radius of a point, in points of the screen.
    pub point_radius: f32,
    /// What the colour of a point tells.
    pub color_by: ColorBy,
    /// Whether images stand in for points when there is room.
    pub show_images: bool,
    /// How the map is made.
    pub map: MapKind,
    /// Steps between pictures; 0 for automatic.
    pub cadence: u64,
    /// Where tensors live.
    pub device: DeviceChoice,
    /// The next experiment.
    pub draft: RunConfig,
    /// Where its images are.
    pub place: Option<String>,
    /// Window size in points.
    pub window: [f32; 2],
    /// How the panes are arranged; `None` for the usual way.
    pub layout: Option<SavedTile>,
    /// The run that was stopped by closing the window, to be opened again.
    pub unfinished: Option<RunId>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            theme: ThemeChoice::System,
            reduce_motion: false,
            zoom: 1.0,
            point_radius: 4.0,
            color_by: ColorBy::Class,
            show_images: true,
            map: MapKind::Tsne,
            cadence: 0,
            device: DeviceChoice::Auto,
            draft: first_draft(),
            place: None,
            window: [1280.0, 800.0],
            layout: None,
            unfinished: None,
        }
    }
}

/// The experiment that suits a first visit: a page may have no more than one processor.
#[must_use]
pub fn first_draft() -> RunConfig {
    let name = if cfg!(target_family = "wasm") {
        "browser-shapes"
    } else {
        "shapes"
    };
    preset(name).unwrap_or(&PRESETS[0]).config()
}

impl Settings {
    /// How the next run is watched.
    #[must_use]
    pub fn watch(&self) -> WatchConfig {
        WatchConfig {
            every: self.cadence,
            map: self.map.config(),
            ..WatchConfig::default()
        }
    }

    /// How it is executed.
    #[must_use]
    pub fn execution(&self) -> ExecutionConfig {
        ExecutionConfig {
            device: self.device,
            ..ExecutionConfig::default()
        }
    }
}

/// Which summation the pair inspector shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum InspectedLoss {
    /// The one that trains.
    #[default]
    Training,
    /// L_out.
    Out,
    /// L_in.
    In,
}

/// What the compared curves show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ComparedCurve {
    /// kNN accuracy.
    #[default]
    Knn,
    /// The loss.
    Loss,
    /// The learning rate.
    Rate,
    /// Images a second.
    Throughput,
}

/// Where the time slider stands.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Playhead {
    /// The newest frame, always.
    #[default]
    Live,
    /// A frame of the film, by position.
    At(usize),
    /// Playing, from this position at this time of the window's clock.
    Playing {
        /// Position when it began.
        from: usize,
        /// Seconds of the window's clock when it began.
        since: f64,
    },
}

impl Playhead {
    /// Playing begins where the slider stands, or from the start if it stands at the end.
    #[must_use]
    pub fn toggled(self, position: usize, count: usize, now: f64) -> Self {
        match self {
            Self::Playing { .. } => Self::At(position),
            Self::Live | Self::At(_) => Self::Playing {
                from: if position + 1 >= count { 0 } else { position },
                since: now,
            },
        }
    }
}

/// A path that is asked for in the window itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathAsk {
    /// What for.
    pub purpose: Purpose,
    /// What is typed in so far.
    pub text: String,
    /// Whether the system showed no dialog of its own.
    pub is_fallback: bool,
    /// What was wrong with it.
    pub problem: Option<String>,
    /// The file that is replaced if the same path is taken again.
    pub replaces: Option<PathBuf>,
}

/// A run that gets another name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Renaming {
    /// Which.
    pub run: RunId,
    /// What is typed in so far.
    pub name: String,
    /// What was wrong with it.
    pub problem: Option<String>,
}

/// Everything the window remembers while it is open.
pub struct ViewState {
    /// What outlives the program.
    pub settings: Settings,
    /// The embedding view.
    pub map: MapState,
    /// Where the time slider stands.
    pub playhead: Playhead,
    /// Which loss the pair inspector shows.
    pub inspected_loss: InspectedLoss,
    /// Values of the live sliders, `None` until moved.
    pub live: Patch,
    /// The subject whose confusion matrix is shown: a position among the results, or beyond them for the last.
    pub evaluated: usize,
    /// Whether the setup is shown although there is a run.
    pub shows_setup: bool,
    /// Whether the help window is open.
    pub shows_help: bool,
    /// Whether closing waits for an answer.
    pub asks_to_close: bool,
    /// Whether the window closes as soon as the run has stopped.
    pub closes_when_stopped: bool,
    /// Runs that are overlaid in the comparison.
    pub compared: Vec<bool>,
    /// What their curves show.
    pub compared_curve: ComparedCurve,
    /// Their maps, by run.
    pub side_maps: Vec<MapState>,
    /// The network that others are compared with, by position among the evaluated ones.
    pub baseline: usize,
    /// Differences computed so far.
    pub differences: Differences,
    /// A short message at the bottom, and when it goes.
    pub toast: Option<(String, f64)>,
    /// Runs kept where the system shows no folder.
    pub kept: Kept,
    /// A path that is asked for.
    pub path: Option<PathAsk>,
    /// A run that gets another name.
    pub renaming: Option<Renaming>,
    /// Pictures of the mistakes looked at.
    pub sprite: Sprite,
    /// A test image that is to be inspected as soon as the map holds it.
    pub wanted: Option<u32>,
    /// What a narrow window shows.
    pub narrow: Shown,
    /// The step of the tour.
    pub tour: Option<tour::Step>,
    /// Whether the system asks for little motion, where the window can know.
    pub system_reduces_motion: bool,
    /// Address of the page, where the window is one: links to it can carry settings.
    pub page: Option<String>,
}

impl ViewState {
    /// As the program starts.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            map: MapState::default(),
            playhead: Playhead::Live,
            inspected_loss: InspectedLoss::Training,
            live: Patch::default(),
            evaluated: usize::MAX,
            shows_setup: false,
            shows_help: false,
            asks_to_close: false,
            closes_when_stopped: false,
            compared: Vec::new(),
            compared_curve: ComparedCurve::Knn,
            side_maps: Vec::new(),
            baseline: 0,
            differences: Differences::default(),
            toast: None,
            kept: Kept::default(),
            path: None,
            renaming: None,
            sprite: Sprite::default(),
            wanted: None,
            narrow: Shown::default(),
            tour: None,
            system_reduces_motion: false,
            page: None,
        }
    }

    /// Whether points jump instead of gliding.
    #[must_use]
    pub fn reduces_motion(&self) -> bool {
        self.settings.reduce_motion || self.system_reduces_motion
    }
}
