//! More rows and columns than 2¹⁶, in the dispatches that the loss is split into.

use super::Batch;
use super::oracles::{assert_two_times_rule, relative_error};
use crate::devices;
use burn::backend::wgpu::{KernelSource, SourceKernel, SourceTemplate};
use burn::cubecl::{
    CubeCount, CubeDim,
    client::Client,
    prelude::KernelId,
    server::{Handle, KernelArguments},
};
use rayon::prelude::*;
use supcon_loss::{Adapter, ContrastiveLoss, Dispatch, Pass, Shape};
use supcon_math::Objective;

const DIM: usize = 128;
const TAU: f64 = 0.1;

#[test]
fn few_anchors_meet_65_536_columns() {
    let columns = Batch::random(32_768, DIM, 10, 5);
    let batch = Batch::random(32, DIM, 10, 6).against(columns);
    let loss = ContrastiveLoss::new(Objective::supcon(TAU));
    assert_two_times_rule(&batch, "supcon", &loss, "64 anchors, 65 536 columns");
}

#[test]
fn anchors_beyond_65_536_meet_few_columns() {
    let columns = Batch::random(32, DIM, 10, 7);
    let batch = Batch::random(33_001, DIM, 10, 8).against(columns);
    let loss = ContrastiveLoss::new(Objective::supcon(TAU));
    assert_two_times_rule(&batch, "supcon", &loss, "66 002 anchors, 64 columns");
}

/// The tile whose rows the next test computes.
const ROWS: std::ops::Range<usize> = 65_472..65_536;
const N: usize = 65_536;

/// What the kernels read of 65 536 rows: statistics are made up, for the true ones take n² pairs, and
/// the gradient is a function of whatever they are.
struct Given {
    batch: Batch,
    peaks: Vec<f64>,
    /// Rows of each label.
    count: [usize; 10],
}

const EXCESS: f64 = 0.5;

impl Given {
    fn new() -> Self {
        let batch = Batch::random(N / 2, DIM, 10, 9);
        let mut count = [0; 10];
        for &label in &batch.labels {
            count[label as usize] += 1;
        }
        // Of f32, about the logarithms of such sums.
        let peaks = (0..N).map(|i| f64::from(17.0 + (i as f32).sin())).collect();
        Self {
            batch,
            peaks,
            count,
        }
    }

    fn statistics(&self) -> Vec<f32> {
        let mut stats = vec![0.0; N * ContrastiveLoss::STATISTICS];
        for (i, row) in stats
            .chunks_exact_mut(ContrastiveLoss::STATISTICS)
            .enumerate()
        {
            (row[1], row[2]) = (self.peaks[i] as f32, EXCESS as f32);
            (row[5], row[9]) = (self.positives(i) as f32, 1.0);
        }
        stats
    }

    fn positives(&self, i: usize) -> f64 {
        (self.count[self.batch.labels[i] as usize] - 1) as f64
    }

    fn row(&self, i: usize) -> impl Iterator<Item = f64> + '_ {
        self.batch.z[i * DIM..][..DIM].iter().map(|&x| f64::from(x))
    }

    fn logit(&self, i: usize, j: usize) -> f64 {
        self.row(i)
            .zip(self.row(j))
            .map(|(a, b)| a * b)
            .sum::<f64>()
            / TAU
    }

    fn is_positive(&self, i: usize, j: usize) -> bool {
        self.batch.labels[i] == self.batch.labels[j]
    }

    /// Loss and ln of the denominator, by eq. 2 of the paper.
    fn forward(&self, i: usize) -> [f64; 2] {
        let others = (0..N).filter(|&j| j != i);
        let logits: Vec<(f64, bool)> = others
            .map(|j| (self.logit(i, j), self.is_positive(i, j)))
            .collect();
        // |logits| ≤ 10: nothing overflows.
        let log = logits.iter().map(|(s, _)| s.exp()).sum::<f64>().ln();
        let positives = logits.iter().filter(|(_, positive)| *positive);
        let mean = positives.map(|(s, _)| s).sum::<f64>() / self.positives(i);
        [log - mean, log]
    }

    /// G of anchor i against column j, times n·τ.
    fn pull(&self, i: usize, j: usize, logit: f64) -> f64 {
        let share = (logit - self.peaks[i]).exp() / (1.0 + EXCESS);
        let target = if self.is_positive(i, j) {
            1.0 / self.positives(i)
        } else {
            0.0
        };
        share - target
    }

    fn gradient(&self, i: usize) -> Vec<f64> {
        let mut sum = vec![0.0; DIM];
        for j in (0..N).filter(|&j| j != i) {
            let logit = self.logit(i, j);
            let weight = (self.pull(i, j, logit) + self.pull(j, i, logit)) / (TAU * N as f64);
            sum.iter_mut()
                .zip(self.row(j))
                .for_each(|(sum, x)| *sum += weight * x);
        }
        sum
    }
}

#[derive(Clone, Debug)]
struct Kernel(Dispatch);

