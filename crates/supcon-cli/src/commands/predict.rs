use crate::arguments::{PredictOptions, What};
use crate::exit::Outcome;
use crate::trained::Trained;
use crate::{output, table};
use anyhow::bail;
use rayon::prelude::*;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use supcon_data::{BlobSource as _, Directory, ImageSet, decode_picture, is_picture};
use supcon_train::{Features, Neighbor, nearest_neighbors};

/// Files decoded and classified at a time.
const GROUP: usize = 256;

/// What the network says of a file.
struct Answer {
    file: PathBuf,
    said: Result<Said, String>,
}

struct Said {
    /// Label and probability, best first.
    classes: Vec<(usize, f32)>,
    neighbors: Vec<Neighbor>,
}

/// The training images, embedded.
struct Bank {
    features: Features,
    labels: Vec<u32>,
}

/// Classifies images; what is none is refused, and the rest goes on.
pub fn predict(options: &PredictOptions) -> anyhow::Result<Outcome> {
    let trained = Trained::open(&options.network)?;
    let input = trained.network.input();
    if !trained.network.has_classifier() {
        bail!(
            "{} has no classifier yet: `supcon resume {}` goes on with the run",
            trained.network.name(),
            options.network.run.display()
        );
    }
    if input.height != input.width {
        bail!(
            "{} takes images of {}×{}, and pictures are cut to squares: classify them with `supcon embed --data` instead",
            trained.network.name(),
            input.height,
            input.width
        );
    }
    let bank = if options.neighbors > 0 {
        let asked = trained.images()?;
        Some(Bank {
            features: trained.embed(&asked.splits.train, What::Features)?,
            labels: asked.splits.train.labels().to_vec(),
        })
    } else {
        None
    };
    let mut answers = Vec::new();
    for group in listed(&options.images).chunks(GROUP) {
        answers.extend(ask(&trained, group, bank.as_ref(), options)?);
    }
    let classes = input.classes.clone();
    if options.output.json {
        let rows = answers.iter().map(|a| as_json(a, &classes, bank.as_ref()));
        output::json(&json!({
            "run": options.network.run,
            "network": trained.network.name(),
            "images": rows.collect::<Vec<_>>(),
        }))?;
    } else {
        output::text(&as_table(&answers, &classes, bank.as_ref()));
    }
    let reason = |answer: &Answer| {
        let reason = answer.said.as_ref().err()?;
        Some(format!(
            "{} cannot be classified: {reason}",
            answer.file.display()
        ))
    };
    let refused: Vec<String> = answers.iter().filter_map(reason).collect();
    match refused.as_slice() {
        [] => Ok(Outcome::Done),
        [reason] => bail!("{reason}"),
        refused => bail!(
            "{} of {} files cannot be classified; each is listed with the reason",
            refused.len(),
            answers.len()
        ),
    }
}

/// A file, or why a path names none.
type Listed = (PathBuf, Result<(), String>);

/// The files given and the pictures in the folders given.
fn listed(paths: &[PathBuf]) -> Vec<Listed> {
    let mut files = Vec::new();
    for path in paths {
        if !path.is_dir() {
            files.push((path.clone(), Ok(())));
            continue;
        }
        match Directory::new(path).names() {
            Ok(names) => {
                let before = files.len();
                let pictures = names.iter().filter(|name| is_picture(name));
                files.extend(pictures.map(|name| (path.join(name), Ok(()))));
                if files.len() == before {
                    let reason = "the folder holds no .png, .jpg, .jpeg, .webp, .bmp or .gif file";
                    files.push((path.clone(), Err(reason.to_owned())));
                }
            }
            Err(error) => files.push((path.clone(), Err(error.to_string()))),
        }
    }
    files
}

fn ask(
    trained: &Trained,
    group: &[Listed],
    bank: Option<&Bank>,
    options: &PredictOptions,
) -> anyhow::Result<Vec<Answer>> {
    let input = trained.network.input();
    let decoded: Vec<Result<Vec<u8>, String>> = group
        .par_iter()
        .map(|(file, listed)| listed.clone().and_then(|()| decode(file, input.width)))
        .collect();
    let pixels: Vec<u8> = decoded.iter().flatten().flatten().copied().collect();
    let count = decoded.iter().filter(|outcome| outcome.is_ok()).count();
    let mut said = Vec::new();
    if count > 0 {
        let labels = vec![0; count];
        let images = ImageSet::new(
            input.height,
            input.width,
            pixels,
            labels,
            input.classes.clone(),
        )?;
        said = answers_for(trained, &images, bank, options)?;
    }
    let mut said = said.into_iter();
    let answers = group
        .iter()
        .zip(decoded)
        .map(|((file, _), outcome)| Answer {
            file: file.clone(),
            said: outcome.and_then(|_| said.next().ok_or_else(|| "it got no answer".to_owned())),
        });
    Ok(answers.collect())
}

