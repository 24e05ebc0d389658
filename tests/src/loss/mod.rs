//! The tensor losses against the `f64` reference.

mod family;
mod large;
mod memory;
pub mod modes;
pub mod oracles;
mod poison;
mod precision;
mod published;
pub mod sampled;
mod split;
mod subgroups;

use burn::tensor::{Device, Tensor, TensorData};
use supcon_loss::{BatchFacts, Columns, ContrastiveLoss, Identity, Precision, Targets};
use supcon_math::{Anchors, Objective};

/// A batch: unit rows, view-major, and who they are.
#[derive(Clone)]
pub struct Batch {
    pub z: Vec<f32>,
    pub dim: usize,
    pub labels: Vec<u32>,
    pub instances: Vec<u32>,
    /// Soft labels `[n, k]` and k; empty and 0 without.
    pub soft: (Vec<f32>, usize),
    /// The columns, where they are a set of their own.
    pub columns: Option<Box<Batch>>,
}

/// Which implementation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    Fused,
    Plain,
}
pub use Version::{Fused, Plain};

/// A loss, its facts and its gradient.
pub struct Outcome {
    pub facts: BatchFacts,
    pub gradient: Vec<f32>,
}

impl Batch {
    /// The fixed vectors of the published golden values: z_a[d] = sin(1 + 0.7a + 1.3d + 0.11ad).
    pub fn golden() -> Self {
        let z = (0..8)
            .flat_map(|a| unit((0..4).map(|d| sine(a, d)).collect()))
            .collect();
        Self {
            z,
            dim: 4,
            labels: vec![0, 1, 0, 2, 0, 1, 0, 2],
            instances: vec![0, 1, 2, 3, 0, 1, 2, 3],
            soft: (Vec::new(), 0),
            columns: None,
        }
    }

    /// Seeded noise around class centres, two views an image, so that similarities spread.
    pub fn random(images: usize, dim: usize, classes: u32, seed: u64) -> Self {
        let mut random = supcon_math::statistics::SplitMix64::new(seed);
        let mut uniform = move || (random.next_u64() >> 40) as f32 / (1_u64 << 23) as f32 - 1.0;
        let labels: Vec<u32> = (0..images as u32)
            .map(|i| i.wrapping_mul(2_654_435_761) % classes)
            .collect();
        let row = |label: u32, noise: &mut dyn FnMut() -> f32| {
            unit(
                (0..dim)
                    .map(|d| sine(label as usize, d) + 0.7 * noise())
                    .collect(),
            )
        };
        let z = labels
            .iter()
            .chain(&labels)
            .flat_map(|&label| row(label, &mut uniform))
            .collect();
        let instances = (0..images as u32).chain(0..images as u32).collect();
        Self {
            z,
            dim,
            labels: [labels.clone(), labels].concat(),
            instances,
            soft: (Vec::new(), 0),
            columns: None,
        }
    }

    /// With soft labels: half its own class, the rest spread by a fixed pattern.
    pub fn with_soft_labels(mut self, k: usize) -> Self {
        let soft_label = |(row, &label): (usize, &u32)| {
            let spread = (0..k).map(|at| 0.5 * ((row * 7 + at * 3) % 5) as f32 / 5.0);
            let mut values: Vec<f32> = spread.collect();
            values[label as usize % k] += 0.5;
            values
        };
        let values = self
            .labels
            .iter()
            .enumerate()
            .flat_map(soft_label)
            .collect();
        self.soft = (values, k);
        self
    }

    /// Against separate columns.
    pub fn against(mut self, columns: Self) -> Self {
        self.columns = Some(Box::new(columns));
        self
    }

    pub fn identity(&self) -> Identity {
        let rows = self
            .labels
            .iter()
            .copied()
            .zip(self.instances.iter().copied());
        let identity = Identity::of_rows(rows);
        match &self.soft {
            (_, 0) => identity,
            (soft, k) => identity
                .with_soft_labels(soft.clone(), *k)
                .expect("sound soft labels"),
        }
    }

    /// With the embeddings that a loss of that precision sees.
    pub fn held(&self, precision: Precision) -> Self {
        let mut held = self.clone();
        if precision == Precision::HalfStorage {
            held.z.iter_mut().for_each(|x| *x = nearest_half(*x));
            held.columns = held
                .columns
                .map(|columns| Box::new(columns.held(precision)));
        }
        held
    }

    fn tensor(&self, device: &Device) -> Tensor<2> {
        let data = TensorData::new(self.z.clone(), [self.labels.len(), self.dim]);
        Tensor::from_data(data, device)
    }

