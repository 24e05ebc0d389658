use crate::arguments::FilmOptions;
use crate::destination::Destination;
use crate::exit::Outcome;
use crate::picture::{self, Scatter};
use crate::{interrupt, output, table};
use anyhow::{Context as _, bail};
use serde_json::json;
use std::io;
use std::path::Path;
use supcon_protocol::recording::RecordedFrame;
use supcon_train::replay::{FrameMeasures, Replay};

/// Draws the recorded maps of a network as an animated picture, and says how it began and ended.
pub fn film(options: &FilmOptions) -> anyhow::Result<Outcome> {
    let is_gif = options
        .out
        .extension()
        .is_some_and(|e| e.eq_ignore_ascii_case("gif"));
    if !is_gif {
        bail!("--out {}: name a .gif picture", options.out.display());
    }
    let destination = Destination::file(&options.out, options.overwrite)?;
    interrupt::listen("stopped; nothing was written")?;
    let replay = Replay::at(&options.run)?;
    let (network, shots) = shots(&replay, options)?;
    let labels = replay.samples().map_or(&[][..], |samples| &samples.labels);
    let info = replay
        .history()
        .info
        .context("the run's log has no beginning")?;
    let around: Vec<[f32; 2]> = shots.iter().flat_map(|shot| shot.points.clone()).collect();
    let pictures = shots.iter().map(|shot| {
        let knn = 100.0 * shot.measures.knn_top1;
        let scatter = Scatter {
            title: &format!("{network}, step {}: kNN {knn:.1} %", shot.step),
            points: &shot.points,
            labels,
            classes: &info.classes,
            around: &around,
        };
        scatter.canvas()
    });
    destination.write(|out| picture::gif(out, pictures).map_err(io::Error::other))?;
    if options.output.json {
        output::json(&json!({
            "run": options.run,
            "network": network,
            "images": labels.len(),
            "frames": shots.iter().map(Shot::json).collect::<Vec<_>>(),
            "file": options.out,
        }))?;
    } else {
        print(&network, &shots, &options.out);
    }
    Ok(Outcome::Done)
}

/// A recorded map.
struct Shot {
    step: u64,
    points: Vec<[f32; 2]>,
    measures: FrameMeasures,
}

impl Shot {
    /// `None` without a map.
    fn new(frame: &RecordedFrame, measures: FrameMeasures) -> Option<Self> {
        let map = frame.map.as_ref()?;
        // The sphere as it is looked at along its third axis.
        let points = map.points.chunks_exact(map.dim).map(|p| [p[0], p[1]]);
        Some(Self {
            step: frame.embedding.step,
            points: points.collect(),
            measures,
        })
    }

    fn json(&self) -> serde_json::Value {
        let FrameMeasures {
            knn_top1,
            silhouette,
            map_silhouette,
        } = self.measures;
        json!({
            "step": self.step,
            "knn_top1": knn_top1,
            "silhouette": silhouette,
            "map_silhouette": map_silhouette,
        })
    }

    fn row(&self) -> Vec<String> {
        let score = |value: Option<f64>| value.map_or_else(String::new, |v| format!("{v:.3}"));
        vec![
            self.step.to_string(),
            format!("{:.1}", 100.0 * self.measures.knn_top1),
            score(self.measures.silhouette),
            score(self.measures.map_silhouette),
        ]
    }
}

fn shots(replay: &Replay, options: &FilmOptions) -> anyhow::Result<(String, Vec<Shot>)> {
    let film = replay.film(options.stage.as_deref())?;
    let mut shots = Vec::new();
    for entry in film.frames {
        let frame = replay.frame(entry)?;
        shots.extend(Shot::new(&frame, replay.measures(&frame)));
    }
    if shots.is_empty() {
        bail!(
            "{} recorded no maps of {}: train without --no-watch, or name another network with --stage",
            options.run.display(),
            film.network
        );
    }
    Ok((film.network, shots))
}

fn print(network: &str, shots: &[Shot], out: &Path) {
    let head = ["step", "kNN top-1, %", "silhouette of z", "of the map"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    rows.extend(shots.first().map(Shot::row));
    rows.extend(shots.get(1..).and_then(<[Shot]>::last).map(Shot::row));
    output::line(&format!("{network}: {} maps, first and last:", shots.len()));
    output::text(&table::aligned(&rows));
    output::line(&format!("wrote {}", out.display()));
}
