use crate::arguments::DataInfoOptions;
use crate::destination::Destination;
use crate::exit::Outcome;
use crate::output;
use serde_json::json;
use supcon_data::{DataSummary, Loaded, contact_sheet};
use supcon_protocol::{DataConfig, PRESETS};
use supcon_train::{images_sentence, open_images};

/// Images of each class on a contact sheet.
const SHEET_IMAGES: usize = 12;

/// What there is to train on.
pub fn data_info(options: &DataInfoOptions) -> anyhow::Result<Outcome> {
    let sheet = options.sheet.as_deref();
    let sheet = sheet.map(|path| Destination::file(path, options.overwrite));
    let sheet = sheet.transpose()?;
    let config = DataConfig {
        skip_unreadable: options.skip_unreadable,
        ..PRESETS[0].config().data
    };
    let loaded = open_images(&options.data, &config)?;
    let summary = DataSummary::of(&loaded.splits);
    if let Some(sheet) = &sheet {
        let png = contact_sheet(&loaded.splits.train, SHEET_IMAGES);
        sheet.write(|out| out.write_all(&png))?;
    }
    if options.output.json {
        output::json(&as_json(&loaded, &summary))?;
    } else {
        output::text(&as_text(&loaded, &summary));
        for name in &loaded.skipped.unreadable {
            output::line(&format!("cannot be decoded: {name}"));
        }
        if let Some(sheet) = &sheet {
            output::line(&format!("\nsheet: {}", sheet.path().display()));
        }
    }
    Ok(Outcome::Done)
}

fn as_text(loaded: &Loaded, summary: &DataSummary) -> String {
    let numbers = |values: [f32; 3]| values.map(|x| format!("{x:.4}")).join(", ");
    let near = &summary.near_duplicates;
    let width = summary
        .classes
        .iter()
        .map(|class| class.name.chars().count());
    let width = width.max().unwrap_or(0).max("class".len());
    let mut text = format!(
        "{}\nmean {}; std {} (RGB, 0 to 1, training images)\nlargest class / smallest: {:.2}\n\
         test images that training or validation images nearly repeat: {} (exactly: {}; under another label: {})\n\n\
         {:width$}  train  validation   test\n",
        images_sentence(loaded),
        numbers(summary.mean),
        numbers(summary.std),
        summary.imbalance,
        near.images,
        near.exact,
        near.other_label,
        "class",
    );
    for class in &summary.classes {
        text += &format!(
            "{:width$}  {:5}  {:10}  {:5}\n",
            class.name, class.train, class.validation, class.test
        );
    }
    text
}

fn as_json(loaded: &Loaded, summary: &DataSummary) -> serde_json::Value {
    let classes = summary.classes.iter().map(|class| {
        json!({
            "name": class.name,
            "train": class.train,
            "validation": class.validation,
            "test": class.test,
        })
    });
    json!({
        "name": summary.name,
        "format": loaded.format.to_string(),
        "archive": loaded.archive,
        "unreadable": loaded.skipped.unreadable,
        "height": summary.height,
        "width": summary.width,
        "classes": classes.collect::<Vec<_>>(),
        "imbalance": summary.imbalance,
        "mean": summary.mean,
        "std": summary.std,
        "near_duplicates": {
            "images": summary.near_duplicates.images,
            "exact": summary.near_duplicates.exact,
            "other_label": summary.near_duplicates.other_label,
        },
    })
}
