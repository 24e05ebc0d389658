//! The tensor losses against the `f64` reference.

mod oracles;
mod poison;

use burn::tensor::{Device, Tensor, TensorData};
use supcon_loss::{BatchFacts, BatchLoss, Identity, LossError, contrastive_loss, plain_loss};
use supcon_math::{Anchors, Objective};

/// A batch: unit rows, view-major, and who they are.
#[derive(Clone)]
pub struct Batch {
    pub z: Vec<f32>,
    pub dim: usize,
    pub labels: Vec<u32>,
    pub instances: Vec<u32>,
}

/// Which implementation.
pub type Loss = fn(Tensor<2>, &Identity, &Objective) -> Result<BatchLoss, LossError>;
pub const FUSED: Loss = contrastive_loss;
pub const PLAIN: Loss = plain_loss;

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
        }
    }

    pub fn identity(&self, device: &Device) -> Identity {
        Identity::of_rows(
            self.labels
                .iter()
                .zip(&self.instances)
                .map(|(&l, &i)| [l, i]),
            device,
        )
    }

    pub fn run(&self, loss: Loss, objective: &Objective, device: &Device) -> Outcome {
        let device = device.clone().autodiff();
        let data = TensorData::new(self.z.clone(), [self.labels.len(), self.dim]);
        let z = Tensor::<2>::from_data(data, &device).require_grad();
        let result =
            loss(z.clone(), &self.identity(&device), objective).expect("a supported objective");
        let gradients = result.loss.backward();
        let gradient = z.grad(&gradients).expect("z has a gradient");
        let facts = result.facts.into_data().try_to_vec::<f32>().expect("f32");
        Outcome {
            facts: BatchFacts::from_slice(&[facts[0], facts[1], facts[2]]),
            gradient: gradient.into_data().try_to_vec().expect("f32"),
        }
    }

    /// The reference's loss and gradient on the same (f32) embeddings.
    pub fn reference(&self, objective: &Objective) -> (f64, Vec<f64>) {
        let z: Vec<f64> = self.z.iter().map(|&x| f64::from(x)).collect();
        let anchors = Anchors {
            z: &z,
            dim: self.dim,
            labels: &self.labels,
            instances: &self.instances,
        };
        (
            supcon_math::loss(objective, &anchors, None).loss,
            supcon_math::gradient(objective, &anchors, None),
        )
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

/// Every objective the kernels know.
pub fn objectives(tau: f64) -> [(&'static str, Objective); 4] {
    [
        ("supcon", Objective::supcon(tau)),
        ("supcon_in", Objective::supcon_in(tau)),
        ("nt_xent", Objective::nt_xent(tau)),
        ("drop_same_class", Objective::drop_same_class(tau)),
    ]
}
