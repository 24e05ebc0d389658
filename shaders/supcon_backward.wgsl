// Gradient of the contrastive losses with respect to z: dz_i = Σ_j (G_ij + G_ji) ∂k(z_i, z_j)/∂z_i,
// with G_ij = (w_i/τ)(P_ij − X_ij): P the share of the denominator, X the target. For columns without
// gradient, Σ_j G_ij ∂k(z_i, k_j)/∂z_i.
//
// The similarities are recomputed tile by tile; s_ij = s_ji gives both G_ij and G_ji. A workgroup
// gathers for its own rows: no atomics, one writer a row, the same bits every time. A dispatch meets the
// columns column_start..column_end and adds to what the dispatches before it left in dz.
//
// P − X is formed over one denominator from sums without their largest term (`excess`): a pair that
// takes nearly all of its denominator keeps the digits of its small remainder.
//
// Formulas: Khosla et al. 2020, eq. 4 summed over anchors. Twin and reference:
// crates/supcon-loss/src/cpu/backward.rs, crates/supcon-math/src/gradient.rs.

const DIM: u32 = 64u; // length of an embedding; rewritten by the launcher
const SOFT_DIM: u32 = 0u; // length of a soft label; rewritten by the launcher
const SIMILARITY: u32 = 0u; // DOT … STUDENT_T; rewritten by the launcher
const FLAGS: u32 = 0u; // SUM_INSIDE … OWN_VIEWS_ONLY; rewritten by the launcher
const SEPARATE: bool = false; // whether the columns are not the rows; rewritten by the launcher
const MICRO: u32 = 2u; // an invocation owns MICRO × MICRO pairs; rewritten by the launcher
const HALF: bool = false; // whether a word of z holds two f16, not one f32; rewritten by the launcher
const SLOTS: u32 = 4u; // ⌈DIM / SIDE⌉ dimensions an invocation accumulates; rewritten with DIM

const SIDE: u32 = 16u; // the workgroup is SIDE × SIDE
const TILE: u32 = SIDE * MICRO; // rows and columns of a tile
const PER_WORD: u32 = 1u + u32(HALF); // dimensions of a word
const WORDS: u32 = (DIM + PER_WORD - 1u) / PER_WORD; // of an embedding
const PANEL: u32 = 16u; // words of an embedding held in workgroup memory at a time
const PITCH: u32 = PANEL + 1u; // rows start in different banks
const PAIR_PITCH: u32 = TILE + 1u;

const DOT: u32 = 0u;
const RBF: u32 = 1u; // −a‖x − y‖²
const LAPLACIAN: u32 = 2u; // −a‖x − y‖₁
const POLYNOMIAL: u32 = 3u; // (x·y + a)^b
const STUDENT_T: u32 = 4u; // −(a + 1)/2 · ln(1 + ‖x − y‖²/a)

const SUM_INSIDE: u32 = 1u;
const POSITIVES_BY_INSTANCE: u32 = 2u;
const DROP_SAME_CLASS: u32 = 4u;
const ONLY_NEGATIVES: u32 = 8u;
const ONE_POSITIVE: u32 = 16u;
const CAPPED: u32 = 32u; // of other images, only the positives up to a hash
const SOFT_PRODUCT: u32 = 64u; // target ∝ y_i·y_j
const SOFT_DECAY: u32 = 128u; // target ∝ e^{−‖y_i − y_j‖₁}
const OWN_VIEWS_ONLY: u32 = 256u; // a cap of 0

const STATS: u32 = 11u;
const IDENTITY: u32 = 3u + SOFT_DIM; // label, instance, largest hash under the cap, soft label

@group(0) @binding(0) var<storage, read_write> z: array<u32>; // [n, WORDS]
@group(0) @binding(1) var<storage, read_write> separate_z: array<u32>; // [c, WORDS], where SEPARATE
@group(0) @binding(2) var<storage, read_write> identity: array<u32>; // [n, IDENTITY]
@group(0) @binding(3) var<storage, read_write> separate_identity: array<u32>; // [c, IDENTITY], likewise
@group(0) @binding(4) var<storage, read_write> stats: array<f32>; // [n, STATS], as written forward
@group(0) @binding(5) var<storage, read_write> row_weight: array<f32>; // [n]: w
@group(0) @binding(6) var<storage, read_write> dz: array<f32>; // [n, DIM]
@group(0) @binding(7) var<storage, read_write> params: array<u32>;

struct Params {
    n: u32,
    row_start: u32,
    row_end: u32,
    n_columns: u32,
    column_start: u32,
    column_end: u32,
    inv_tau: f32,
    nan: f32,
    a: f32, // of the similarity
    b: f32,
}

