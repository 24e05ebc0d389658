//! Commands that ask a trained run: embed, predict, map, runs.

use crate::support::{Scratch, put_trained_run};
use serde_json::Value;
use std::path::Path;
use supcon_data::{ImageSet, Splits, shapes};

const ON_CPU: &str = "--device cpu --threads 2";

/// The images of the run, made anew.
fn images() -> Splits {
    shapes::generate(540, 60, 200, 0)
}

fn json(scratch: &Scratch, command: &str) -> Value {
    let ran = scratch.run(&format!("{command} --json"));
    serde_json::from_str(&ran.assert_success().stdout).expect("one JSON document")
}

/// Pictures of a set as `LABEL/INDEX.png`.
fn write_pictures(set: &ImageSet, folder: &Path) {
    for i in 0..set.len() {
        let class = folder.join(set.label(i).to_string());
        std::fs::create_dir_all(&class).expect("writable");
        let (width, height) = (set.width() as u32, set.height() as u32);
        let picture = image::RgbImage::from_raw(width, height, set.image(i).to_vec());
        let path = class.join(format!("{i:04}.png"));
        picture.expect("its pixels").save(path).expect("writable");
    }
}

/// Shape and data of a `.npy` file of version 1.0.
fn npy(bytes: &[u8]) -> (String, &[u8]) {
    assert_eq!(&bytes[..8], b"\x93NUMPY\x01\x00");
    let len = usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    assert_eq!((10 + len) % 64, 0, "NumPy aligns the data");
    let header = String::from_utf8(bytes[10..10 + len].to_vec()).expect("text");
    (header, &bytes[10 + len..])
}

/// Rows of a table, cells split at `separator`.
fn rows(text: &str, separator: char) -> Vec<Vec<&str>> {
    let lines = text.lines();
    lines.map(|line| line.split(separator).collect()).collect()
}

#[test]
fn predictions_are_those_of_the_evaluation() {
    let scratch = Scratch::new();
    put_trained_run(&scratch, "run");
    write_pictures(&images().test, &scratch.path().join("test"));
    let results = json(&scratch, "eval run");
    for (stage, row) in [("supcon", 1), ("cross_entropy", 2), ("random-s0", 0)] {
        let command = format!("predict run test --stage {stage} {ON_CPU}");
        let answers = json(&scratch, &command);
        let answers = answers["images"].as_array().expect("a list");
        assert_eq!(answers.len(), 200);
        let right = answers.iter().filter(|answer| {
            let file = answer["file"].as_str().expect("a path");
            file.split('/').nth(1) == Some(answer["label"].to_string().as_str())
        });
        let top1 = right.count() as f64 / 200.0;
        let expected = results[row]["linear"]["top1"]["value"].as_f64();
        assert_eq!(Some(top1), expected, "{stage}");
        for answer in answers {
            let top = answer["top"].as_array().expect("a list");
            let p: Vec<f64> = top
                .iter()
                .filter_map(|t| t["probability"].as_f64())
                .collect();
            assert!(
                p.len() == 3 && p[0] >= p[1] && p[1] >= p[2] && p[2] >= 0.0,
                "{p:?}"
            );
            assert_eq!(answer["class"], top[0]["class"]);
        }
    }
}

#[test]
fn a_training_image_is_its_own_nearest_neighbour() {
    let scratch = Scratch::new();
    put_trained_run(&scratch, "run");
    let train = images().train.subset(&[7, 11, 200]);
    write_pictures(&train, &scratch.path().join("some"));
    std::fs::write(scratch.path().join("some/notes.png"), "no image").expect("writable");
    std::fs::write(scratch.path().join("some/empty.jpg"), "").expect("writable");
    let command = format!("predict run some nowhere.png --neighbors 2 {ON_CPU}");
    let ran = scratch.run(&format!("{command} --json"));
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    let error: Value = serde_json::from_str(&ran.stderr).expect("an error as JSON");
    let message = error["error"]["message"].as_str().expect("text");
    assert!(message.starts_with("3 of 6 files"), "{message}");
    let answers: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let answers = answers["images"].as_array().expect("a list");
    let mut found: Vec<u64> = Vec::new();
    for answer in answers {
        if let Some(near) = answer["neighbors"].as_array() {
            assert_eq!(near.len(), 2);
            assert!(near[0]["cosine"].as_f64() > Some(0.9999), "{near:?}");
            found.extend(near[0]["train_image"].as_u64());
        } else {
            assert!(answer["error"].is_string(), "{answer}");
        }
    }
    found.sort_unstable();
    assert_eq!(found, [7, 11, 200]);
    let text = scratch.run(&command);
    for part in [
        "no image of a known format",
        "it is empty",
        "cannot be read",
    ] {
        assert!(text.stdout.contains(part), "no {part} in {}", text.stdout);
    }
}

