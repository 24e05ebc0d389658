use crate::arguments::EmbedOptions;
use crate::destination::{Destination, write_file};
use crate::exit::Outcome;
use crate::picture::sprite;
use crate::trained::{Chosen, Trained, choose};
use crate::{interrupt, output};
use anyhow::bail;
use serde_json::json;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use supcon_train::Features;

/// How the rows are written.
enum Form {
    /// The array, and its labels.
    Npy(Destination, Destination),
    Csv(Destination),
    /// The vectors, and their metadata.
    Tsv(Destination, Destination),
    /// TensorBoard's Embedding Projector: vectors, metadata, sprite, configuration.
    Projector(Destination),
}

/// Writes features or z of images.
pub fn embed(options: &EmbedOptions) -> anyhow::Result<Outcome> {
    let form = Form::of(&options.out, options.overwrite)?;
    interrupt::listen("stopped; nothing was written")?;
    let trained = Trained::open(&options.network)?;
    let asked = trained.images()?;
    let chosen = choose(&asked.splits, options.split)?;
    let embedded = trained.embed(&chosen.images, options.what)?;
    form.write(&embedded, &chosen)?;
    let files = form.files();
    if options.output.json {
        output::json(&json!({
            "run": options.network.run,
            "network": trained.network.name(),
            "what": options.what.name(),
            "rows": embedded.rows(),
            "columns": embedded.len,
            "files": files,
            "data_of_the_run": asked.are_the_runs,
        }))?;
    } else {
        output::line(&format!(
            "{} of {} images by {}, {} numbers each",
            options.what.name(),
            embedded.rows(),
            trained.network.name(),
            embedded.len
        ));
        for file in files {
            output::line(&format!("wrote {}", file.display()));
        }
    }
    Ok(Outcome::Done)
}

impl Form {
    fn of(path: &Path, overwrite: bool) -> anyhow::Result<Self> {
        let extension = path.extension().map(|e| e.to_string_lossy().to_lowercase());
        Ok(match extension.as_deref() {
            Some("npy") => {
                let array = Destination::file(path, overwrite)?;
                let labels = array.beside("labels.npy", overwrite)?;
                Self::Npy(array, labels)
            }
            Some("csv") => Self::Csv(Destination::file(path, overwrite)?),
            Some("tsv") => {
                let vectors = Destination::file(path, overwrite)?;
                let metadata = vectors.beside("metadata.tsv", overwrite)?;
                Self::Tsv(vectors, metadata)
            }
            None => Self::Projector(Destination::folder(path)?),
            Some(other) => bail!(
                "--out {}: .{other} files are not written; name a .npy, .csv or .tsv file, or a folder (without a dot) for TensorBoard",
                path.display()
            ),
        })
    }

    fn files(&self) -> Vec<PathBuf> {
        let path = |destination: &Destination| destination.path().to_owned();
        match self {
            Self::Npy(array, labels) => vec![path(array), path(labels)],
            Self::Csv(table) => vec![path(table)],
            Self::Tsv(vectors, metadata) => vec![path(vectors), path(metadata)],
            Self::Projector(folder) => vec![path(folder)],
        }
    }

    fn write(&self, rows: &Features, chosen: &Chosen) -> anyhow::Result<()> {
        match self {
            Self::Npy(array, labels) => {
                array.write(|out| npy(out, "<f4", &[rows.rows(), rows.len], &floats(rows)))?;
                let ids = chosen.images.labels();
                let bytes: Vec<u8> = ids
                    .iter()
                    .flat_map(|&l| i64::from(l).to_le_bytes())
                    .collect();
                labels.write(|out| npy(out, "<i8", &[ids.len()], &bytes))
            }
            Self::Csv(table) => table.write(|out| csv(out, rows, chosen)),
            Self::Tsv(vectors, labels) => {
                vectors.write(|out| tsv(out, rows))?;
                labels.write(|out| metadata(out, chosen))
            }
            Self::Projector(folder) => folder.write_folder(|folder| {
                write_file(&folder.join("vectors.tsv"), |out| tsv(out, rows))?;
                write_file(&folder.join("metadata.tsv"), |out| metadata(out, chosen))?;
                let sprite = sprite::of(&chosen.images);
                if let Some(sprite) = &sprite {
                    write_file(&folder.join("sprite.png"), |out| out.write_all(sprite))?;
                }
                let config = projector_config(chosen, sprite.is_some());
                write_file(&folder.join("projector_config.pbtxt"), |out| {
                    out.write_all(config.as_bytes())
                })
            }),
        }
    }
}

fn floats(rows: &Features) -> Vec<u8> {
    rows.values.iter().flat_map(|x| x.to_le_bytes()).collect()
}

/// NumPy's format, version 1.0.
fn npy(out: &mut dyn Write, dtype: &str, shape: &[usize], data: &[u8]) -> io::Result<()> {
    let sides: Vec<String> = shape.iter().map(ToString::to_string).collect();
    let comma = if shape.len() == 1 { "," } else { "" };
    let shape = sides.join(", ");
    let mut header =
        format!("{{'descr': '{dtype}', 'fortran_order': False, 'shape': ({shape}{comma}), }}");
    // The data begin at a multiple of 64, after ten bytes of magic and a line feed.
    let padding = 63 - (10 + header.len()) % 64;
    header += &" ".repeat(padding);
    header.push('\n');
    out.write_all(b"\x93NUMPY\x01\x00")?;
    out.write_all(&(header.len() as u16).to_le_bytes())?;
    out.write_all(header.as_bytes())?;
    out.write_all(data)
}

fn csv(out: &mut dyn Write, rows: &Features, chosen: &Chosen) -> io::Result<()> {
    write!(out, "split,image,label,class")?;
    for column in 0..rows.len {
        write!(out, ",x{column}")?;
    }
    writeln!(out)?;
    for (i, &label) in chosen.images.labels().iter().enumerate() {
        let class = quoted(&chosen.images.class_names()[label as usize]);
        write!(
            out,
            "{},{},{label},{class}",
            chosen.splits[i], chosen.ids[i]
        )?;
        for x in rows.row(i) {
            write!(out, ",{x}")?;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// A field of a CSV file (RFC 4180).
pub(super) fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

fn tsv(out: &mut dyn Write, rows: &Features) -> io::Result<()> {
    for i in 0..rows.rows() {
        let numbers: Vec<String> = rows.row(i).iter().map(ToString::to_string).collect();
        writeln!(out, "{}", numbers.join("\t"))?;
    }
    Ok(())
}

fn metadata(out: &mut dyn Write, chosen: &Chosen) -> io::Result<()> {
    writeln!(out, "class\tlabel\tsplit\timage")?;
    for (i, &label) in chosen.images.labels().iter().enumerate() {
        let class = chosen.images.class_names()[label as usize].replace(['\t', '\n', '\r'], " ");
        writeln!(
            out,
            "{class}\t{label}\t{}\t{}",
            chosen.splits[i], chosen.ids[i]
        )?;
    }
    Ok(())
}

fn projector_config(chosen: &Chosen, with_sprite: bool) -> String {
    let (width, height) = (chosen.images.width(), chosen.images.height());
    let sprite = format!(
        "  sprite {{\n    image_path: \"sprite.png\"\n    single_image_dim: {width}\n    single_image_dim: {height}\n  }}\n"
    );
    format!(
        "embeddings {{\n  tensor_name: \"supcon\"\n  tensor_path: \"vectors.tsv\"\n  metadata_path: \"metadata.tsv\"\n{}}}\n",
        if with_sprite { sprite } else { String::new() }
    )
}