    pub fn run(&self, version: Version, loss: &ContrastiveLoss, device: &Device) -> Outcome {
        let device = device.clone().autodiff();
        let z = self.tensor(&device).require_grad();
        let column_identity = self.columns.as_ref().map(|columns| columns.identity());
        let columns = self.columns.as_ref().zip(column_identity.as_ref());
        let columns = columns.map(|(columns, identity)| Columns {
            z: columns.tensor(&device),
            identity,
        });
        let rows = match version {
            Fused => loss.fused(z.clone(), &self.identity(), columns),
            Plain => loss.plain(z.clone(), &self.identity(), columns),
        };
        let result = rows.expect("a supported loss").mean();
        let gradients = result.loss.backward();
        let gradient = z.grad(&gradients).expect("z has a gradient");
        let facts = result.facts.into_data().try_to_vec::<f32>().expect("f32");
        let facts = facts.try_into().expect("all facts");
        Outcome {
            facts: BatchFacts::from_slice(&facts),
            gradient: gradient.into_data().try_to_vec().expect("f32"),
        }
    }

    /// The reference's loss and gradient on the same (f32) embeddings.
    pub fn reference(&self, loss: &ContrastiveLoss) -> (f64, Vec<f64>) {
        let wide = |z: &[f32]| z.iter().map(|&x| f64::from(x)).collect::<Vec<f64>>();
        let z = wide(&self.z);
        let anchors = Anchors {
            z: &z,
            dim: self.dim,
            labels: &self.labels,
            instances: &self.instances,
        };
        let column_z = self.columns.as_ref().map(|columns| wide(&columns.z));
        let columns = self.columns.as_ref().zip(column_z.as_ref());
        let columns = columns.map(|(columns, z)| supcon_math::Columns {
            z,
            labels: &columns.labels,
            instances: &columns.instances,
        });
        let (objective, columns) = (&loss.objective, columns.as_ref());
        if loss.targets == Targets::Roles {
            let value = supcon_math::kernel_loss(objective, loss.kernel, &anchors, columns);
            let gradient = supcon_math::kernel_gradient(objective, loss.kernel, &anchors, columns);
            return (value.loss, gradient);
        }
        let (weights, tau) = (self.soft_weights(loss.targets), objective.temperature);
        let value = supcon_math::soft_loss(tau, &anchors, columns, &weights);
        let gradient = supcon_math::soft_gradient(tau, &anchors, columns, &weights);
        (value.loss, gradient)
    }

    /// `[n, c]`.
    fn soft_weights(&self, targets: Targets) -> Vec<f64> {
        let (columns, k) = (self.columns.as_deref().unwrap_or(self), self.soft.1);
        let pairs = self
            .soft
            .0
            .chunks(k)
            .flat_map(|a| columns.soft.0.chunks(k).map(move |b| (a, b)));
        let weight = |(a, b): (&[f32], &[f32])| {
            let pairs = a.iter().zip(b).map(|(&a, &b)| (f64::from(a), f64::from(b)));
            match targets {
                Targets::LabelDecay => (-pairs.map(|(a, b)| (a - b).abs()).sum::<f64>()).exp(),
                Targets::Roles | Targets::LabelProduct => pairs.map(|(a, b)| a * b).sum(),
            }
        };
        pairs.map(weight).collect()
    }
}

/// The nearest binary16 with a full significand, ties to even, by its definition; else 0.
pub fn nearest_half(x: f32) -> f32 {
    let wide = f64::from(x);
    let exponent = wide.abs().log2().floor();
    if exponent < -14.0 {
        return 0.0;
    }
    let step = (exponent - 10.0).exp2();
    let nearest = (wide / step).round_ties_even() * step;
    if nearest.abs() >= 65_536.0 {
        f32::INFINITY.copysign(x)
    } else {
        nearest as f32
    }
}

fn sine(a: usize, d: usize) -> f32 {
    let (a, d) = (a as f64, d as f64);
    (1.0 + 0.7 * a + 1.3 * d + 0.11 * a * d).sin() as f32
}

fn unit(row: Vec<f32>) -> Vec<f32> {
    let norm = row
        .iter()
        .map(|x| f64::from(*x) * f64::from(*x))
        .sum::<f64>()
        .sqrt()
        .max(1e-12);
    row.into_iter()
        .map(|x| (f64::from(x) / norm) as f32)
        .collect()
}

/// The paper's equations and the control experiment.
pub fn objectives(tau: f64) -> [(&'static str, ContrastiveLoss); 4] {
    [
        ("supcon", Objective::supcon(tau)),
        ("supcon_in", Objective::supcon_in(tau)),
        ("nt_xent", Objective::nt_xent(tau)),
        ("drop_same_class", Objective::drop_same_class(tau)),
    ]
    .map(|(name, objective)| (name, ContrastiveLoss::new(objective)))
}