#[test]
fn embeddings_go_to_numpy_tables_and_the_projector() {
    let scratch = Scratch::new();
    put_trained_run(&scratch, "run");
    let facts = json(&scratch, &format!("embed run --out a.npy {ON_CPU}"));
    assert_eq!(
        (&facts["rows"], &facts["data_of_the_run"]),
        (&200.into(), &true.into())
    );
    let columns = facts["columns"].as_u64().expect("a number") as usize;
    let bytes = scratch.read("a.npy");
    let (header, data) = npy(&bytes);
    assert!(
        header.contains(&format!(
            "'descr': '<f4', 'fortran_order': False, 'shape': (200, {columns})"
        )),
        "{header}"
    );
    assert_eq!(data.len(), 200 * columns * 4);
    let bytes = scratch.read("a_labels.npy");
    let (header, labels) = npy(&bytes);
    assert!(
        header.contains("'<i8'") && header.contains("(200,)"),
        "{header}"
    );
    let labels = labels
        .as_chunks::<8>()
        .0
        .iter()
        .map(|&l| i64::from_le_bytes(l));
    let expected = images()
        .test
        .labels()
        .iter()
        .map(|&l| i64::from(l))
        .collect::<Vec<_>>();
    assert_eq!(labels.collect::<Vec<_>>(), expected);

    // The same numbers as text; f32 prints so that it reads back.
    scratch
        .run(&format!("embed run --out a.csv {ON_CPU}"))
        .assert_success();
    let text = scratch.text("a.csv");
    let table = rows(&text, ',');
    assert_eq!(table[0][..5], ["split", "image", "label", "class", "x0"]);
    assert_eq!((table.len(), table[1].len()), (201, 4 + columns));
    let values = table[1..].iter().flat_map(|row| &row[4..]);
    let bytes: Vec<u8> = values
        .flat_map(|x| x.parse::<f32>().expect("a number").to_le_bytes())
        .collect();
    assert_eq!(bytes, npy(&scratch.read("a.npy")).1);

    let z = format!("embed run --out b.tsv --what z --split all {ON_CPU}");
    scratch.run(&z).assert_success();
    let text = scratch.text("b.tsv");
    let table = rows(&text, '\t');
    assert_eq!(table.len(), 800);
    for row in &table {
        let square: f64 = row
            .iter()
            .map(|x| x.parse::<f64>().expect("a number").powi(2))
            .sum();
        assert!(
            (square - 1.0).abs() < 1e-5,
            "z is a unit row, found {square}"
        );
    }
    let metadata = scratch.text("b_metadata.tsv");
    let splits: Vec<&str> = rows(&metadata, '\t').iter().map(|row| row[2]).collect();
    let count = |split| splits.iter().filter(|s| **s == split).count();
    assert_eq!(
        [count("train"), count("validation"), count("test")],
        [540, 60, 200]
    );

    scratch
        .run(&format!("embed run --out board {ON_CPU}"))
        .assert_success();
    let config = scratch.text("board/projector_config.pbtxt");
    for name in ["vectors.tsv", "metadata.tsv", "sprite.png"] {
        assert!(config.contains(name) && !scratch.read(&format!("board/{name}")).is_empty());
    }
    assert_eq!(scratch.text("board/vectors.tsv").lines().count(), 200);
    let sprite = image::load_from_memory(&scratch.read("board/sprite.png"))
        .expect("a PNG")
        .to_rgb8();
    // 15 columns of 32 pixels; image 16 is the second of the second row.
    assert_eq!(sprite.dimensions(), (480, 480));
    assert_eq!(sprite.get_pixel(32, 32).0, images().test.image(16)[..3]);
    let left = std::fs::read_dir(scratch.path())
        .expect("readable")
        .flatten();
    let hidden = left.filter(|entry| entry.file_name().to_string_lossy().contains(".tmp"));
    assert_eq!(hidden.count(), 0, "a temporary file was left");
}

