//! The rules, one parameter at a time. Letters are those of [`OptimizerConfig`].

use super::Slots;
use burn::tensor::Tensor;
use supcon_protocol::{OptimizerConfig, OptimizerKind};

/// A rule with its constants.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    kind: OptimizerKind,
    momentum: f64,
    nesterov: bool,
    weight_decay: f64,
    trust_coefficient: f64,
    trust_clip: bool,
    square_decay: f64,
    epsilon: f64,
}

impl Rule {
    pub(super) fn new(config: &OptimizerConfig) -> Self {
        Self {
            kind: config.kind,
            momentum: config.momentum,
            nesterov: config.nesterov,
            weight_decay: config.weight_decay,
            trust_coefficient: config.trust_coefficient,
            trust_clip: config.trust_clip,
            square_decay: config.square_decay,
            epsilon: config.epsilon,
        }
    }

    /// The parameter after step `steps` (from 1), and what is kept of it.
    pub(super) fn apply<const D: usize>(
        &self,
        weight: Tensor<D>,
        gradient: Tensor<D>,
        slots: Slots<D>,
        excluded: bool,
        rate: f64,
        steps: u32,
    ) -> (Tensor<D>, Slots<D>) {
        match self.kind {
            OptimizerKind::Sgd => {
                let gradient = self.decayed(&weight, gradient, excluded);
                self.descend(weight, gradient, slots, rate)
            }
            OptimizerKind::AdamW => self.adam_w(weight, gradient, slots, excluded, rate, steps),
            OptimizerKind::Lars => {
                let mut gradient = self.decayed(&weight, gradient, excluded);
                if !excluded {
                    gradient = self.google_trust(&weight, &gradient) * gradient;
                }
                // The rate is inside the momentum.
                self.descend(weight, gradient.mul_scalar(rate), slots, 1.0)
            }
            OptimizerKind::LarsSolo => {
                if !excluded {
                    let gradient = self.solo_gradient(&weight, gradient, rate);
                    return self.descend(weight, gradient, slots, rate);
                }
                self.descend(weight, gradient, slots, rate)
            }
            OptimizerKind::Rmsprop => self.rmsprop(weight, gradient, slots, excluded, rate),
        }
    }

    /// g + λw.
    fn decayed<const D: usize>(
        &self,
        weight: &Tensor<D>,
        gradient: Tensor<D>,
        excluded: bool,
    ) -> Tensor<D> {
        if excluded || self.weight_decay == 0.0 {
            return gradient;
        }
        gradient + weight.clone().mul_scalar(self.weight_decay)
    }

    /// v ← μv + g; w ← w − ηv, with Nesterov w − η(g + μv).
    fn descend<const D: usize>(
        &self,
        weight: Tensor<D>,
        gradient: Tensor<D>,
        slots: Slots<D>,
        rate: f64,
    ) -> (Tensor<D>, Slots<D>) {
        let ahead = self.nesterov.then(|| gradient.clone());
        let velocity = match slots.velocity {
            Some(velocity) => velocity.mul_scalar(self.momentum) + gradient,
            None => gradient,
        };
        let step = match ahead {
            Some(gradient) => gradient + velocity.clone().mul_scalar(self.momentum),
            None => velocity.clone(),
        };
        let slots = Slots {
            velocity: Some(velocity),
            square: None,
        };
        (weight - step.mul_scalar(rate), slots)
    }

    /// η_trust‖w‖/‖g‖ of a gradient that holds its decay; 1 where a norm is 0.
    fn google_trust<const D: usize>(&self, weight: &Tensor<D>, gradient: &Tensor<D>) -> Tensor<D> {
        let (weight, gradient) = (norm(weight), norm(gradient));
        let none = is_zero(&weight).bool_or(is_zero(&gradient));
        let trust = weight.mul_scalar(self.trust_coefficient) / gradient;
        broad(trust.mask_fill(none, 1.0))
    }

