//! `cargo xtask bench train`: what a training step costs, by part, and beside the bare network.

mod bare;
mod layers;
mod step;

use bare::BareStep;
use burn::tensor::Device;
use step::{OurStep, PARTS};
use supcon_protocol::EncoderName;

/// Images in a batch; two views of each make 256 rows.
const IMAGES: usize = 128;
/// Timed pairs.
const PAIRS: usize = 30;
/// Pairs before the clock counts.
const WARM_UP: usize = 2;

/// Median, and the quartiles about it.
fn spread(mut values: Vec<f64>) -> (f64, f64, f64) {
    values.sort_by(f64::total_cmp);
    let at = |share: f64| values[((values.len() - 1) as f64 * share).round() as usize];
    (at(0.5), at(0.25), at(0.75))
}

fn main() {
    // Cargo itself adds `--bench`.
    let named: Vec<String> = std::env::args().skip(1).collect();
    let wanted = |encoder: &EncoderName| {
        let name = encoder.to_string();
        let any = named.iter().any(|word| !word.starts_with("--"));
        !any || named.contains(&name)
    };
    let device = Device::flex().autodiff();
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    println!(
        "{IMAGES} images in two views, SupCon, SGD with momentum and decay, Burn flex, {threads} threads; n = {PAIRS} pairs, ours and bare in turns; milliseconds, median [quartiles]\n"
    );
    let encoders = [
        EncoderName::Tiny,
        EncoderName::Resnet20,
        EncoderName::Resnet18,
    ];
    for encoder in encoders.into_iter().filter(wanted) {
        compare(encoder, &device);
    }
    println!("single layers, {} rows", 2 * IMAGES);
    for (name, secs) in layers::time(2 * IMAGES, PAIRS, &device) {
        line(name, secs);
    }
}

fn compare(encoder: EncoderName, device: &Device) {
    let mut ours = OurStep::new(encoder, IMAGES, device);
    let mut bare = BareStep::new(encoder, 2 * IMAGES, device);
    let (mut parts, mut bares, mut ratios) =
        (vec![Vec::new(); PARTS.len()], Vec::new(), Vec::new());
    let mut totals = Vec::new();
    for pair in 0..WARM_UP + PAIRS {
        // In turns, and the one first that was second before: neither gets the warmer cache.
        let (step, other) = if pair % 2 == 0 {
            let step = ours.step();
            (step, bare.step())
        } else {
            let other = bare.step();
            (ours.step(), other)
        };
        if pair < WARM_UP {
            continue;
        }
        let total: f64 = step.iter().sum();
        for (all, secs) in parts.iter_mut().zip(step) {
            all.push(secs);
        }
        totals.push(total);
        bares.push(other);
        ratios.push(total / other);
    }
    println!("{encoder}");
    for (name, secs) in PARTS.iter().zip(parts) {
        line(name, secs);
    }
    line("whole step", totals);
    line("bare forward, backward, SGD", bares);
    let (median, low, high) = spread(ratios);
    println!(
        "  {:<28} {median:>8.3}  [{low:.3}–{high:.3}]\n",
        "ratio of each pair"
    );
}

fn line(name: &str, secs: Vec<f64>) {
    let (median, low, high) = spread(secs.into_iter().map(|s| s * 1e3).collect());
    println!("  {name:<28} {median:>8.2}  [{low:.2}–{high:.2}]");
}
