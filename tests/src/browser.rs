//! Inputs and expected numbers of `cargo xtask browser`, which runs the WGSL in a real browser
//! (`web/tests/shaders.js`).

use crate::loss::oracles::{SLACK, relative_error, rounding_floor};
use crate::loss::sampled::l_out;
use crate::loss::{Batch, Plain};
use crate::shaders::every_specialisation;
use burn::tensor::Device;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use supcon_loss::{
    Adapter, ContrastiveLoss, Pass, Precision, Shape, Subgroups, Targets, half_words_text,
};
use supcon_math::{Denominator, Kernel, Objective};

/// WebGPU's default limit, and what the larger tile needs.
const WORKGROUP_BYTES: [usize; 2] = [16 * 1024, 32 * 1024];

/// A loss on a batch.
struct Case {
    name: String,
    batch: Batch,
    loss: ContrastiveLoss,
    workgroup_bytes: usize,
}

impl Case {
    fn new(name: &str, batch: Batch, loss: ContrastiveLoss) -> Self {
        let (n, dim) = (batch.labels.len(), batch.dim);
        Self {
            name: format!("{name}, {n} rows, d = {dim}"),
            batch,
            loss,
            workgroup_bytes: WORKGROUP_BYTES[0],
        }
    }

    fn with_large_tile(self) -> Self {
        Self {
            name: format!("{}, 64×64 tiles", self.name),
            workgroup_bytes: WORKGROUP_BYTES[1],
            ..self
        }
    }

    /// What the page needs to run it.
    fn inputs(&self) -> Value {
        let batch = &self.batch;
        let soft_dim = match self.loss.targets {
            Targets::Roles => 0,
            Targets::LabelProduct | Targets::LabelDecay => batch.soft.1,
        };
        let shape = Shape {
            rows: batch.labels.len(),
            columns: batch.columns.as_ref().map(|columns| columns.labels.len()),
            dim: batch.dim,
            soft_dim,
            adapter: Adapter {
                workgroup_memory: self.workgroup_bytes,
                subgroups: false,
            },
        };
        let dispatches = self.loss.dispatches(shape).expect("a supported loss");
        let half = self.loss.precision == Precision::HalfStorage;
        let rounding = half.then(|| ("half_words", half_words_text(batch.dim)));
        let subgroups = self.loss.subgroups == Subgroups::Forced;
        let sources: BTreeMap<&str, String> = dispatches
            .iter()
            .map(|one| {
                let text = one.constants.text(one.pass);
                (pass_name(one.pass), for_browsers(text, subgroups))
            })
            .chain(rounding)
            .collect();
        let dispatches = dispatches.iter().map(|one| {
            json!({ "pass": pass_name(one.pass), "params": one.params, "groups": one.groups })
        });
        let columns = batch.columns.as_ref();
        let met = columns.map(|columns| columns.identity());
        let objective = &self.loss.objective;
        json!({
            "name": self.name,
            "rows": shape.rows,
            "dim": shape.dim,
            "half": half,
            "workgroup_memory": self.workgroup_bytes,
            "subgroups": subgroups,
            "statistics": ContrastiveLoss::STATISTICS,
            "scratch": ContrastiveLoss::SCRATCH,
            "z": bits(&batch.z),
            "columns": columns.map(|columns| bits(&columns.z)),
            "identity": batch.identity().packed_bits(objective, met.as_ref(), soft_dim),
            "column_identity": met.as_ref().map(|met| met.packed_bits(&Objective::supcon(1.0), None, soft_dim)),
            "sources": sources,
            "dispatches": dispatches.collect::<Vec<_>>(),
        })
    }

