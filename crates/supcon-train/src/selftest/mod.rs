//! A device against the CPU: this stack's kernels have been wrong before (burn#5626, #5257), and
//! silently.

mod layers;
mod losses;

use crate::error::TrainError;
use crate::model::feature_len;
use burn::tensor::{Device, Tensor, TensorData};
use layers::Layer;
use losses::LossCase;
use supcon_math::statistics::SplitMix64;
use supcon_protocol::{EncoderName, HeadKind, Network, RunConfig};

/// Largest difference, relative to the largest number, that rounding explains in f32.
pub const TOLERANCE: f64 = 1e-3;

/// One comparison.
#[derive(Clone, Debug, PartialEq)]
pub struct SelfTestCheck {
    /// What ran.
    pub what: String,
    /// Largest difference from the CPU, relative to the largest number; NaN if one is not finite.
    pub error: f64,
}

impl SelfTestCheck {
    /// Whether rounding explains the difference.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.error <= TOLERANCE
    }
}

/// What a computation gave: its outputs and gradients, each compared by its own scale.
type Values = Vec<Vec<f32>>;

#[derive(Clone, Copy, Debug)]
enum Case {
    Layer(Layer),
    Loss(LossCase),
}

impl Case {
    async fn run(self, device: &Device) -> Result<Values, TrainError> {
        match self {
            Self::Layer(layer) => layer.run(device).await,
            Self::Loss(loss) => loss.run(device).await,
        }
    }
}

/// Computations to compare between a device and the CPU.
#[derive(Clone, Debug)]
pub struct SelfTest {
    cases: Vec<(String, Case)>,
}

impl SelfTest {
    /// Every layer shape of an encoder and every loss mode, forward and backward.
    ///
    /// # Errors
    /// If the encoder cannot be built.
    pub async fn full(encoder: EncoderName) -> Result<Self, TrainError> {
        let losses = losses::all().into_iter();
        Self::new(encoder.into(), losses).await
    }

    /// What a run will use: its encoder's layer shapes and its methods' losses.
    ///
    /// # Errors
    /// As [`SelfTest::full`].
    pub async fn of_run(config: &RunConfig) -> Result<Self, TrainError> {
        let dim = match config.projection_head.kind {
            HeadKind::None => feature_len(config.network()),
            _ => config.projection_head.out,
        };
        let contrastive = config.methods.iter().filter(|m| m.is_contrastive());
        let losses = contrastive.map(|&method| LossCase::of_method(config, method, dim));
        Self::new(config.network(), losses).await
    }

    async fn new(
        network: Network,
        losses: impl Iterator<Item = (String, LossCase)>,
    ) -> Result<Self, TrainError> {
        let layers = Layer::of(network).await?.into_iter();
        let layers = layers.map(|layer| (layer.to_string(), Case::Layer(layer)));
        let losses = losses.map(|(what, loss)| (what, Case::Loss(loss)));
        Ok(Self {
            cases: layers.chain(losses).collect(),
        })
    }

    /// What is left of it after what has been `seen`, by the names of its checks.
    #[must_use]
    pub fn without(mut self, seen: impl Fn(&str) -> bool) -> Self {
        self.cases.retain(|(what, _)| !seen(what));
        self
    }

    /// Number of checks.
    #[must_use]
    pub fn len(&self) -> usize {
        self.cases.len()
    }

    /// Whether there is nothing to check.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cases.is_empty()
    }

    /// Runs everything on `device` and on the CPU.
    ///
    /// # Errors
    /// When the device is lost.
    pub async fn run(&self, device: &Device) -> Result<Vec<SelfTestCheck>, TrainError> {
        let cpu = Device::flex();
        let mut checks = Vec::with_capacity(self.len());
        for (what, case) in &self.cases {
            let found = case.run(device).await?;
            let expected = case.run(&cpu).await?;
            checks.push(SelfTestCheck {
                what: what.clone(),
                error: difference(&found, &expected),
            });
        }
        Ok(checks)
    }
}

fn no_gradient(what: &str) -> TrainError {
    TrainError::Device(format!("{what} has no gradient"))
}