var<workgroup> header: Params;
var<workgroup> rows_panel: array<u32, TILE * PITCH>;
var<workgroup> columns_panel: array<u32, TILE * PITCH>;
var<workgroup> pairs: array<f32, TILE * PAIR_PITCH>; // τ·(G_ij + G_ji), times the similarity's slope

fn load_params() -> Params {
    return Params(
        params[0],
        params[1],
        params[2],
        params[3],
        params[4],
        params[5],
        bitcast<f32>(params[6]),
        bitcast<f32>(params[7]),
        bitcast<f32>(params[8]),
        bitcast<f32>(params[9]),
    );
}

fn column_z(at: u32) -> u32 {
    if (SEPARATE) {
        return separate_z[at];
    }
    return z[at];
}

fn column_identity(at: u32) -> u32 {
    if (SEPARATE) {
        return separate_identity[at];
    }
    return identity[at];
}

fn is_finite(x: f32) -> bool {
    // By bits: a compiler may assume that floats are finite.
    return (bitcast<u32>(x) & 0x7f800000u) != 0x7f800000u;
}

// ln(1 + x) for x ≥ 0, to the last digits of a small x.
fn log_1p(x: f32) -> f32 {
    let u = 1.0 + x;
    if (u == 1.0) {
        return x;
    }
    return select(log(u) * (x / (u - 1.0)), log(u), x > 1.0);
}

// One dimension's part of what the similarity is a function of.
fn accumulate(sum: f32, x: f32, y: f32) -> f32 {
    if (SIMILARITY == RBF || SIMILARITY == STUDENT_T) {
        return sum + (x - y) * (x - y);
    }
    if (SIMILARITY == LAPLACIAN) {
        return sum + abs(x - y);
    }
    return sum + x * y;
}

// The same of a word. Sums are f32, however z is held.
fn accumulate_word(sum: f32, x: u32, y: u32) -> f32 {
    if (HALF) {
        let xs = unpack2x16float(x);
        let ys = unpack2x16float(y);
        return accumulate(accumulate(sum, xs.x, ys.x), xs.y, ys.y);
    }
    return accumulate(sum, bitcast<f32>(x), bitcast<f32>(y));
}

fn similarity(sum: f32, p: Params) -> f32 {
    if (SIMILARITY == RBF || SIMILARITY == LAPLACIAN) {
        return -p.a * sum;
    }
    if (SIMILARITY == POLYNOMIAL) {
        var power = 1.0;
        for (var k = 0.0; k < p.b; k += 1.0) {
            power *= sum + p.a;
        }
        return power;
    }
    if (SIMILARITY == STUDENT_T) {
        return -0.5 * (p.a + 1.0) * log_1p(sum / p.a);
    }
    return sum;
}

// dk/d(sum): the factor of the pair in `direction`'s sum.
fn slope(sum: f32, p: Params) -> f32 {
    if (SIMILARITY == RBF) {
        return 2.0 * p.a;
    }
    if (SIMILARITY == LAPLACIAN) {
        return p.a;
    }
    if (SIMILARITY == POLYNOMIAL) {
        var power = p.b;
        for (var k = 1.0; k < p.b; k += 1.0) {
            power *= sum + p.a;
        }
        return power;
    }
    if (SIMILARITY == STUDENT_T) {
        return (p.a + 1.0) / (p.a + sum);
    }
    return 1.0;
}

// Dimension k of an embedding, of the word that holds it.
fn dimension(word: u32, k: u32) -> f32 {
    if (HALF) {
        let both = unpack2x16float(word);
        return select(both.x, both.y, k % 2u == 1u);
    }
    return bitcast<f32>(word);
}

// Where the similarity draws dimension k of row i towards the column's value.
fn direction(i: u32, k: u32, value: f32) -> f32 {
    if (SIMILARITY == RBF || SIMILARITY == STUDENT_T) {
        return value - dimension(z[i * WORDS + k / PER_WORD], k);
    }
    if (SIMILARITY == LAPLACIAN) {
        return sign(value - dimension(z[i * WORDS + k / PER_WORD], k));
    }
    return value;
}

// lowbias32, as supcon_math::pair_hash.
fn mix(x: u32) -> u32 {
    var bits = (x ^ (x >> 16u)) * 0x7feb352du;
    bits = (bits ^ (bits >> 15u)) * 0x846ca68bu;
    return bits ^ (bits >> 16u);
}

const NEGATIVE: u32 = 0u;
const POSITIVE: u32 = 1u;
const EXCLUDED: u32 = 2u;