    /// With the reference's numbers, and the bar that native kernels are held to.
    fn judged(&self) -> Value {
        let held = self.batch.held(self.loss.precision);
        let (loss, gradient) = held.reference(&self.loss);
        let plain = self.loss.with_precision(Precision::Full);
        let plain = held.run(Plain, &plain, &Device::flex());
        let slack = SLACK + rounding_floor(&self.loss);
        let loss_error = (plain.facts.loss - loss).abs() / loss.abs().max(1e-30);
        let gradient_error = relative_error(&plain.gradient, &gradient);
        with(
            self.inputs(),
            &json!({
                "loss": loss,
                "loss_bar": 2.0 * loss_error + slack,
                "gradient": gradient,
                "gradient_bar": 2.0 * gradient_error + slack,
            }),
        )
    }

    /// The same for a batch whose n×n pairs are too many for the f64 reference: some rows of it.
    fn sampled(&self) -> Value {
        let sampled = l_out(&self.batch, self.loss.objective.temperature, 16);
        let plain = self.batch.run(Plain, &self.loss, &Device::flex());
        let found = sampled.of(&plain.gradient, self.batch.dim);
        let loss_error = (plain.facts.loss - sampled.loss).abs() / sampled.loss;
        let gradient_error = relative_error(&found, &sampled.gradient);
        with(
            self.inputs(),
            &json!({
                "loss": sampled.loss,
                "loss_bar": 2.0 * loss_error + SLACK,
                "gradient": sampled.gradient,
                "gradient_rows": sampled.rows,
                "gradient_bar": 2.0 * gradient_error + SLACK,
            }),
        )
    }

    fn poisoned(mut self, poison: f32) -> Value {
        let at = 5 * self.batch.dim + 2;
        self.batch.z[at] = poison;
        self.name = format!("{}, a {poison} among them", self.name);
        with(self.inputs(), &json!({ "poisoned": true }))
    }
}

/// Browsers demand the directive that naga refuses.
fn for_browsers(source: String, subgroups: bool) -> String {
    if subgroups {
        format!("enable subgroups;\n{source}")
    } else {
        source
    }
}

fn pass_name(pass: Pass) -> &'static str {
    match pass {
        Pass::Forward => "forward",
        Pass::Shares => "shares",
        Pass::Backward => "backward",
    }
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|x| x.to_bits()).collect()
}

fn with(mut value: Value, more: &Value) -> Value {
    let entries = more.as_object().into_iter().flatten();
    for (key, entry) in entries {
        value[key] = entry.clone();
    }
    value
}

/// Every kind of switch, similarity, target and size.
fn cases() -> Vec<Case> {
    let supcon = Objective::supcon(0.1);
    let denominator = |denominator, objective| Objective {
        denominator,
        ..objective
    };
    let capped = |cap| Objective {
        positives_cap: Some(cap),
        ..supcon
    };
    let mut cases = Vec::new();
    for (name, objective) in [
        ("supcon", supcon),
        ("supcon_in", Objective::supcon_in(0.1)),
        ("nt_xent", Objective::nt_xent(0.1)),
        ("drop_same_class", Objective::drop_same_class(0.1)),
        (
            "one positive",
            denominator(Denominator::OnePositive, supcon),
        ),
        (
            "one positive, in",
            denominator(Denominator::OnePositive, Objective::supcon_in(0.1)),
        ),
        (
            "only negatives",
            denominator(Denominator::OnlyNegatives, supcon),
        ),
        ("cap 0", capped(0)),
        ("cap 2", capped(2)),
        ("tau 0.01", Objective::supcon(0.01)),
    ] {
        let loss = ContrastiveLoss::new(objective);
        cases.push(Case::new(name, Batch::random(35, 19, 5, 35), loss));
    }
    let one_positive = ContrastiveLoss::new(denominator(Denominator::OnePositive, supcon));
    let one_class = Batch::random(6, 19, 1, 3);
    cases.push(Case::new(
        "one positive, no negatives",
        one_class,
        one_positive,
    ));
    let plain = ContrastiveLoss::new(supcon);
    for kernel in [
        Kernel::Rbf { width: 0.7 },
        Kernel::Laplacian { width: 1.5 },
        Kernel::Polynomial {
            offset: 0.5,
            degree: 3,
        },
        Kernel::StudentT { freedom: 1.0 },
    ] {
        let loss = ContrastiveLoss::new(Objective::supcon(0.5)).with_kernel(kernel);
        let name = format!("{kernel:?}");
        cases.push(Case::new(&name, Batch::random(35, 19, 5, 8), loss));
    }
    for targets in [Targets::LabelProduct, Targets::LabelDecay] {
        let batch = Batch::random(35, 19, 5, 3).with_soft_labels(5);
        let name = format!("{targets:?}");
        cases.push(Case::new(&name, batch, plain.with_targets(targets)));
    }
    let queue = Batch::random(41, 19, 5, 77);
    let keyed = Batch::random(20, 19, 5, 12).against(queue);
    cases.push(Case::new("separate columns", keyed, plain));
    for (images, dim, classes) in [(1, 3, 1), (2, 1, 2), (67, 130, 10), (20, 512, 7)] {
        let batch = Batch::random(images, dim, classes, images as u64);
        cases.push(Case::new("supcon", batch, plain));
    }
    let half = plain.with_precision(Precision::HalfStorage);
    let keyed = Batch::random(20, 19, 5, 12).against(Batch::random(41, 19, 5, 77));
    cases.push(Case::new("halves, separate columns", keyed, half));
    for (images, dim, classes) in [(2, 1, 2), (67, 130, 10)] {
        let batch = Batch::random(images, dim, classes, images as u64);
        cases.push(Case::new("halves", batch, half));
    }
    let tiled = || Batch::random(150, 64, 10, 4);
    cases.push(Case::new("supcon", tiled(), plain));
    cases.push(Case::new("supcon", tiled(), plain).with_large_tile());
    cases.push(Case::new("halves", tiled(), half).with_large_tile());
    cases.extend(through_subgroups());
    cases
}

