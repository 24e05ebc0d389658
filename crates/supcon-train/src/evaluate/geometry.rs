use super::Features;
use crate::error::{TrainError, read_back};
use burn::tensor::Device;
use supcon_loss::unit_rows;
use supcon_math::geometry::{Alignment, Uniformity};
use supcon_protocol::{EmbeddingSpace, Geometry, Histogram};

/// Rows whose cosines are read back at a time.
const BATCH: usize = 256;
/// Bins of a histogram over cosines from −1 to 1.
const BINS: usize = 80;

/// The same images three times, in the same order.
pub(crate) struct SampledEmbeddings {
    /// As they are.
    pub(crate) plain: Features,
    /// Two augmented views of each.
    pub(crate) views: [Features; 2],
    /// Their labels.
    pub(crate) labels: Vec<u32>,
}

/// Alignment, uniformity and similarities of a sample. Every pair of its images counts, in batches
/// of rows, so that n² numbers are never kept.
pub(crate) async fn geometry(
    space: EmbeddingSpace,
    sample: &SampledEmbeddings,
    device: &Device,
) -> Result<Geometry, TrainError> {
    let device = device.clone().inner();
    let [mut own_view, mut same_class, mut other_class] =
        [Tally::new(), Tally::new(), Tally::new()];
    let [first, second] = &sample.views;
    let [first, second] = [first, second].map(|view| unit_rows(view.to_tensor(&device)));
    for cosine in read_back((first * second).sum_dim(1)).await? {
        own_view.add(cosine);
    }
    let mut uniformity = Uniformity::default();
    let labels = &sample.labels;
    let n = labels.len();
    let rows = unit_rows(sample.plain.to_tensor(&device));
    for start in (0..n).step_by(BATCH) {
        let batch = rows.clone().slice(start..n.min(start + BATCH));
        let cosines = read_back(batch.matmul(rows.clone().transpose())).await?;
        for (at, row) in cosines.chunks_exact(n).enumerate() {
            let i = start + at;
            for j in i + 1..n {
                uniformity.add(f64::from(row[j]));
                let same = labels[i] == labels[j];
                let tally = if same {
                    &mut same_class
                } else {
                    &mut other_class
                };
                tally.add(row[j]);
            }
        }
    }
    Ok(Geometry {
        space,
        images: n,
        view_alignment: own_view.alignment.value().unwrap_or(0.0),
        class_alignment: same_class.alignment.value(),
        uniformity: uniformity.value().unwrap_or(0.0),
        own_view: own_view.histogram(),
        same_class: same_class.histogram(),
        other_class: other_class.histogram(),
    })
}

/// Cosines counted as they come.
struct Tally {
    counts: Vec<u64>,
    sum: f64,
    alignment: Alignment,
}

impl Tally {
    fn new() -> Self {
        Self {
            counts: vec![0; BINS],
            sum: 0.0,
            alignment: Alignment::default(),
        }
    }

    fn add(&mut self, cosine: f32) {
        // Rounding may carry a cosine a little past ±1.
        let cosine = f64::from(cosine).clamp(-1.0, 1.0);
        let bin = ((cosine + 1.0) / 2.0 * BINS as f64) as usize;
        self.counts[bin.min(BINS - 1)] += 1;
        self.sum += cosine;
        self.alignment.add(cosine);
    }

    fn histogram(self) -> Histogram {
        let total: u64 = self.counts.iter().sum();
        Histogram {
            low: -1.0,
            high: 1.0,
            mean: (total > 0).then(|| self.sum / total as f64),
            counts: self.counts,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{SampledEmbeddings, geometry};
    use crate::ComputeDevice;
    use crate::evaluate::Features;
    use supcon_protocol::{EmbeddingSpace, Geometry};

    fn of(plain: Vec<f32>, views: [Vec<f32>; 2], labels: &[u32], len: usize) -> Geometry {
        let features = |values| Features { values, len };
        let sample = SampledEmbeddings {
            plain: features(plain),
            views: views.map(features),
            labels: labels.to_vec(),
        };
        let device = ComputeDevice::cpu().device;
        pollster::block_on(geometry(EmbeddingSpace::Features, &sample, &device)).unwrap()
    }

    #[test]
    fn four_points_on_a_circle() {
        // East twice (class 0, once five times as long), north and west (class 1).
        let plain = vec![1.0, 0.0, 5.0, 0.0, 0.0, 1.0, -1.0, 0.0];
        let turned = vec![1.0, 0.0, 0.0, 2.0, 0.0, -1.0, -1.0, 0.0];
        let found = of(plain.clone(), [plain, turned], &[0, 0, 1, 1], 2);
        // View pairs: cosines 1, 0, −1, 1.
        assert!((found.view_alignment - (0.0 + 2.0 + 4.0 + 0.0) / 4.0).abs() < 1e-6);
        // Pairs of a class: cosines 1 and 0.
        assert!((found.class_alignment.unwrap() - 1.0).abs() < 1e-6);
        // All pairs: one at 0, three at ‖·‖² = 2, two at 4.
        let mean = (1.0 + 3.0 * (-4_f64).exp() + 2.0 * (-8_f64).exp()) / 6.0;
        assert!((found.uniformity - mean.ln()).abs() < 1e-6);
        let totals = [&found.own_view, &found.same_class, &found.other_class].map(|h| h.total());
        assert_eq!(totals, [4, 2, 4]);
        assert!((found.other_class.mean.unwrap() + 0.5).abs() < 1e-6);
        assert_eq!(
            (found.other_class.counts[0], found.other_class.counts[40]),
            (2, 2)
        );
        assert_eq!(
            (found.own_view.counts[79], found.own_view.counts[0]),
            (2, 1)
        );
    }

    #[test]
    fn more_rows_than_a_batch_give_every_pair_once() {
        let n = 600;
        let values: Vec<f32> = (0..n * 3)
            .map(|i| ((i * 37 % 101) as f32 - 50.0) / 50.0)
            .collect();
        let labels: Vec<u32> = (0..n as u32).map(|i| i % 7).collect();
        let found = of(values.clone(), [values.clone(), values.clone()], &labels, 3);
        assert_eq!(
            found.same_class.total() + found.other_class.total(),
            (n * (n - 1) / 2) as u64
        );
        assert!(found.view_alignment.abs() < 1e-5);
        // The definition, pair by pair.
        let unit: Vec<Vec<f64>> = values
            .chunks(3)
            .map(|x| {
                let length = x.iter().map(|&v| f64::from(v).powi(2)).sum::<f64>().sqrt();
                x.iter().map(|&v| f64::from(v) / length).collect()
            })
            .collect();
        let mut sum = 0.0;
        for i in 0..n {
            for j in 0..n {
                let d: f64 = (0..3).map(|k| (unit[i][k] - unit[j][k]).powi(2)).sum();
                sum += if i == j { 0.0 } else { (-2.0 * d).exp() };
            }
        }
        let expected = (sum / (n * (n - 1)) as f64).ln();
        assert!(
            (found.uniformity - expected).abs() < 1e-5,
            "{} {expected}",
            found.uniformity
        );
    }

    #[test]
    fn a_class_of_one_has_no_class_alignment() {
        let points = vec![1.0, 0.0, 0.0, 1.0];
        let found = of(points.clone(), [points.clone(), points], &[0, 1], 2);
        assert_eq!((found.class_alignment, found.same_class.mean), (None, None));
    }
}
