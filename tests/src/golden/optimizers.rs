//! Every optimiser, step by step, against PyTorch's or the published rule written out.

use super::{list, number, numbers, read, text};
use burn::module::{Module, Param};
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor, TensorData};
use serde_json::Value;
use supcon_protocol::{Exclusion, Length, OptimizerConfig, OptimizerKind};
use supcon_train::Optimizer;

/// The parameters of the file, in its order.
#[derive(Module, Debug)]
struct Problem {
    weight: Param<Tensor<2>>,
    bias: Param<Tensor<1>>,
    norm: BatchNorm,
    zero: Param<Tensor<2>>,
    still: Param<Tensor<2>>,
}

/// Excluded by its type, as the encoders' own is.
#[derive(Module, Debug)]
struct BatchNorm {
    gamma: Param<Tensor<1>>,
}

/// Calls `$visit` with each parameter and its index.
macro_rules! each {
    ($problem:expr, $visit:ident) => {{
        let problem = $problem;
        $visit!(0, &problem.weight);
        $visit!(1, &problem.bias);
        $visit!(2, &problem.norm.gamma);
        $visit!(3, &problem.zero);
        $visit!(4, &problem.still);
    }};
}

impl Problem {
    fn new(file: &Value, device: &Device) -> Self {
        let initial = |p: usize| numbers(&file["parameters"][p]["initial"]);
        Self {
            weight: Param::from_tensor(tensor(&initial(0), [3, 4], device)),
            bias: Param::from_tensor(tensor(&initial(1), [4], device)),
            norm: BatchNorm {
                gamma: Param::from_tensor(tensor(&initial(2), [4], device)),
            },
            zero: Param::from_tensor(tensor(&initial(3), [2, 2], device)),
            still: Param::from_tensor(tensor(&initial(4), [2, 3], device)),
        }
    }

    fn gradients(&self, step: &Value) -> GradientsParams {
        let mut gradients = GradientsParams::new();
        macro_rules! register {
            ($p:expr, $param:expr) => {
                let like = $param.val().inner();
                let values = numbers(&step[$p]);
                let gradient = tensor(&values, like.dims(), &like.device());
                gradients.register($param.id, gradient);
            };
        }
        each!(self, register);
        gradients
    }

    fn values(&self) -> Vec<Vec<f32>> {
        let mut all = Vec::new();
        macro_rules! collect {
            ($p:expr, $param:expr) => {
                all.push($param.val().into_data().try_to_vec::<f32>().expect("f32"));
            };
        }
        each!(self, collect);
        all
    }
}

fn tensor<const D: usize>(values: &[f64], shape: [usize; D], device: &Device) -> Tensor<D> {
    let values: Vec<f32> = values.iter().map(|&x| x as f32).collect();
    Tensor::from_data(TensorData::new(values, shape), device)
}

/// `None` for the forms that are not offered: PyTorch's RMSProp and Adam with decay in the gradient.
fn config(kind: &str, hyper: &Value) -> Option<OptimizerConfig> {
    let or = |key: &str, otherwise: f64| hyper[key].as_f64().unwrap_or(otherwise);
    let flag = |key: &str| hyper[key].as_bool().unwrap_or(false);
    let kind = match kind {
        "sgd" => OptimizerKind::Sgd,
        "adam" if flag("decoupled") || or("weight_decay", 0.0) == 0.0 => OptimizerKind::AdamW,
        "lars_google" => OptimizerKind::Lars,
        "lars_solo" => OptimizerKind::LarsSolo,
        "rmsprop_tensorflow" => OptimizerKind::Rmsprop,
        _ => return None,
    };
    let excluded: Vec<f64> = hyper["excluded"]
        .as_array()
        .map_or_else(Vec::new, |list| list.iter().map(number).collect());
    Some(OptimizerConfig {
        kind,
        momentum: or("momentum", or("beta1", 0.0)),
        square_decay: or("decay", or("beta2", 0.999)),
        epsilon: or("epsilon", 1e-8),
        nesterov: flag("nesterov"),
        trust_coefficient: or("eta", 0.001),
        trust_clip: flag("clip"),
        exclude: match excluded.as_slice() {
            [] => Exclusion::None,
            [2.0] => Exclusion::BatchNorm,
            [1.0, 2.0] => Exclusion::OneDimensional,
            other => panic!("no exclusion is {other:?}"),
        },
        ..OptimizerConfig::sgd(1.0, or("weight_decay", 0.0), Length::Steps(0))
    })
}

#[test]
fn optimizers_are_the_published_ones_step_by_step() {
    let file = read("optimizers.json");
    let mut compared = 0;
    for run in list(&file["runs"]) {
        let name = text(&run["name"]);
        let Some(config) = config(text(&run["kind"]), &run["hyper"]) else {
            continue;
        };
        compared += 1;
        for (device_name, device) in crate::devices::cpu() {
            follow(
                &file,
                run,
                &config,
                &device.autodiff(),
                &format!("{name} on {device_name}"),
            );
        }
    }
    assert_eq!(
        compared, 24,
        "all but Adam with decay in the gradient and PyTorch's RMSProp"
    );
}

/// A rule that is right on the CPU and wrong on a GPU would be a kernel's fault: one run a kind.
#[test]
fn optimizers_move_the_same_on_a_gpu() {
    let Some(device) = crate::devices::gpu() else {
        return;
    };
    let file = read("optimizers.json");
    for wanted in [
        "sgd, nesterov, weight decay 0.05, falling rate",
        "adamw, weight decay 0.3, falling rate",
        "lars, google, falling rate",
        "lars, solo-learn, clipped",
        "rmsprop, tensorflow, weight decay, falling rate",
    ] {
        let mut runs = list(&file["runs"]).iter();
        let run = runs.find(|run| text(&run["name"]) == wanted).expect(wanted);
        let config = config(text(&run["kind"]), &run["hyper"]).expect("offered");
        follow(&file, run, &config, &device.clone().autodiff(), wanted);
    }
}

fn follow(file: &Value, run: &Value, config: &OptimizerConfig, device: &Device, what: &str) {
    let mut problem = Problem::new(file, device);
    let mut optimizer = Optimizer::new(config);
    let rates = numbers(&run["learning_rates"]);
    for (at, &rate) in rates.iter().enumerate() {
        let gradients = problem.gradients(&file["gradients"][at]);
        problem = optimizer.step(rate, problem, gradients);
        let stored = list(&run["after"]).iter();
        for after in stored.filter(|after| number(&after["step"]) as usize == at + 1) {
            let expected = list(&after["parameters"]).iter().map(numbers);
            for (p, (found, expected)) in problem.values().iter().zip(expected).enumerate() {
                assert_close(
                    found,
                    &expected,
                    &format!("{what}, step {}, parameter {p}", at + 1),
                );
            }
        }
    }
}

/// f32 against f64 over 20 steps: 1e-5 of the parameter's largest entry.
fn assert_close(found: &[f32], expected: &[f64], what: &str) {
    let largest = expected.iter().fold(1e-2_f64, |most, x| most.max(x.abs()));
    for (found, expected) in found.iter().zip(expected) {
        let error = (f64::from(*found) - expected).abs();
        assert!(error < 1e-5 * largest, "{what}: {found} vs {expected}");
    }
}
