use super::embed::quoted;
use crate::arguments::{Layout, MapOptions};
use crate::destination::Destination;
use crate::exit::Outcome;
use crate::picture::Scatter;
use crate::trained::{Chosen, Trained, choose};
use crate::{interrupt, output};
use anyhow::bail;
use indicatif::{ProgressBar, ProgressDrawTarget};
use serde_json::json;
use std::io::{self, Write};
use std::path::Path;
use supcon_protocol::{MapConfig, TsneConfig, UmapConfig};
use supcon_train::map_features;

#[derive(Clone, Copy)]
enum Form {
    Png,
    Svg,
    Csv,
}

/// Draws a map of embeddings.
pub fn map(options: &MapOptions) -> anyhow::Result<Outcome> {
    let form = form(&options.out)?;
    let destination = Destination::file(&options.out, options.overwrite)?;
    interrupt::listen("stopped; nothing was written")?;
    let trained = Trained::open(&options.network)?;
    let asked = trained.images()?;
    let chosen = choose(&asked.splits, options.split)?;
    let embedded = trained.embed(&chosen.images, options.what)?;
    let config = match options.method {
        Layout::Pca => MapConfig::Pca,
        Layout::Tsne => MapConfig::Tsne(TsneConfig::default()),
        Layout::Umap => MapConfig::Umap(UmapConfig::default()),
    };
    let bar = ProgressBar::with_draw_target(Some(1), ProgressDrawTarget::stderr_with_hz(5));
    let points = map_features(&embedded, &config, options.seed, |done, all| {
        bar.set_length(all as u64);
        bar.set_position(done as u64);
    });
    bar.finish_and_clear();
    let points = points?;
    let title = format!(
        "{} of {} by {}: {} images",
        name(options.method),
        options.what.name(),
        trained.network.name(),
        points.len()
    );
    let scatter = Scatter {
        title: &title,
        points: &points,
        labels: chosen.images.labels(),
        classes: chosen.images.class_names(),
        around: &points,
    };
    destination.write(|out| match form {
        Form::Png => out.write_all(&scatter.png()),
        Form::Svg => out.write_all(scatter.svg().as_bytes()),
        Form::Csv => csv(out, &points, &chosen),
    })?;
    if scatter.repeats_marks() && !matches!(form, Form::Csv) {
        eprintln!("note: more than 40 classes: some share colour and shape");
    }
    if options.output.json {
        output::json(&json!({
            "run": options.network.run,
            "network": trained.network.name(),
            "what": options.what.name(),
            "method": name(options.method),
            "seed": options.seed,
            "images": points.len(),
            "file": options.out,
            "data_of_the_run": asked.are_the_runs,
        }))?;
    } else {
        output::line(&title);
        output::line(&format!("wrote {}", options.out.display()));
    }
    Ok(Outcome::Done)
}

fn form(path: &Path) -> anyhow::Result<Form> {
    let extension = path.extension().map(|e| e.to_string_lossy().to_lowercase());
    Ok(match extension.as_deref() {
        Some("png") => Form::Png,
        Some("svg") => Form::Svg,
        Some("csv") => Form::Csv,
        _ => bail!(
            "--out {}: name a .png or .svg picture, or a .csv table",
            path.display()
        ),
    })
}

fn name(method: Layout) -> &'static str {
    match method {
        Layout::Tsne => "t-SNE",
        Layout::Umap => "UMAP",
        Layout::Pca => "PCA",
    }
}

fn csv(out: &mut dyn Write, points: &[[f32; 2]], chosen: &Chosen) -> io::Result<()> {
    writeln!(out, "split,image,label,class,x,y")?;
    for (i, [x, y]) in points.iter().enumerate() {
        let label = chosen.images.label(i);
        let class = quoted(&chosen.images.class_names()[label as usize]);
        writeln!(
            out,
            "{},{},{label},{class},{x},{y}",
            chosen.splits[i], chosen.ids[i]
        )?;
    }
    Ok(())
}