    /// trust · (g + λw); g alone where a norm is 0.
    fn solo_gradient<const D: usize>(
        &self,
        weight: &Tensor<D>,
        gradient: Tensor<D>,
        rate: f64,
    ) -> Tensor<D> {
        let (weight_norm, gradient_norm) = (norm(weight), norm(&gradient));
        let none = is_zero(&weight_norm).bool_or(is_zero(&gradient_norm));
        let whole = gradient_norm + weight_norm.clone().mul_scalar(self.weight_decay);
        let mut trust =
            weight_norm.mul_scalar(self.trust_coefficient) / whole.add_scalar(self.epsilon);
        if self.trust_clip {
            trust = trust.div_scalar(rate).clamp_max(1.0);
        }
        let decay = trust.clone().mul_scalar(self.weight_decay);
        let decay = decay.mask_fill(none.clone(), 0.0);
        gradient * broad(trust.mask_fill(none, 1.0)) + weight.clone() * broad(decay)
    }

    fn adam_w<const D: usize>(
        &self,
        weight: Tensor<D>,
        gradient: Tensor<D>,
        slots: Slots<D>,
        excluded: bool,
        rate: f64,
        steps: u32,
    ) -> (Tensor<D>, Slots<D>) {
        let decay = if excluded { 0.0 } else { self.weight_decay };
        let weight = weight.mul_scalar(1.0 - rate * decay);
        let mean = mean(self.momentum, slots.velocity, gradient.clone(), 0.0);
        let square = mean_of_squares(self.square_decay, slots.square, gradient, 0.0);
        let corrected = |decay: f64| 1.0 - libm::pow(decay, f64::from(steps));
        let root = square
            .clone()
            .div_scalar(corrected(self.square_decay))
            .sqrt()
            .add_scalar(self.epsilon);
        let step = mean.clone().mul_scalar(rate / corrected(self.momentum)) / root;
        let slots = Slots {
            velocity: Some(mean),
            square: Some(square),
        };
        (weight - step, slots)
    }

    fn rmsprop<const D: usize>(
        &self,
        weight: Tensor<D>,
        gradient: Tensor<D>,
        slots: Slots<D>,
        excluded: bool,
        rate: f64,
    ) -> (Tensor<D>, Slots<D>) {
        let gradient = self.decayed(&weight, gradient, excluded);
        let square = mean_of_squares(self.square_decay, slots.square, gradient.clone(), 1.0);
        let root = square.clone().add_scalar(self.epsilon).sqrt();
        let step = gradient.mul_scalar(rate) / root;
        let velocity = match slots.velocity {
            Some(velocity) => velocity.mul_scalar(self.momentum) + step,
            None => step,
        };
        let slots = Slots {
            velocity: Some(velocity.clone()),
            square: Some(square),
        };
        (weight - velocity, slots)
    }
}

/// decay · old + (1 − decay) · new; the old starts at `first`.
fn mean<const D: usize>(
    decay: f64,
    old: Option<Tensor<D>>,
    new: Tensor<D>,
    first: f64,
) -> Tensor<D> {
    let new = new.mul_scalar(1.0 - decay);
    match old {
        Some(old) => old.mul_scalar(decay) + new,
        None => new.add_scalar(decay * first),
    }
}

fn mean_of_squares<const D: usize>(
    decay: f64,
    old: Option<Tensor<D>>,
    gradient: Tensor<D>,
    first: f64,
) -> Tensor<D> {
    mean(decay, old, gradient.clone() * gradient, first)
}

/// ‖x‖ as `[1]`. Rows first: flex splits the sum of a whole large tensor by whichever thread is free.
fn norm<const D: usize>(x: &Tensor<D>) -> Tensor<1> {
    let dims = x.dims();
    let rows = dims[0];
    let row = dims.iter().skip(1).product::<usize>();
    let squares = (x.clone() * x.clone()).reshape([rows, row]);
    squares.sum_dim(1).sum().sqrt()
}

fn is_zero(norm: &Tensor<1>) -> Tensor<1, burn::tensor::Bool> {
    norm.clone().equal_elem(0.0)
}

/// A `[1]` that multiplies a tensor of D dimensions.
fn broad<const D: usize>(x: Tensor<1>) -> Tensor<D> {
    x.reshape([1; D])
}
