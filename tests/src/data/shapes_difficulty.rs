//! What does not solve `shapes`: the generator may not give a class away by pixels or colours.

use std::sync::OnceLock;

use supcon_data::{ImageSet, Splits, shapes};

/// Neighbours that vote.
const NEIGHBOURS: usize = 10;
const CLASSES: usize = 10;

fn data() -> &'static Splits {
    static DATA: OnceLock<Splits> = OnceLock::new();
    DATA.get_or_init(|| shapes::generate(8000, 0, 1000, 0))
}

/// Share of `hits` among the test images.
fn top1(predict: impl Fn(usize) -> u32) -> f64 {
    let test = &data().test;
    let hits = (0..test.len())
        .filter(|&index| predict(index) == test.label(index))
        .count();
    hits as f64 / test.len() as f64
}

/// Class of most of the training images with the highest scores; the smallest of equals.
fn vote(scores: impl Iterator<Item = f64>) -> u32 {
    let mut ranked: Vec<(f64, usize)> = scores.enumerate().map(|(i, score)| (score, i)).collect();
    ranked.select_nth_unstable_by(NEIGHBOURS - 1, |a, b| b.0.total_cmp(&a.0));
    let mut votes = [0; CLASSES];
    for &(_, index) in &ranked[..NEIGHBOURS] {
        votes[data().train.label(index) as usize] += 1;
    }
    (0..CLASSES as u32)
        .rev()
        .max_by_key(|&class| votes[class as usize])
        .unwrap_or(0)
}

fn knn_top1(feature: impl Fn(&ImageSet, usize) -> Vec<f64>) -> f64 {
    let features = |set| {
        (0..ImageSet::len(set))
            .map(|i| feature(set, i))
            .collect::<Vec<_>>()
    };
    let (train, test) = (features(&data().train), features(&data().test));
    top1(|index| {
        vote(train.iter().map(|row| {
            -row.iter()
                .zip(&test[index])
                .map(|(a, b)| (a - b) * (a - b))
                .sum::<f64>()
        }))
    })
}

/// In integers, so that compilers can vectorise it; 3072 · 255² fits.
fn dot(a: &[u8], b: &[u8]) -> f64 {
    let product = |(&x, &y): (&u8, &u8)| i32::from(i16::from(x)) * i32::from(i16::from(y));
    f64::from(a.iter().zip(b).map(product).sum::<i32>())
}

#[test]
fn ten_nearest_neighbours_on_pixels_fail() {
    let Splits { train, test, .. } = data();
    let squares: Vec<f64> = (0..train.len())
        .map(|i| dot(train.image(i), train.image(i)))
        .collect();
    // −|a − b|² and a·b/|a|, up to what is the same for all neighbours.
    let euclidean = top1(|index| {
        let image = test.image(index);
        vote((0..train.len()).map(|i| 2.0 * dot(train.image(i), image) - squares[i]))
    });
    let cosine = top1(|index| {
        let image = test.image(index);
        vote((0..train.len()).map(|i| dot(train.image(i), image) / squares[i].sqrt()))
    });
    eprintln!("10-NN on pixels: Euclidean {euclidean}, cosine {cosine}");
    assert!(euclidean <= 0.30 && cosine <= 0.30, "{euclidean} {cosine}");
}

#[test]
fn ten_nearest_neighbours_on_the_mean_colour_fail() {
    let found = knn_top1(|set, index| {
        let image = set.image(index);
        (0..3)
            .map(|c| image[c..].iter().step_by(3).map(|&x| f64::from(x)).sum())
            .collect()
    });
    eprintln!("10-NN on the mean colour: {found}");
    assert!(found <= 0.15, "{found}");
}

#[test]
fn ten_nearest_neighbours_on_colour_histograms_fail() {
    let found = knn_top1(|set, index| {
        let mut histogram = vec![0.0; 64];
        for pixel in set.image(index).chunks_exact(3) {
            let bin = pixel
                .iter()
                .fold(0, |bin, &value| bin * 4 + usize::from(value / 64));
            histogram[bin] += 1.0;
        }
        histogram
    });
    eprintln!("10-NN on 4×4×4 colour histograms: {found}");
    assert!(found <= 0.15, "{found}");
}

/// The tests above would also pass if the vote were broken.
#[test]
fn ten_nearest_neighbours_find_what_is_there() {
    let found = knn_top1(|set, index| vec![f64::from(set.label(index))]);
    assert_eq!(found, 1.0);
}

/// Multinomial logistic regression on pixels, `[class][pixel]` and a bias each.
struct Linear {
    weights: Vec<Vec<f32>>,
    biases: [f32; CLASSES],
}

impl Linear {
    fn logits(&self, input: &[f32]) -> [f32; CLASSES] {
        std::array::from_fn(|class| lane_dot(&self.weights[class], input) + self.biases[class])
    }

    fn predict(&self, input: &[f32]) -> u32 {
        let logits = self.logits(input);
        (0..CLASSES as u32)
            .max_by(|&a, &b| logits[a as usize].total_cmp(&logits[b as usize]))
            .unwrap_or(0)
    }

    /// One step of plain SGD on one image.
    fn learn(&mut self, input: &[f32], label: u32, rate: f32) {
        let logits = self.logits(input);
        let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let shares = logits.map(|logit| (logit - largest).exp());
        let total: f32 = shares.iter().sum();
        for (class, share) in shares.iter().enumerate() {
            let target = f32::from(u8::from(class == label as usize));
            let step = rate * (target - share / total);
            self.biases[class] += step;
            for (weight, value) in self.weights[class].iter_mut().zip(input) {
                *weight += step * value;
            }
        }
    }
}

fn lane_dot(a: &[f32], b: &[f32]) -> f32 {
    let mut lanes = [0.0; 8];
    for (a, b) in a.chunks_exact(8).zip(b.chunks_exact(8)) {
        for (lane, (a, b)) in lanes.iter_mut().zip(a.iter().zip(b)) {
            *lane += a * b;
        }
    }
    lanes.iter().sum()
}

#[test]
fn a_linear_classifier_on_pixels_fails() {
    let Splits { train, test, .. } = data();
    let input = |set: &ImageSet, index: usize| -> Vec<f32> {
        set.image(index)
            .iter()
            .map(|&x| (f32::from(x) / 255.0 - 0.46) / 0.24)
            .collect()
    };
    let mut linear = Linear {
        weights: vec![vec![0.0; 3072]; CLASSES],
        biases: [0.0; CLASSES],
    };
    for epoch in 0..8 {
        // The stride is coprime to 8000: every image once, classes mixed.
        for step in 0..train.len() {
            let index = step * 2731 % train.len();
            linear.learn(
                &input(train, index),
                train.label(index),
                1e-4 / (1.0 + epoch as f32),
            );
        }
    }
    let found = top1(|index| linear.predict(&input(test, index)));
    let hits = (0..train.len()).filter(|&i| linear.predict(&input(train, i)) == train.label(i));
    let fitted = hits.count() as f64 / train.len() as f64;
    eprintln!("linear on pixels: test {found}, training {fitted}");
    assert!(fitted >= 0.2, "it did not learn: {fitted}");
    assert!(found <= 0.30, "{found}");
}
