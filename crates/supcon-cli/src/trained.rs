//! What embed, predict and map share: a trained network and the images it is asked about.

use crate::arguments::{NetworkOptions, SplitChoice, What};
use crate::commands::use_threads;
use anyhow::{Context as _, bail};
use std::path::PathBuf;
use supcon_data::{ImageSet, Splits};
use supcon_protocol::{DataConfig, DataSource};
use supcon_train::{ComputeDevice, Features, SavedNetwork, SavedRun, load_images, open_images};

/// A network of a run, on a device.
pub struct Trained {
    pub run: SavedRun,
    pub network: SavedNetwork,
    pub device: ComputeDevice,
    data: Option<PathBuf>,
}

/// Images and whose they are.
pub struct Asked {
    pub splits: Splits,
    /// Whether they are the very images the network was trained on, divided the same way.
    pub are_the_runs: bool,
}

impl Trained {
    pub fn open(options: &NetworkOptions) -> anyhow::Result<Self> {
        let run = SavedRun::at(&options.run)?;
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        use_threads(match options.threads {
            0 => cores,
            threads => threads,
        })?;
        let device = pollster::block_on(ComputeDevice::open(options.device))?;
        let network = run.network(options.stage.as_deref(), &device.device)?;
        Ok(Self {
            run,
            network,
            device,
            data: options.data.clone(),
        })
    }

    /// The images of --data, or those of the run; says where they are not the run's.
    pub fn images(&self) -> anyhow::Result<Asked> {
        let config = self.run.plan().config();
        let splits = match &self.data {
            Some(path) => {
                let config = DataConfig {
                    side: self.network.input().height,
                    ..config.data.clone()
                };
                open_images(path, &config)?.splits
            }
            None => {
                let path = self
                    .run
                    .invocation()?
                    .and_then(|invocation| invocation.data);
                if config.data.source == DataSource::Images && path.is_none() {
                    bail!(
                        "{} does not say where its images are: give --data PATH",
                        self.run.place()
                    );
                }
                load_images(config, path.as_deref())
                    .context("the run was trained on images that are not as they were: give --data PATH if they have moved")?
                    .splits
            }
        };
        let found = format!("{:016x}", splits.fingerprint());
        let trained_on = self.network.data_fingerprint();
        let are_the_runs = found == trained_on;
        if !are_the_runs {
            eprintln!(
                "note: these are not the images the run was trained on (fingerprint {found}, the run's is {trained_on})"
            );
        }
        Ok(Asked {
            splits,
            are_the_runs,
        })
    }

    /// Features or z of images.
    pub fn embed(&self, images: &ImageSet, what: What) -> anyhow::Result<Features> {
        if images.is_empty() {
            bail!("there are no images in this split: choose another one with --split");
        }
        if what == What::Z && !self.network.has_head() {
            bail!(
                "{} has no projection head, and so no z: take --what features, or another network with --stage",
                self.network.name()
            );
        }
        let features = pollster::block_on(self.network.features(images))?;
        let embedded = match what {
            What::Features => Some(features),
            What::Z => pollster::block_on(self.network.z(&features))?,
        };
        let embedded = embedded.context("the network lost its projection head")?;
        if let Some(at) = embedded.values.iter().position(|x| !x.is_finite()) {
            bail!(
                "the network makes {} of image {}: its weights are broken, or the device computes wrongly (`supcon selftest`)",
                embedded.values[at],
                at / embedded.len
            );
        }
        Ok(embedded)
    }
}

/// Images of a choice of splits, in the order training, validation, test.
pub struct Chosen {
    pub images: ImageSet,
    /// Split of each image.
    pub splits: Vec<&'static str>,
    /// Position of each image within its split.
    pub ids: Vec<usize>,
}

pub fn choose(splits: &Splits, choice: SplitChoice) -> anyhow::Result<Chosen> {
    let all = [
        (SplitChoice::Train, "train", &splits.train),
        (SplitChoice::Validation, "validation", &splits.validation),
        (SplitChoice::Test, "test", &splits.test),
    ];
    let chosen: Vec<_> = all
        .into_iter()
        .filter(|(split, ..)| choice == SplitChoice::All || choice == *split)
        .collect();
    let (mut pixels, mut labels) = (Vec::new(), Vec::new());
    let (mut names, mut ids) = (Vec::new(), Vec::new());
    for (_, name, set) in chosen {
        pixels.extend_from_slice(set.pixels());
        labels.extend_from_slice(set.labels());
        names.extend(std::iter::repeat_n(name, set.len()));
        ids.extend(0..set.len());
    }
    let train = &splits.train;
    let classes = train.class_names().to_vec();
    let images = ImageSet::new(train.height(), train.width(), pixels, labels, classes)?;
    Ok(Chosen {
        images,
        splits: names,
        ids,
    })
}

impl What {
    /// As in --what.
    pub fn name(self) -> &'static str {
        match self {
            Self::Features => "features",
            Self::Z => "z",
        }
    }
}