impl KernelSource for Kernel {
    fn source(&self) -> SourceTemplate {
        SourceTemplate::new(self.0.constants.text(self.0.pass))
    }

    fn id(&self) -> KernelId {
        KernelId::new::<Self>().info((self.0.pass, self.0.constants))
    }

    fn lang(&self) -> &'static str {
        "wgsl"
    }
}

/// Launches what the plan has for the tile [`ROWS`], over all its parts of the columns.
fn launch(client: &Client, dispatches: &[Dispatch], buffers: &[&Handle]) {
    for dispatch in dispatches {
        let mut one = dispatch.clone();
        one.params[1..3].copy_from_slice(&[ROWS.start as u32, ROWS.end as u32]);
        let groups = ROWS.len().div_ceil(16 * one.constants.micro);
        let params: Vec<u8> = one.params.iter().flat_map(|x| x.to_le_bytes()).collect();
        let params = client.create_from_slice(&params);
        let bindings = buffers.iter().copied().chain([&params]);
        client.launch(
            Box::new(SourceKernel::new(Kernel(one), CubeDim::new_2d(16, 16))),
            CubeCount::Static(groups as u32, 1, 1),
            KernelArguments::new()
                .with_buffers(bindings.map(|handle| handle.clone().binding()).collect()),
        );
    }
}

fn floats(client: &Client, handle: Handle) -> Vec<f32> {
    let bytes = client.read_one(handle).expect("read back");
    let words = bytes.chunks_exact(4);
    words
        .map(|word| f32::from_le_bytes(word.try_into().expect("4 bytes")))
        .collect()
}

/// Rows that are their own columns, 65 536 of them: one tile of rows past all columns, where a whole
/// pass takes software hours.
#[test]
fn the_last_of_65_536_rows_meet_them_all() {
    let Some(client) = devices::software_client() else {
        return;
    };
    let given = Given::new();
    let loss = ContrastiveLoss::new(Objective::supcon(TAU));
    let shape = Shape {
        rows: N,
        columns: None,
        dim: DIM,
        soft_dim: 0,
        adapter: Adapter {
            workgroup_memory: client.properties().hardware.max_shared_memory_size,
            subgroups: false,
        },
    };
    let last = |pass| {
        let all = loss
            .dispatches(shape)
            .expect("a supported loss")
            .into_iter();
        let of_rows = all.filter(move |one| one.pass == pass && one.params[2] == N as u32);
        of_rows.collect::<Vec<_>>()
    };
    let put = |floats: &[f32]| {
        let bytes: Vec<u8> = floats.iter().flat_map(|x| x.to_le_bytes()).collect();
        client.create_from_slice(&bytes)
    };
    let identity = given.batch.identity().packed_bits(&loss.objective, None, 0);
    let identity: Vec<u8> = identity.iter().flat_map(|x| x.to_le_bytes()).collect();
    let identity = client.create_from_slice(&identity);
    let z = put(&given.batch.z);
    let nothing = [(); 2].map(|()| client.empty(4));
    let operands = [&z, &nothing[0], &identity, &nothing[1]];

    let stats = client.empty(N * ContrastiveLoss::STATISTICS * 4);
    let scratch = client.empty(N * ContrastiveLoss::SCRATCH * 4);
    let forward = last(Pass::Forward);
    assert!(forward.len() > 50, "{} parts", forward.len());
    launch(
        &client,
        &forward,
        &[&operands[..], &[&stats, &scratch]].concat(),
    );
    let found = floats(&client, stats);
    for i in ROWS.step_by(9) {
        let row = &found[i * ContrastiveLoss::STATISTICS..];
        let [loss, log] = given.forward(i);
        for (found, exact) in [(row[0], loss), (row[10], log)] {
            let error = (f64::from(found) - exact).abs() / exact;
            assert!(error < 1e-6, "row {i}: {found} vs {exact}");
        }
        // What the backward pass divides by: peak and excess, whose logarithm hides what was rounded away.
        let log_of_sum = f64::from(row[1]) + f64::from(row[2]).ln_1p();
        let error = (log_of_sum - log).exp_m1();
        eprintln!("row {i} of 65 536 on wgpu: denominator off by {error:.1e} of it");
        assert!(error.abs() < 1e-6, "denominator of row {i}: {error:e}");
        assert_eq!(
            f64::from(row[5]),
            given.positives(i),
            "positives of row {i}"
        );
    }

    let stats = put(&given.statistics());
    let weights = put(&vec![1.0 / N as f32; N]);
    let dz = client.empty(N * DIM * 4);
    launch(
        &client,
        &last(Pass::Backward),
        &[&operands[..], &[&stats, &weights, &dz]].concat(),
    );
    let found = &floats(&client, dz)[ROWS.start * DIM..ROWS.end * DIM];
    let exact: Vec<f64> = ROWS
        .into_par_iter()
        .flat_map_iter(|i| given.gradient(i))
        .collect();
    let error = relative_error(found, &exact);
    eprintln!("65 536 rows on wgpu: gradient error {error:.1e}");
    assert!(error < 2e-6, "gradient error {error:e}");
}
