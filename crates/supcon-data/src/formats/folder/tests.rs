use super::*;
use crate::testing::{memory, png};

const OPTIONS: fn() -> LoadOptions = || LoadOptions {
    side: 8,
    ..LoadOptions::default()
};

fn load_files(names: &[&str], options: &LoadOptions) -> Result<(Splits, Skipped), DataError> {
    let images: Vec<Vec<u8>> = (0..names.len())
        .map(|i| png(8 + i as u32 % 5, 8 + i as u32 % 3))
        .collect();
    let files = names.iter().zip(&images);
    let files: Vec<(&str, &[u8])> = files
        .map(|(name, image)| {
            (
                *name,
                if name.ends_with('/') {
                    &[]
                } else {
                    image.as_slice()
                },
            )
        })
        .collect();
    let source = memory(&files);
    let layout = Layout::find(&source.names()?).expect("an image folder");
    load(&source, layout, "x".to_owned(), options)
}

fn refusal(names: &[&str]) -> String {
    load_files(names, &OPTIONS()).unwrap_err().to_string()
}

/// Ten images of each of three classes.
fn thirty() -> Vec<String> {
    (0..30)
        .map(|i| format!("{}/{i:02}.png", ["rose", "Tulip", "daisy"][i % 3]))
        .collect()
}

#[test]
fn classes_are_sorted_and_divided() {
    let names = thirty();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let (splits, skipped) = load_files(&names, &OPTIONS()).unwrap();
    assert_eq!(splits.train.class_names(), ["Tulip", "daisy", "rose"]);
    let sizes = [&splits.train, &splits.validation, &splits.test].map(ImageSet::len);
    assert_eq!(sizes, [21, 3, 6]);
    assert_eq!(skipped, Skipped::default());
    let again = load_files(&names, &OPTIONS()).unwrap().0;
    assert_eq!(again, splits);
    let other = LoadOptions {
        seed: 1,
        ..OPTIONS()
    };
    assert_ne!(load_files(&names, &other).unwrap().0, splits);
}

#[test]
fn splits_of_its_own_are_kept() {
    let mut names = Vec::new();
    for (split, count) in [("Train", 10), ("val", 2), ("test", 4)] {
        for class in ["a", "b"] {
            names.extend((0..count).map(|i| format!("data/{split}/{class}/deep/{i}.JPG")));
        }
    }
    let all: Vec<&str> = names.iter().map(String::as_str).collect();
    let sizes = |names: &[&str]| {
        let splits = load_files(names, &OPTIONS()).unwrap().0;
        [&splits.train, &splits.validation, &splits.test].map(ImageSet::len)
    };
    assert_eq!(sizes(&all), [20, 4, 8]);
    let without = |split: &str| -> Vec<&str> {
        let part = format!("/{split}/");
        all.iter()
            .copied()
            .filter(|name| !name.contains(&part))
            .collect()
    };
    assert_eq!(sizes(&without("val")), [18, 2, 8]);
    assert_eq!(
        sizes(&without("test")),
        [18, 2, 4],
        "val stands in for test"
    );
    assert_eq!(sizes(&all[..20]), [14, 2, 4], "train alone");
}

#[test]
fn what_is_no_part_of_it_is_counted() {
    let names = thirty();
    let mut names: Vec<&str> = names.iter().map(String::as_str).collect();
    names.extend([
        "cover.png",
        "LICENSE",
        ".DS_Store",
        "rose/.thumb.png",
        "rose/notes.txt",
        "__MACOSX/rose/00.png",
    ]);
    let (splits, skipped) = load_files(&names, &OPTIONS()).unwrap();
    assert_eq!(splits.train.n_classes(), 3);
    let expected = Skipped {
        hidden: 3,
        not_images: 2,
        outside_classes: 1,
        unreadable: Vec::new(),
    };
    assert_eq!(skipped, expected);
}

#[test]
fn unlabelled_test_images_are_no_test_split() {
    let mut names: Vec<String> = thirty()
        .iter()
        .map(|name| format!("train/{name}"))
        .collect();
    names.extend(["test/1.png".to_owned(), "unlabeled/x/1.png".to_owned()]);
    let mut names: Vec<String> = names.iter().map(|name| format!("pets/{name}")).collect();
    names.push("readme.txt".to_owned());
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let (splits, skipped) = load_files(&names, &OPTIONS()).unwrap();
    assert_eq!((splits.test.len(), skipped.outside_classes), (6, 2));
    assert_eq!(skipped.not_images, 1);
}