fn answers_for(
    trained: &Trained,
    images: &ImageSet,
    bank: Option<&Bank>,
    options: &PredictOptions,
) -> anyhow::Result<Vec<Said>> {
    let features = trained.embed(images, What::Features)?;
    let Some(probabilities) = pollster::block_on(trained.network.probabilities(&features))? else {
        bail!("{} has no classifier", trained.network.name());
    };
    let neighbors = match bank {
        None => vec![Vec::new(); images.len()],
        Some(bank) => pollster::block_on(nearest_neighbors(
            &features,
            &bank.features,
            options.neighbors,
            &trained.device.device,
        ))?,
    };
    let said = neighbors
        .into_iter()
        .enumerate()
        .map(|(i, neighbors)| Said {
            classes: best(probabilities.row(i), options.top as usize),
            neighbors,
        });
    Ok(said.collect())
}

fn decode(file: &Path, side: usize) -> Result<Vec<u8>, String> {
    let bytes = std::fs::read(file).map_err(|error| format!("it cannot be read: {error}"))?;
    if bytes.is_empty() {
        return Err("it is empty".to_owned());
    }
    decode_picture(&bytes, side).map_err(|error| error.to_string())
}

/// Labels and probabilities, best first; of equal ones the lower label.
fn best(probabilities: &[f32], count: usize) -> Vec<(usize, f32)> {
    let mut classes: Vec<(usize, f32)> = probabilities.iter().copied().enumerate().collect();
    classes.sort_by(|a, b| b.1.total_cmp(&a.1));
    classes.truncate(count);
    classes
}

fn as_json(answer: &Answer, classes: &[String], bank: Option<&Bank>) -> Value {
    let said = match &answer.said {
        Err(reason) => return json!({ "file": answer.file, "error": reason }),
        Ok(said) => said,
    };
    let top = said.classes.iter().map(|&(label, probability)| {
        json!({ "class": classes[label], "label": label, "probability": probability })
    });
    let top: Vec<Value> = top.collect();
    let mut value = json!({
        "file": answer.file,
        "class": top[0]["class"],
        "label": top[0]["label"],
        "probability": top[0]["probability"],
        "top": top,
    });
    if let Some(bank) = bank {
        let neighbors = said.neighbors.iter().map(|near| {
            let label = bank.labels[near.row];
            json!({ "train_image": near.row, "label": label, "class": name(classes, label), "cosine": near.cosine })
        });
        value["neighbors"] = neighbors.collect();
    }
    value
}

/// The class of a training image; images given with --data may have classes of their own.
fn name(classes: &[String], label: u32) -> String {
    let known = classes.get(label as usize).cloned();
    known.unwrap_or_else(|| format!("class {label}"))
}

fn as_table(answers: &[Answer], classes: &[String], bank: Option<&Bank>) -> String {
    let mut rows = vec![vec!["file".to_owned(), "class".to_owned(), "%".to_owned()]];
    rows[0].push("next".to_owned());
    if bank.is_some() {
        rows[0].push("nearest training images (number, cosine)".to_owned());
    }
    let mut refused = String::new();
    for answer in answers {
        let file = answer.file.display().to_string();
        let said = match &answer.said {
            Err(reason) => {
                refused += &format!("{file}: {reason}\n");
                continue;
            }
            Ok(said) => said,
        };
        let percent = |p: f32| format!("{:.1}", 100.0 * p);
        let (label, probability) = said.classes[0];
        let next = said.classes[1..].iter();
        let next: Vec<String> = next
            .map(|&(label, p)| format!("{} {}", classes[label], percent(p)))
            .collect();
        let mut row = vec![
            file,
            classes[label].clone(),
            percent(probability),
            next.join(", "),
        ];
        if let Some(bank) = bank {
            let near = said.neighbors.iter().map(|near| {
                let class = name(classes, bank.labels[near.row]);
                format!("{class} ({}, {:.3})", near.row, near.cosine)
            });
            row.push(near.collect::<Vec<_>>().join(", "));
        }
        rows.push(row);
    }
    if !refused.is_empty() {
        refused.insert(0, '\n');
    }
    table::left_aligned(&rows) + &refused
}