// What column j is to anchor i.
fn role(i: u32, j: u32) -> u32 {
    let same_label = identity[i * IDENTITY] == column_identity(j * IDENTITY);
    let same_instance = identity[i * IDENTITY + 1u] == column_identity(j * IDENTITY + 1u);
    if (select(same_label, same_instance, (FLAGS & POSITIVES_BY_INSTANCE) != 0u)) {
        let beyond = (FLAGS & CAPPED) != 0u && mix(mix(i + 0x9e3779b9u) ^ j) > identity[i * IDENTITY + 2u];
        let dropped = beyond || (FLAGS & OWN_VIEWS_ONLY) != 0u;
        return select(POSITIVE, EXCLUDED, dropped && !same_instance);
    }
    return select(NEGATIVE, EXCLUDED, (FLAGS & DROP_SAME_CLASS) != 0u && same_label);
}

// Unnormalised target of a pair.
fn soft_weight(i: u32, j: u32) -> f32 {
    var sum = 0.0;
    for (var k = 0u; k < SOFT_DIM; k++) {
        let mine = bitcast<f32>(identity[i * IDENTITY + 3u + k]);
        let other = bitcast<f32>(column_identity(j * IDENTITY + 3u + k));
        sum += select(abs(mine - other), mine * other, (FLAGS & SOFT_PRODUCT) != 0u);
    }
    return select(exp(-sum), sum, (FLAGS & SOFT_PRODUCT) != 0u);
}

// What a row's own gradient terms need.
struct Anchor {
    index: u32,
    peak: f32,
    excess: f32,
    positive_peak: f32,
    positive_excess: f32,
    inv_count: f32,
    share: f32, // soft: sum of the targets; ONE_POSITIVE: what the negatives take
    weight: f32, // 0 for an invalid anchor
}

fn anchor(i: u32) -> Anchor {
    let at = i * STATS;
    let weight = select(0.0, row_weight[i], stats[at + 9u] > 0.0);
    return Anchor(
        i,
        stats[at + 1u],
        stats[at + 2u],
        stats[at + 3u],
        stats[at + 4u],
        1.0 / max(stats[at + 5u], 1.0),
        stats[at + 8u],
        weight,
    );
}

// P − X of a positive that alone meets the negatives.
fn one_positive(a: Anchor, logit: f32) -> f32 {
    if (a.share == 0.0) {
        return 0.0; // no negatives
    }
    let gap = a.peak + log_1p(a.excess) - logit;
    let taken = 1.0 / (1.0 + exp(clamp(-gap, -80.0, 80.0)));
    if ((FLAGS & SUM_INSIDE) == 0u) {
        return -a.inv_count * taken;
    }
    let log_share = -(max(gap, 0.0) + log_1p(exp(-abs(gap))));
    return -exp(log_share - a.positive_peak) / (1.0 + a.positive_excess) * taken;
}

// P − X of a positive in a denominator over all candidates, or outside it.
fn joint_positive(a: Anchor, logit: f32, target_share: f32) -> f32 {
    if ((FLAGS & ONLY_NEGATIVES) != 0u) {
        if ((FLAGS & SUM_INSIDE) != 0u) {
            return -exp(logit - a.positive_peak) / (1.0 + a.positive_excess);
        }
        return -target_share;
    }
    let e = exp(logit - a.peak);
    if ((FLAGS & SUM_INSIDE) == 0u) {
        return (e - target_share - target_share * a.excess) / (1.0 + a.excess);
    }
    let f = exp(logit - a.positive_peak);
    return (e - f + e * a.positive_excess - f * a.excess) / ((1.0 + a.excess) * (1.0 + a.positive_excess));
}

// τ·G of an anchor against column j.
fn pull(a: Anchor, j: u32, logit: f32) -> f32 {
    if (a.weight == 0.0) {
        return 0.0;
    }
    if ((FLAGS & (SOFT_PRODUCT | SOFT_DECAY)) != 0u) {
        return a.weight * joint_positive(a, logit, soft_weight(a.index, j) / a.share);
    }
    let what = role(a.index, j);
    if (what == EXCLUDED) {
        return 0.0;
    }
    if (what == NEGATIVE) {
        let share = exp(logit - a.peak) / (1.0 + a.excess);
        return a.weight * share * select(1.0, a.share, (FLAGS & ONE_POSITIVE) != 0u);
    }
    if ((FLAGS & ONE_POSITIVE) != 0u) {
        return a.weight * one_positive(a, logit);
    }
    return a.weight * joint_positive(a, logit, a.inv_count);
}

