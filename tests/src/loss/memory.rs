//! What the loss takes of an adapter's memory.

use super::Batch;
use burn::cubecl::device::WgpuDeviceKind;
use burn::cubecl::{Device as CubeDevice, MemoryScope};
use burn::tensor::{Device, DeviceKind, Tensor, TensorData};
use supcon_loss::{Columns, ContrastiveLoss};
use supcon_math::Objective;

const DIM: usize = 128;
const MIB: u64 = 1 << 20;

/// A device of its own, so that nothing of other tests lies in its pools; `None` without an adapter.
fn own_device() -> Option<Device> {
    crate::devices::gpu()?;
    let options = Device::wgpu_options().device_kind(DeviceKind::DefaultDevice);
    Some(options.init().expect("the adapter opens once more"))
}

/// Bytes reserved of the adapter, padding and unused parts of pages included. The pools keep what
/// they have had until they are told to clean up.
fn reserved() -> u64 {
    let device = CubeDevice::wgpu(WgpuDeviceKind::DefaultDevice).expect("wgpu is built in");
    let report = device.client().memory_report(MemoryScope::Device);
    report.usage().bytes_reserved
}

/// Most bytes that forward and backward of `rows` anchors reserve beyond z, against themselves or
/// 64 columns of their own.
fn peak(rows: usize, separate: bool, loss: &ContrastiveLoss, device: &Device) -> u64 {
    let batch = Batch::random(rows / 2, DIM, 10, 3);
    let columns = Batch::random(32, DIM, 10, 4);
    let (identity, met) = (batch.identity(), columns.identity());
    device.memory_cleanup();
    let autodiff = device.clone().autodiff();
    let upload = |z: &[f32]| {
        let data = TensorData::new(z.to_vec(), [z.len() / DIM, DIM]);
        Tensor::<2>::from_data(data, &autodiff)
    };
    let z = upload(&batch.z).require_grad();
    let columns = separate.then(|| Columns {
        z: upload(&columns.z),
        identity: &met,
    });
    let value = loss
        .fused(z.clone(), &identity, columns)
        .expect("sound")
        .mean();
    let gradient = z.grad(&value.loss.backward()).expect("z has a gradient");
    let peak = reserved() - (rows * DIM * size_of::<f32>()) as u64;
    let sum: f32 = gradient.sum().into_scalar();
    assert!(sum.is_finite());
    peak
}

/// The bars of the loss's memory. No request of a pass depends on the columns but for their own
/// embeddings and identities, which rows that meet themselves do not have: so the largest batches,
/// for which software takes hours, are measured against few columns, and small ones both ways.
#[test]
fn memory_on_wgpu_is_linear_in_the_rows() {
    let Some(device) = own_device() else { return };
    let full = ContrastiveLoss::new(Objective::supcon(0.1));
    let halves = full.with_precision(supcon_loss::Precision::HalfStorage);
    for (precision, loss) in [("full", full), ("halves", halves)] {
        let (joint, apart) = (
            peak(1_024, false, &loss, &device),
            peak(1_024, true, &loss, &device),
        );
        eprintln!("1024 rows in {precision}: {joint} bytes, against 64 columns {apart}");
        // Pages apart; a matrix of the pairs would be 4 MiB.
        assert!(joint < apart + MIB, "{precision}: {joint} > {apart}");
        for (rows, bar) in [(16_384, 64 * MIB), (65_536, 256 * MIB)] {
            let found = peak(rows, true, &loss, &device);
            eprintln!(
                "{rows} rows in {precision}: {:.1} MiB",
                found as f64 / MIB as f64
            );
            assert!(found <= bar, "{rows} rows in {precision}: {found} bytes");
        }
    }
}
