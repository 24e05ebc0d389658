//! `cargo xtask bench loss`: time and memory of the fused loss beside plain tensor operations.

#![allow(
    unsafe_code,
    reason = "a counting allocator implements an unsafe trait; it only adds up sizes"
)]

use burn::cubecl::device::WgpuDeviceKind;
use burn::cubecl::{Device as CubeDevice, MemoryScope};
use burn::tensor::{Device, Tensor, TensorData};
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Instant;
use supcon_loss::{Columns, ContrastiveLoss, Identity, Precision};
use supcon_math::{Objective, statistics::SplitMix64};
use supcon_protocol::DeviceChoice;
use supcon_train::ComputeDevice;

/// Length of an embedding, as in the paper.
const DIM: usize = 128;
const CLASSES: u32 = 10;
/// Rows of a batch, the paper's sizes and beyond.
const SIZES: [usize; 7] = [512, 1_024, 2_048, 4_096, 8_192, 16_384, 65_536];
/// Columns of their own where time does not allow all rows.
const FEW_COLUMNS: usize = 64;
/// Timed pairs of each size.
const REPEATS: usize = 7;
/// The same on wgpu.
const REPEATS_ON_WGPU: usize = 3;
/// Plain tensor operations hold several n×n matrices: more rows than this take many GiB.
const MOST_PLAIN_ROWS: usize = 8_192;

struct Counting;

static NOW: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call goes to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        PEAK.fetch_max(
            NOW.fetch_add(layout.size(), Relaxed) + layout.size(),
            Relaxed,
        );
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        NOW.fetch_sub(layout.size(), Relaxed);
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[derive(Clone, Copy)]
enum Version {
    Fused,
    /// Fused, in half storage.
    Halves,
    Plain,
}

/// A batch of two views an image.
struct Batch {
    z: Tensor<2>,
    identity: Identity,
}

impl Batch {
    fn new(rows: usize, device: &Device) -> Self {
        let mut random = SplitMix64::new(rows as u64);
        let mut uniform = || (random.next_u64() >> 40) as f32 / (1_u64 << 23) as f32 - 1.0;
        let z: Vec<f32> = (0..rows * DIM).map(|_| uniform()).collect();
        let z = Tensor::from_data(TensorData::new(z, [rows, DIM]), device);
        let labels: Vec<u32> = (0..rows as u32 / 2).map(|image| image % CLASSES).collect();
        Self {
            z: supcon_loss::unit_rows(z),
            identity: Identity::of_views(&labels, 2),
        }
    }

    /// Forward and backward, waited for: seconds, and bytes above what was held before.
    fn run(&self, version: Version) -> (f64, usize) {
        self.run_against(version, None)
    }

    /// The same against columns of their own.
    fn run_against(&self, version: Version, columns: Option<&Self>) -> (f64, usize) {
        let columns = columns.map(|columns| Columns {
            z: columns.z.clone(),
            identity: &columns.identity,
        });
        let z = self.z.clone().detach().require_grad();
        let loss = ContrastiveLoss::new(Objective::supcon(0.1));
        let before = NOW.load(Relaxed);
        PEAK.store(before, Relaxed);
        let start = Instant::now();
        let rows = match version {
            Version::Fused => loss.fused(z.clone(), &self.identity, columns),
            Version::Halves => loss.with_precision(Precision::HalfStorage).fused(
                z.clone(),
                &self.identity,
                columns,
            ),
            Version::Plain => loss.plain(z.clone(), &self.identity, columns),
        };
        let gradients = rows.expect("sound").mean().loss.backward();
        let gradient = z.grad(&gradients).expect("z has a gradient");
        let _: f32 = gradient.sum().into_scalar();
        (start.elapsed().as_secs_f64(), PEAK.load(Relaxed) - before)
    }
}

/// Median and range.
fn spread(mut seconds: Vec<f64>) -> (f64, String) {
    seconds.sort_by(f64::total_cmp);
    let (least, most) = (seconds[0], seconds[seconds.len() - 1]);
    let median = seconds[seconds.len() / 2];
    (median, format!("[{:.1}–{:.1}]", least * 1e3, most * 1e3))
}

fn mib(bytes: usize) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

/// Bytes that CubeCL holds of the adapter beyond those of z, padding and unused parts of its pages
/// included. Its pools keep what a pass took until they are told to clean up.
fn beyond_z(rows: usize) -> usize {
    let device = CubeDevice::wgpu(WgpuDeviceKind::Cpu).expect("wgpu is built in");
    let report = device.client().memory_report(MemoryScope::Device);
    report.usage().bytes_reserved as usize - rows * DIM * size_of::<f32>()
}

