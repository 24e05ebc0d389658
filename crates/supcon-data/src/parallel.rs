/// Calls `body(scratch, index, chunk)` for every `chunk_len` items of `out`, on all threads
/// natively. Each chunk is written by one call that depends on nothing but its index, so the number
/// of threads cannot change the result.
#[cfg(not(target_family = "wasm"))]
pub(crate) fn for_each_chunk<T: Send, S>(
    out: &mut [T],
    chunk_len: usize,
    scratch: impl Fn() -> S + Sync + Send,
    body: impl Fn(&mut S, usize, &mut [T]) + Sync + Send,
) {
    use rayon::prelude::*;
    if chunk_len > 0 {
        out.par_chunks_mut(chunk_len).enumerate().for_each_init(
            scratch,
            |scratch, (index, chunk)| {
                body(scratch, index, chunk);
            },
        );
    }
}

/// The browser's worker has one thread.
#[cfg(target_family = "wasm")]
pub(crate) fn for_each_chunk<T, S>(
    out: &mut [T],
    chunk_len: usize,
    scratch: impl Fn() -> S,
    body: impl Fn(&mut S, usize, &mut [T]),
) {
    if chunk_len > 0 {
        let mut scratch = scratch();
        for (index, chunk) in out.chunks_mut(chunk_len).enumerate() {
            body(&mut scratch, index, chunk);
        }
    }
}