#[test]
fn other_images_are_taken_and_said_to_be_others() {
    let scratch = Scratch::new();
    put_trained_run(&scratch, "run");
    write_pictures(&images().test, &scratch.path().join("mine"));
    let command = format!("embed run --data mine --split all --out a.npy {ON_CPU}");
    let ran = scratch.run(&format!("{command} --json"));
    assert!(
        ran.assert_success()
            .stderr
            .contains("not the images the run was trained on"),
        "{}",
        ran.stderr
    );
    let facts: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert_eq!(
        (&facts["rows"], &facts["data_of_the_run"]),
        (&200.into(), &false.into())
    );
}

#[test]
fn maps_are_drawn_as_pictures_and_tables() {
    let scratch = Scratch::new();
    put_trained_run(&scratch, "run");
    for (method, file) in [("pca", "a.png"), ("tsne", "b.svg"), ("umap", "c.csv")] {
        let command = format!("map run --method {method} --out {file} {ON_CPU}");
        assert!(scratch.run(&command).assert_success().stdout.contains(file));
    }
    let png = image::load_from_memory(&scratch.read("a.png"))
        .expect("a PNG")
        .to_rgb8();
    let coloured = png
        .pixels()
        .filter(|p| p.0.iter().max() != p.0.iter().min());
    assert!(coloured.count() > 1_000, "marks are coloured");
    let svg = scratch.text("b.svg");
    // The test images, and an entry for each of the ten classes.
    let marks = svg.matches("<circle").count() + svg.matches("<polygon").count();
    assert_eq!(marks, 210);
    for class in images().test.class_names() {
        assert!(svg.contains(class.as_str()), "no {class} in the legend");
    }
    let text = scratch.text("c.csv");
    let table = rows(&text, ',');
    assert_eq!(table.len(), 201);
    assert!(
        table[1..]
            .iter()
            .all(|row| row[4].parse::<f32>().is_ok_and(f32::is_finite))
    );
    scratch
        .run(&format!("map run --method umap --out d.csv {ON_CPU}"))
        .assert_success();
    assert_eq!(
        scratch.text("d.csv"),
        text,
        "the same seed gives the same map"
    );
    scratch
        .run(&format!(
            "map run --method umap --seed 5 --out e.csv {ON_CPU}"
        ))
        .assert_success();
    assert_ne!(scratch.text("e.csv"), text);
}

