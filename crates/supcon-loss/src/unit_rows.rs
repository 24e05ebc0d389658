use burn::tensor::Tensor;

/// Length below which a row stands for the zero vector.
const SMALLEST_NORM: f32 = 1e-12;

/// Each row divided by its Euclidean length; the zero vector stays, with gradient exactly 0. A row that
/// is not finite, or whose length is beyond f32, is NaN.
///
/// # Shapes
/// - `x`: `[n, d]`  - returns `[n, d]`
#[must_use]
pub fn unit_rows(x: Tensor<2>) -> Tensor<2> {
    let squares = (x.clone() * x.clone()).sum_dim(1);
    let zero = squares
        .clone()
        .lower_elem(SMALLEST_NORM * SMALLEST_NORM)
        .expand(x.dims());
    // The square root has an infinite slope at 0, hence the clamp before it; the division would
    // carry a gradient of 1/SMALLEST_NORM, hence the mask.
    // A length beyond f32 would leave a zero vector: ∞ − ∞ makes it NaN, and every other length adds 0.
    let overflow = squares.clone().detach() - squares.clone().detach();
    let norm = squares.clamp_min(SMALLEST_NORM * SMALLEST_NORM).sqrt() + overflow;
    x.mask_fill(zero, 0.0) / norm
}