@compute @workgroup_size(16, 16, 1)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_id) local: vec3<u32>,
    @builtin(local_invocation_index) index: u32,
) {
    if (index == 0u) {
        header = load_params();
    }
    let p = workgroupUniformLoad(&header);
    let row_0 = p.row_start + (group.y * groups.x + group.x) * TILE;
    let i_0 = row_0 + local.y * MICRO;

    var mine: array<Anchor, MICRO>;
    for (var a = 0u; a < MICRO; a++) {
        mine[a] = anchor(min(i_0 + a, p.n - 1u));
    }
    var gradient: array<f32, MICRO * SLOTS>;

    for (var column_0 = p.column_start; column_0 < p.column_end; column_0 += TILE) {
        // Set by hand: SwiftShader keeps what a variable without a value held the last time round.
        var sums: array<f32, MICRO * MICRO>;
        for (var q = 0u; q < MICRO * MICRO; q++) {
            sums[q] = 0.0;
        }
        for (var panel = 0u; panel < WORDS; panel += PANEL) {
            for (var q = index; q < TILE * PANEL; q += SIDE * SIDE) {
                let r = q / PANEL;
                let k = panel + q % PANEL;
                let inside = k < WORDS;
                let row = min(row_0 + r, p.n - 1u);
                let column = min(column_0 + r, p.n_columns - 1u);
                let at = min(k, WORDS - 1u);
                rows_panel[r * PITCH + q % PANEL] = select(0u, z[row * WORDS + at], inside);
                columns_panel[r * PITCH + q % PANEL] = select(0u, column_z(column * WORDS + at), inside);
            }
            workgroupBarrier();
            for (var k = 0u; k < PANEL; k++) {
                for (var a = 0u; a < MICRO; a++) {
                    let x = rows_panel[(local.y * MICRO + a) * PITCH + k];
                    for (var b = 0u; b < MICRO; b++) {
                        let y = columns_panel[(local.x + SIDE * b) * PITCH + k];
                        sums[a * MICRO + b] = accumulate_word(sums[a * MICRO + b], x, y);
                    }
                }
            }
            workgroupBarrier();
        }
        for (var b = 0u; b < MICRO; b++) {
            let column = local.x + SIDE * b;
            let j = column_0 + column;
            for (var a = 0u; a < MICRO; a++) {
                let i = i_0 + a;
                var pair = 0.0;
                if (i < p.n && j < p.column_end && (SEPARATE || j != i)) {
                    let sum = sums[a * MICRO + b];
                    let logit = similarity(sum, p) * p.inv_tau;
                    pair = pull(mine[a], j, logit);
                    if (!SEPARATE) {
                        pair += pull(anchor(j), i, logit);
                    }
                    pair *= slope(sum, p);
                }
                pairs[(local.y * MICRO + a) * PAIR_PITCH + column] = pair;
            }
        }
        workgroupBarrier();
        // The tile's part by itself: one running sum over all columns is off in proportion to their number.
        var of_tile: array<f32, MICRO * SLOTS>;
        for (var q = 0u; q < MICRO * SLOTS; q++) {
            of_tile[q] = 0.0;
        }
        let columns = min(TILE, p.column_end - column_0);
        for (var column = 0u; column < columns; column++) {
            for (var slot = 0u; slot < SLOTS; slot++) {
                let k = min(slot * SIDE + local.x, DIM - 1u);
                let value = dimension(column_z((column_0 + column) * WORDS + k / PER_WORD), k);
                for (var a = 0u; a < MICRO; a++) {
                    let pair = pairs[(local.y * MICRO + a) * PAIR_PITCH + column];
                    let towards = direction(min(i_0 + a, p.n - 1u), k, value);
                    of_tile[a * SLOTS + slot] += pair * towards;
                }
            }
        }
        for (var q = 0u; q < MICRO * SLOTS; q++) {
            gradient[q] += of_tile[q];
        }
        workgroupBarrier();
    }

    for (var a = 0u; a < MICRO; a++) {
        for (var slot = 0u; slot < SLOTS; slot++) {
            let k = slot * SIDE + local.x;
            if (k < DIM && i_0 + a < p.row_end) {
                let at = (i_0 + a) * DIM + k;
                let before = select(0.0, dz[at], p.column_start > 0u);
                let sum = before + gradient[a * SLOTS + slot] * p.inv_tau;
                // A poisoned row shows it, whatever its pairs' pulls came to.
                dz[at] = select(p.nan, sum, is_finite(mine[a].peak));
            }
        }
    }
}