#[test]
fn runs_are_listed_compared_renamed_and_deleted() {
    let scratch = Scratch::new();
    assert!(
        scratch
            .run("runs")
            .assert_success()
            .stdout
            .contains("no runs")
    );
    put_trained_run(&scratch, "runs/a");
    put_trained_run(&scratch, "runs/b");
    std::fs::write(scratch.path().join("runs/b/config.toml"), "schema = 9").expect("writable");
    let list = json(&scratch, "runs");
    let of = |name: &str| {
        let runs = list.as_array().expect("a list").iter();
        let mut found = runs.filter(|run| run["run"] == format!("runs/{name}"));
        found.next().expect("listed").clone()
    };
    assert_eq!(of("a")["state"], "finished");
    assert_eq!(
        of("a")["methods"],
        serde_json::json!(["SupCon", "Cross-entropy"])
    );
    let results = json(&scratch, "eval runs/a");
    let top1 = |row: usize| {
        results[row]["linear"]["top1"]["value"]
            .as_f64()
            .expect("a number")
    };
    assert_eq!(of("a")["best_top1"].as_f64(), Some(top1(1).max(top1(2))));
    assert!(of("a")["bytes"].as_u64() > Some(100_000));
    assert_eq!(of("b")["state"], "unreadable");
    assert!(
        of("b")["error"]
            .as_str()
            .expect("text")
            .contains("schema = 9")
    );
    let text = scratch.run("runs");
    assert!(
        text.assert_success().stdout.contains("runs/a"),
        "{}",
        text.stdout
    );

    scratch.run("runs rename runs/a first").assert_success();
    put_trained_run(&scratch, "runs/second");
    let compared = json(&scratch, "runs compare runs/first runs/second");
    for difference in compared["differences"].as_array().expect("a list") {
        let interval = &difference["pairing"]["same_images"]["difference"];
        assert_eq!(
            interval,
            &serde_json::json!({ "value": 0.0, "low": 0.0, "high": 0.0 })
        );
    }
    let text = scratch.run("runs compare runs/first runs/second");
    assert!(
        text.assert_success()
            .stdout
            .contains("second − first (SupCon): +0.0 points"),
        "{}",
        text.stdout
    );

    let asked = scratch.run("runs delete runs/first");
    assert!(
        asked.code == Some(1) && asked.stderr.contains("--yes"),
        "{}",
        asked.stderr
    );
    assert!(scratch.path().join("runs/first/config.toml").exists());
    scratch
        .run("runs delete runs/first runs/b --yes")
        .assert_success();
    let left = std::fs::read_dir(scratch.path().join("runs")).expect("readable");
    assert_eq!(left.count(), 1);
}

#[test]
fn completions_and_man_pages_name_every_command() {
    let scratch = Scratch::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let ran = scratch.run(&format!("completions {shell}"));
        for command in ["train", "embed", "predict", "fetch"] {
            assert!(
                ran.assert_success().stdout.contains(command),
                "{shell}: {command}"
            );
        }
    }
    assert!(scratch.run("man").assert_success().stdout.contains(".TH"));
    scratch.run("man --out pages").assert_success();
    assert!(scratch.text("pages/supcon.1").contains(".TH"));
    assert!(scratch.text("pages/supcon-runs-delete.1").contains("yes"));
}

#[cfg(unix)]
#[test]
fn ctrl_c_leaves_a_whole_file_or_none() {
    let scratch = Scratch::new();
    put_trained_run(&scratch, "run");
    for delay in [20, 80, 160, 320] {
        let command = format!("embed run --split all --out a.csv {ON_CPU}");
        let mut child = scratch.spawn(&command);
        std::thread::sleep(std::time::Duration::from_millis(delay));
        crate::runs::signal(&child, "INT");
        let code = child.wait().expect("ends").code();
        let names = std::fs::read_dir(scratch.path())
            .expect("readable")
            .flatten();
        let mut names: Vec<_> = names.map(|entry| entry.file_name()).collect();
        names.sort();
        let lines = std::fs::read_to_string(scratch.path().join("a.csv"));
        match lines {
            Ok(text) => assert_eq!((text.lines().count(), names.len()), (801, 2)),
            Err(_) => assert_eq!(names, ["run"], "ended with {code:?}"),
        }
        let _ = std::fs::remove_file(scratch.path().join("a.csv"));
    }
}

/// Stem and width were once left out when a network was read back.
#[test]
fn an_encoder_with_another_stem_is_read_back_as_trained() {
    let scratch = Scratch::new();
    let train = "train --out run --set data.shapes_train=120 --set data.shapes_test=100 \
                 --set methods=supcon --set encoder=resnet-18 --set encoder_stem=imagenet \
                 --set contrastive.batch_size=16 --set contrastive.length=2~steps \
                 --set contrastive.optimizer.warmup=1~steps --set linear.length=3~steps";
    scratch.run(train).assert_success();
    let embedded = json(&scratch, &format!("embed run {ON_CPU} --out stem.npy"));
    assert_eq!(embedded["columns"], 512);
}
