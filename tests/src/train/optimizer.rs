use burn::module::{Module, Param};
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor};
use supcon_protocol::{Length, OptimizerConfig, Schedule};
use supcon_train::Sgd;

#[derive(Module, Debug)]
struct OneWeight {
    weight: Param<Tensor<1>>,
}

/// PyTorch's SGD on f(w) = w²/2, w = 1, lr 0.1, momentum 0.9, weight decay 0.01, dampening 0, worked
/// out by hand: v = 0.9v + 1.01w; w −= 0.1v.
#[test]
fn sgd_is_pytorchs_with_dampening_zero() {
    let device = Device::flex().autodiff();
    let config = OptimizerConfig {
        learning_rate: 0.1,
        momentum: 0.9,
        weight_decay: 0.01,
        schedule: Schedule::Constant,
        warmup: Length::Steps(0),
    };
    let mut sgd = Sgd::new(&config);
    let mut model = OneWeight {
        weight: Param::from_tensor(Tensor::from_floats([1.0], &device)),
    };
    let (mut w, mut v) = (1.0_f64, 0.0_f64);
    for step in 0..20 {
        let weight = model.weight.val();
        let loss = (weight.clone() * weight).sum().mul_scalar(0.5);
        let gradients = GradientsParams::from_grads(loss.backward(), &model);
        model = sgd.step(0.1, model, gradients);
        v = 0.9 * v + 1.01 * w;
        w -= 0.1 * v;
        let found = model
            .weight
            .val()
            .into_data()
            .try_to_vec::<f32>()
            .expect("f32")[0];
        assert!(
            (f64::from(found) - w).abs() < 1e-6,
            "step {step}: {found} vs {w}"
        );
    }
}
