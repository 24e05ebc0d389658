// Embeddings as f16, two a word: what the loss reads where its storage is half.
//
// Rounded to nearest, ties to even, by integers: pack2x16float may round either way. What lies below
// the least normal f16 becomes 0, since an adapter may flush it when it unpacks.
//
// Twin: crates/supcon-loss/src/half.rs.

const DIM: u32 = 64u; // length of an embedding; rewritten by the launcher

const WORDS: u32 = (DIM + 1u) / 2u; // of an embedding
const SIDE: u32 = 256u; // invocations of a workgroup

@group(0) @binding(0) var<storage, read_write> z: array<u32>; // [n, DIM], the bits of f32
@group(0) @binding(1) var<storage, read_write> words: array<u32>; // [n, WORDS]
@group(0) @binding(2) var<storage, read_write> params: array<u32>; // n

const INFINITY: u32 = 0x7f800000u;
const OVERFLOW: u32 = 0x477ff000u; // 65 520, which rounds to infinity
const LEAST: u32 = 0x38800000u; // 2⁻¹⁴
const REBIAS: u32 = 0x38000000u; // the exponents' biases, 127 − 15

// The f16 nearest to an f32, both as bits.
fn half_bits(bits: u32) -> u32 {
    let sign = (bits >> 16u) & 0x8000u;
    let magnitude = bits & 0x7fffffffu;
    if (magnitude > INFINITY) {
        return sign | 0x7e00u; // NaN
    }
    if (magnitude >= OVERFLOW) {
        return sign | 0x7c00u;
    }
    if (magnitude < LEAST) {
        return sign;
    }
    let to_even = 0x0fffu + ((magnitude >> 13u) & 1u);
    return sign | ((magnitude - REBIAS + to_even) >> 13u);
}

@compute @workgroup_size(256, 1, 1)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let at = id.y * groups.x * SIDE + id.x;
    let row = at / WORDS;
    if (row >= params[0]) {
        return;
    }
    let k = 2u * (at % WORDS);
    let low = half_bits(z[row * DIM + k]);
    var high = 0u; // of an odd DIM's last word
    if (k + 1u < DIM) {
        high = half_bits(z[row * DIM + k + 1u]);
    }
    words[at] = low | (high << 16u);
}