/// Uniform in ±1.
fn noise<const D: usize>(shape: [usize; D], seed: u64, device: &Device) -> Tensor<D> {
    let values = uniform(shape.iter().product(), seed);
    Tensor::from_data(TensorData::new(values, shape), device)
}

/// Rows of noise brought to unit length before the device sees them: half storage would round an
/// input that differs by its last bit to another f16.
fn unit_noise([rows, dim]: [usize; 2], seed: u64, device: &Device) -> Tensor<2> {
    let mut values = uniform(rows * dim, seed);
    for row in values.chunks_exact_mut(dim) {
        let norm = row.iter().map(|x| x * x).sum::<f32>().sqrt();
        row.iter_mut().for_each(|x| *x /= norm);
    }
    Tensor::from_data(TensorData::new(values, [rows, dim]), device)
}

fn uniform(count: usize, seed: u64) -> Vec<f32> {
    let mut random = SplitMix64::new(seed);
    let mut next = || (random.next_u64() >> 40) as f32 / (1_u64 << 23) as f32 - 1.0;
    (0..count).map(|_| next()).collect()
}

/// The largest of the tensors' differences, each relative to its own largest number.
fn difference(found: &Values, expected: &Values) -> f64 {
    if found.len() != expected.len() {
        return f64::NAN;
    }
    let each = found.iter().zip(expected).map(|(f, e)| relative(f, e));
    each.fold(0.0, larger)
}

fn relative(found: &[f32], expected: &[f32]) -> f64 {
    if found.len() != expected.len() {
        return f64::NAN;
    }
    let largest = expected
        .iter()
        .fold(1e-12_f32, |largest, x| largest.max(x.abs()));
    let differences = found.iter().zip(expected).map(|(a, b)| (a - b).abs());
    differences
        .map(|difference| f64::from(difference / largest))
        .fold(0.0, larger)
}

/// Keeps a NaN.
fn larger(worst: f64, next: f64) -> f64 {
    if next > worst || next.is_nan() {
        next
    } else {
        worst
    }
}

#[cfg(test)]
mod tests {
    use super::{SelfTest, TOLERANCE, difference};
    use burn::tensor::Device;
    use supcon_protocol::{EncoderName, Method, PRESETS};

    #[test]
    fn the_cpu_agrees_with_itself() {
        let checks = pollster::block_on(async {
            let test = SelfTest::full(EncoderName::Tiny).await?;
            test.run(&Device::flex()).await
        });
        let checks = checks.expect("runs");
        assert!(checks.len() > 35);
        for check in checks {
            assert!(check.error == 0.0, "{check:?}");
        }
    }

    #[test]
    fn a_run_is_tested_for_its_own_layers_and_losses_and_once() {
        let mut config = PRESETS[0].config();
        config.methods = Method::ALL.to_vec();
        let test = pollster::block_on(SelfTest::of_run(&config)).expect("builds");
        let losses = test
            .cases
            .iter()
            .filter(|(what, _)| what.contains("loss of"));
        assert_eq!(losses.count(), Method::ALL.len() - 1);
        let seen: Vec<String> = test.cases.iter().map(|(what, _)| what.clone()).collect();
        assert!(
            test.without(|what| seen.iter().any(|s| s == what))
                .is_empty()
        );
    }

    #[test]
    fn a_wrong_or_poisoned_device_fails() {
        let passed = |found: &[&[f32]]| {
            let found = found.iter().map(|values| values.to_vec()).collect();
            difference(&found, &vec![vec![1.0, 2.0], vec![0.001]]) <= TOLERANCE
        };
        assert!(passed(&[&[1.0, 2.0001], &[0.001]]));
        assert!(!passed(&[&[1.0, 2.1], &[0.001]]));
        // A small tensor is judged by its own scale.
        assert!(!passed(&[&[1.0, 2.0], &[0.0012]]));
        assert!(!passed(&[&[f32::NAN, 2.0], &[0.001]]));
        assert!(!passed(&[&[1.0], &[0.001]]));
        assert!(!passed(&[&[1.0, 2.0]]));
    }
}
