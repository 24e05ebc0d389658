//! Matrix products of small tiles through the `gemm` crate.

#![allow(
    unsafe_code,
    reason = "gemm's interface is raw pointers; lengths are asserted here"
)]

use gemm::Parallelism;

/// out `[m, n]` = scale · a `[m, k]` · b `[n, k]`ᵀ.
pub(super) fn a_bt(out: &mut [f32], a: &[f32], b: &[f32], k: usize, scale: f32) {
    let (m, n) = (a.len() / k, b.len() / k);
    assert!(a.len() == m * k && b.len() == n * k && out.len() >= m * n);
    // SAFETY: the assertion bounds all three matrices; out aliases neither (it is borrowed mutably).
    unsafe {
        gemm::gemm(
            m,
            n,
            k,
            out.as_mut_ptr(),
            1,
            n as isize,
            false,
            a.as_ptr(),
            1,
            k as isize,
            b.as_ptr(),
            k as isize,
            1,
            0.0,
            scale,
            false,
            false,
            false,
            Parallelism::None,
        );
    }
}

/// out `[m, k]` += scale · w `[m, n]` · b `[n, k]`.
pub(super) fn add_w_b(out: &mut [f32], w: &[f32], b: &[f32], k: usize, scale: f32) {
    let (m, n) = (out.len() / k, b.len() / k);
    assert!(out.len() == m * k && b.len() == n * k && w.len() >= m * n);
    // SAFETY: as above.
    unsafe {
        gemm::gemm(
            m,
            k,
            n,
            out.as_mut_ptr(),
            1,
            k as isize,
            true,
            w.as_ptr(),
            1,
            n as isize,
            b.as_ptr(),
            1,
            k as isize,
            1.0,
            scale,
            false,
            false,
            false,
            Parallelism::None,
        );
    }
}