#[test]
fn a_class_may_be_called_train() {
    let names = [
        "train/1.png",
        "train/2.png",
        "train/3.png",
        "bus/1.png",
        "bus/2.png",
        "bus/3.png",
    ];
    let splits = load_files(&names, &OPTIONS()).unwrap().0;
    assert_eq!(splits.train.class_names(), ["bus", "train"]);
}

#[test]
fn empty_classes_are_named() {
    let names = thirty();
    let mut names: Vec<&str> = names.iter().map(String::as_str).collect();
    names.push("weed/");
    assert_eq!(
        refusal(&names),
        "memory: the class folder weed holds no image (0 other files); add images (png, jpg, jpeg, \
         webp, bmp or gif) or remove the folder"
    );
    names.extend(["weed/a.txt", "weed/b/c.heic"]);
    assert!(refusal(&names).contains("class folder weed holds no image (2 other files)"));
    let names = [
        "x/train/a/1.png",
        "x/train/b/1.png",
        "x/test/a/1.png",
        "x/test/b/2.tiff",
    ];
    assert!(refusal(&names).contains("class folder x/test/b holds no image (1 other files)"));
}

#[test]
fn classes_without_training_images_are_named() {
    let names = [
        "train/a/1.png",
        "train/b/1.png",
        "test/a/1.png",
        "test/c/2.png",
    ];
    assert_eq!(
        refusal(&names),
        "memory: test/c is a class that the training images lack; add a folder of that name there, \
         or remove it here"
    );
}

#[test]
fn what_is_no_image_folder_is_not_found() {
    let names = |names: &[&str]| {
        names
            .iter()
            .map(|name| (*name).to_owned())
            .collect::<Vec<_>>()
    };
    assert!(Layout::find(&names(&["1.png", "2.png"])).is_none());
    assert!(Layout::find(&names(&["a/b.txt", "a/"])).is_none());
    assert!(Layout::find(&names(&[".a/b.png"])).is_none());
    assert!(Layout::find(&[]).is_none());
}

#[test]
fn unreadable_images_are_named_or_skipped() {
    let good = png(8, 8);
    let mut files: Vec<(String, &[u8])> =
        thirty().into_iter().map(|name| (name, &good[..])).collect();
    files.push(("rose/broken.png".to_owned(), b"text"));
    let files: Vec<(&str, &[u8])> = files
        .iter()
        .map(|(name, bytes)| (name.as_str(), *bytes))
        .collect();
    let source = memory(&files);
    let load = |options: &LoadOptions| {
        let layout = Layout::find(&source.names().unwrap()).unwrap();
        load(&source, layout, "x".to_owned(), options)
    };
    let refused = load(&OPTIONS()).unwrap_err();
    assert!(refused.can_be_left_out());
    assert_eq!(
        refused.to_string(),
        "rose/broken.png in memory cannot be decoded: its content is no image of a known format; \
         replace it, remove it, or leave such images out"
    );
    let lenient = LoadOptions {
        skip_unreadable: true,
        ..OPTIONS()
    };
    let (splits, skipped) = load(&lenient).unwrap();
    assert_eq!(skipped.unreadable, ["rose/broken.png"]);
    let weed = memory(&[("rose/1.png", &good), ("weed/1.png", b"text")]);
    let layout = Layout::find(&weed.names().unwrap()).unwrap();
    let error = super::load(&weed, layout, "x".to_owned(), &lenient).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("memory: the class folder of weed holds no image (1 other"),
        "{error}"
    );
    assert_eq!(
        splits.train.len() + splits.validation.len() + splits.test.len(),
        30
    );
}

#[test]
fn more_images_than_memory_are_refused_before_reading() {
    let names: Vec<String> = (0..6000).map(|i| format!("a/{i}.png")).collect();
    let layout = Layout::find(&names).unwrap();
    let options = LoadOptions {
        side: 1024,
        ..LoadOptions::default()
    };
    let error = load(&memory(&[]), layout, "x".to_owned(), &options).unwrap_err();
    assert_eq!(
        error.to_string(),
        "memory makes 18874368000 bytes of 1024×1024 pixels, more than the limit of 17179869184 \
         bytes; choose a smaller side, or fewer images"
    );
}
