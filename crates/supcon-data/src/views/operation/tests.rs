//! Against Pillow: `tests/golden/views.json`, made by `tests/golden/views.py`.

use serde::Deserialize;
use std::collections::BTreeMap;

use super::*;

#[derive(Deserialize)]
struct Golden {
    images: BTreeMap<String, Picture>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Picture {
    height: usize,
    width: usize,
    pixels: String,
}

#[derive(Deserialize)]
struct Case {
    operation: String,
    argument: Argument,
    image: String,
    pixels: String,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(untagged)]
enum Argument {
    Number(f64),
    Part([usize; 4]),
}

fn bytes(hex: &str) -> Vec<u8> {
    let pairs = hex.as_bytes().chunks_exact(2);
    let byte = |pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap();
    pairs.map(byte).collect()
}

fn operation(case: &Case) -> Operation {
    let number = match case.argument {
        Argument::Number(number) => number,
        Argument::Part([top, left, height, width]) => {
            assert_eq!(case.operation, "cutout");
            return Operation::Cutout(Rectangle {
                top,
                left,
                height,
                width,
            });
        }
    };
    match case.operation.as_str() {
        "shear_x" => Operation::ShearX(number),
        "shear_y" => Operation::ShearY(number),
        "translate_x" => Operation::TranslateX(number),
        "translate_y" => Operation::TranslateY(number),
        "rotate" => Operation::Rotate(number),
        "auto_contrast" => Operation::AutoContrast,
        "equalize" => Operation::Equalize,
        "invert" => Operation::Invert,
        "solarize" => Operation::Solarize(number as u16),
        "solarize_add" => Operation::SolarizeAdd(number as u8),
        "posterize" => Operation::Posterize(number as u8),
        "contrast" => Operation::Contrast(number as f32),
        "color" => Operation::Color(number as f32),
        "brightness" => Operation::Brightness(number as f32),
        "sharpness" => Operation::Sharpness(number as f32),
        other => panic!("no operation {other}"),
    }
}

fn planes(picture: &Picture) -> Planes {
    let mut planes = Planes::new(picture.height, picture.width);
    let whole = Rectangle {
        top: 0,
        left: 0,
        height: picture.height,
        width: picture.width,
    };
    planes.crop(&bytes(&picture.pixels), whole, false);
    planes
}

#[test]
fn every_operation_makes_pillows_bytes() {
    let text = include_str!("../../../../../tests/golden/views.json");
    let golden: Golden = serde_json::from_str(text).unwrap();
    let mut wrong = Vec::new();
    for case in &golden.cases {
        let mut planes = planes(&golden.images[&case.image]);
        planes.operate(&[operation(case)], 128);
        let mut found = vec![0; planes.height * planes.width * CHANNELS];
        planes.write(&mut found);
        let expected = bytes(&case.pixels);
        let differ = found.iter().zip(&expected).filter(|(a, b)| a != b).count();
        if found != expected {
            let name = (&case.operation, case.argument, &case.image);
            wrong.push(format!("{name:?}: {differ} of {}", expected.len()));
        }
    }
    assert!(golden.cases.len() > 100);
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn operations_follow_each_other_and_none_is_none() {
    let picture = Picture {
        height: 1,
        width: 2,
        pixels: "0a14ff80c801".to_owned(),
    };
    let mut planes = planes(&picture);
    let before = planes.channels.clone();
    planes.operate(&[], 128);
    assert_eq!(planes.channels, before);
    planes.operate(&[Operation::Invert, Operation::TranslateX(1.0)], 9);
    let mut found = [0; 6];
    planes.write(&mut found);
    assert_eq!(found, [127, 55, 254, 9, 9, 9]);
}

#[test]
fn the_fill_is_the_configured_byte() {
    let picture = Picture {
        height: 2,
        width: 1,
        pixels: "0a0a0a141414".to_owned(),
    };
    let mut planes = planes(&picture);
    planes.operate(&[Operation::TranslateY(-1.0)], 77);
    let mut found = [0; 6];
    planes.write(&mut found);
    assert_eq!(found, [77, 77, 77, 10, 10, 10]);
}