/// Memory of the WGSL on a software adapter, and the time as it comes: it says nothing about GPUs.
/// `SUPCON_BENCH_WGPU_ROWS=16384` times another size (16 384 rows take it many minutes).
fn wgpu() {
    let opened = pollster::block_on(ComputeDevice::open(DeviceChoice::Software));
    let device = match opened {
        Ok(device) => device,
        Err(error) => return println!("\nno WGSL measured: {error}"),
    };
    println!(
        "\nthe same on {}, fused, in full and in halves, n = {REPEATS_ON_WGPU} interleaved, 1 beyond 2 048 rows",
        device.description
    );
    println!(
        "{:>6}  {:>9} {:>17}  {:>9} {:>17}  {:>13}",
        "rows", "full ms", "range", "halves ms", "range", "full MiB"
    );
    let named = std::env::var("SUPCON_BENCH_WGPU_ROWS").ok();
    let sizes = named.map_or_else(
        || vec![512, 2_048],
        |rows| rows.split(',').flat_map(str::parse).collect(),
    );
    for rows in sizes {
        let batch = Batch::new(rows, &device.device.clone().autodiff());
        device.device.memory_cleanup();
        // The first pair compiles too: a median of several drops it.
        let repeats = if rows > 2_048 { 1 } else { REPEATS_ON_WGPU };
        let (mut full, mut halves, mut bytes) = (Vec::new(), Vec::new(), 0);
        for repeat in 0..repeats {
            full.push(batch.run(Version::Fused).0);
            if repeat == 0 {
                bytes = beyond_z(rows);
            }
            halves.push(batch.run(Version::Halves).0);
        }
        let ((full, full_range), (halves, halves_range)) = (spread(full), spread(halves));
        println!(
            "{rows:>6}  {:>9.0} {full_range:>17}  {:>9.0} {halves_range:>17}  {:>13.1}",
            full * 1e3,
            halves * 1e3,
            mib(bytes)
        );
    }
    memory_on_wgpu(&device.device.autodiff());
}

/// Memory at every size: nothing that a pass asks for depends on the columns but for their own
/// embeddings and identities (`tests/src/loss/memory.rs` compares), so a few of them will do.
fn memory_on_wgpu(device: &Device) {
    println!(
        "\nbytes held beyond z for the same rows against {FEW_COLUMNS} columns, forward + backward, MiB"
    );
    println!("{:>6}  {:>9}  {:>9}", "rows", "full", "halves");
    let columns = Batch::new(FEW_COLUMNS, device);
    for rows in SIZES {
        let batch = Batch::new(rows, device);
        let [full, halves] = [Version::Fused, Version::Halves].map(|version| {
            device.memory_cleanup();
            let _ = batch.run_against(version, Some(&columns));
            mib(beyond_z(rows))
        });
        println!("{rows:>6}  {full:>9.1}  {halves:>9.1}");
    }
}

fn main() {
    // `wgpu` alone leaves the CPU out.
    if !std::env::args().any(|argument| argument == "wgpu") {
        cpu();
    }
    wgpu();
}

fn cpu() {
    let device = Device::flex().autodiff();
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    println!(
        "forward + backward of L_out, d = {DIM}, {CLASSES} classes, Burn flex, {threads} threads, n = {REPEATS} interleaved\n"
    );
    println!(
        "{:>6}  {:>9} {:>17}  {:>9} {:>17}  {:>6}  {:>9} {:>9}  {:>7}",
        "rows",
        "fused ms",
        "range",
        "plain ms",
        "range",
        "ratio",
        "fused MiB",
        "plain MiB",
        "1→2 thr"
    );
    for rows in SIZES {
        let batch = Batch::new(rows, &device);
        let repeats = if rows > 16_384 { 1 } else { REPEATS };
        let with_plain = rows <= MOST_PLAIN_ROWS;
        let (mut fused, mut plain, mut one) = (Vec::new(), Vec::new(), Vec::new());
        let (mut fused_bytes, mut plain_bytes) = (0, 0);
        let single = rayon::ThreadPoolBuilder::new()
            .num_threads(1)
            .build()
            .expect("a thread");
        for _ in 0..repeats {
            let (seconds, bytes) = batch.run(Version::Fused);
            fused.push(seconds);
            fused_bytes = fused_bytes.max(bytes);
            if with_plain {
                let (seconds, bytes) = batch.run(Version::Plain);
                plain.push(seconds);
                plain_bytes = plain_bytes.max(bytes);
            }
            one.push(single.install(|| batch.run(Version::Fused)).0);
        }
        let (fused, fused_range) = spread(fused);
        let scaling = spread(one).0 / fused;
        let (plain_ms, plain_range, ratio, plain_mib) = if with_plain {
            let (plain, range) = spread(plain);
            (
                format!("{:.1}", plain * 1e3),
                range,
                format!("{:.2}×", plain / fused),
                format!("{:.1}", mib(plain_bytes)),
            )
        } else {
            ["—"; 4].map(str::to_owned).into()
        };
        println!(
            "{rows:>6}  {:>9.1} {fused_range:>17}  {plain_ms:>9} {plain_range:>17}  {ratio:>6}  {:>9.1} {plain_mib:>9}  {scaling:>6.2}×",
            fused * 1e3,
            mib(fused_bytes),
        );
    }
}