/// Each form of a row, at a size that fills no tile, and with the larger tile.
fn through_subgroups() -> Vec<Case> {
    let case = |name: &str, objective| {
        let loss = ContrastiveLoss::new(objective).with_subgroups(Subgroups::Forced);
        let name = format!("{name} through subgroups");
        Case::new(&name, Batch::random(35, 19, 5, 35), loss)
    };
    let supcon_in = Objective::supcon_in(0.1);
    let one_positive = Objective {
        denominator: Denominator::OnePositive,
        ..supcon_in
    };
    vec![
        case("supcon_in", supcon_in),
        case("one positive, in,", one_positive),
        case("supcon", Objective::supcon(0.1)).with_large_tile(),
    ]
}

fn put(folder: &Path, name: &str, value: &Value) {
    let path = folder.join(name);
    let text = serde_json::to_string(value).expect("JSON");
    std::fs::write(&path, text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}

#[test]
#[ignore = "writes files: `cargo xtask browser` runs it"]
fn write_inputs() {
    let folder = std::env::var_os("SUPCON_BROWSER_INPUTS").expect("SUPCON_BROWSER_INPUTS");
    let folder = PathBuf::from(folder);
    let shaders = every_specialisation().into_iter();
    let shaders = shaders.map(|shader| {
        json!({
            "name": shader.name,
            "subgroups": shader.subgroups,
            "source": for_browsers(shader.source, shader.subgroups),
        })
    });
    put(&folder, "shaders.json", &shaders.collect());
    let supcon = ContrastiveLoss::new(Objective::supcon(0.1));
    let mut all: Vec<Value> = cases().iter().map(Case::judged).collect();
    for poison in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        for (name, precision) in [
            ("supcon", Precision::Full),
            ("halves", Precision::HalfStorage),
        ] {
            let loss = supcon.with_precision(precision);
            let case = Case::new(name, Batch::random(20, 19, 3, 4), loss);
            all.push(case.poisoned(poison));
        }
    }
    let rows = match std::env::var_os("SUPCON_BROWSER_LARGE") {
        Some(_) => 8_192,
        None => 1_024,
    };
    let large = Case::new("supcon", Batch::random(rows / 2, 128, 10, 13), supcon);
    all.push(large.sampled());
    put(&folder, "cases.json", &Value::from(all));
}
