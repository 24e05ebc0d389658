// The forward pass's second, where every positive has a denominator of its own with the negatives: each
// positive's share of what it and the negatives sum to.
//
// Reads what supcon_forward.wgsl has written and completes it. Tiles, dispatches and scratch as there.
//
// Formulas: `denominator_mode` of the official TensorFlow code. Twin and reference:
// crates/supcon-loss/src/cpu/shares.rs, crates/supcon-math/src/row.rs.

const DIM: u32 = 64u; // length of an embedding; rewritten by the launcher
const SOFT_DIM: u32 = 0u; // length of a soft label; rewritten by the launcher
const SIMILARITY: u32 = 0u; // DOT … STUDENT_T; rewritten by the launcher
const FLAGS: u32 = 0u; // SUM_INSIDE … OWN_VIEWS_ONLY; rewritten by the launcher
const SEPARATE: bool = false; // whether the columns are not the rows; rewritten by the launcher
const MICRO: u32 = 2u; // an invocation owns MICRO × MICRO pairs; rewritten by the launcher
const HALF: bool = false; // whether a word of z holds two f16, not one f32; rewritten by the launcher

const SIDE: u32 = 16u; // the workgroup is SIDE × SIDE
const TILE: u32 = SIDE * MICRO; // rows and columns of a tile
const PER_WORD: u32 = 1u + u32(HALF); // dimensions of a word
const WORDS: u32 = (DIM + PER_WORD - 1u) / PER_WORD; // of an embedding
const PANEL: u32 = 16u; // words of an embedding held in workgroup memory at a time
const PITCH: u32 = PANEL + 1u; // rows start in different banks

const DOT: u32 = 0u;
const RBF: u32 = 1u; // −a‖x − y‖²
const LAPLACIAN: u32 = 2u; // −a‖x − y‖₁
const POLYNOMIAL: u32 = 3u; // (x·y + a)^b
const STUDENT_T: u32 = 4u; // −(a + 1)/2 · ln(1 + ‖x − y‖²/a)

const SUM_INSIDE: u32 = 1u;
const POSITIVES_BY_INSTANCE: u32 = 2u;
const DROP_SAME_CLASS: u32 = 4u;
const CAPPED: u32 = 32u; // of other images, only the positives up to a hash
const OWN_VIEWS_ONLY: u32 = 256u; // a cap of 0

const STATS: u32 = 11u;
const ROW: u32 = 10u; // floats a row has in scratch; this pass needs 5
const IDENTITY: u32 = 3u + SOFT_DIM; // label, instance, largest hash under the cap, soft label
const LOWEST: f32 = -3.0e38;
const EMPTY: f32 = -1.0e38; // a log-sum below this has met nothing

@group(0) @binding(0) var<storage, read_write> z: array<u32>; // [n, WORDS]
@group(0) @binding(1) var<storage, read_write> separate_z: array<u32>; // [c, WORDS], where SEPARATE
@group(0) @binding(2) var<storage, read_write> identity: array<u32>; // [n, IDENTITY]
@group(0) @binding(3) var<storage, read_write> separate_identity: array<u32>; // [c, IDENTITY], likewise
@group(0) @binding(4) var<storage, read_write> stats: array<f32>; // [n, STATS]
@group(0) @binding(5) var<storage, read_write> scratch: array<f32>; // [n, ROW]
@group(0) @binding(6) var<storage, read_write> params: array<u32>;

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
    lanes: u32, // invocations of a subgroup; not in the buffer
}

var<workgroup> header: Params;
var<workgroup> rows_panel: array<u32, TILE * PITCH>;
var<workgroup> columns_panel: array<u32, TILE * PITCH>;
// Rows meet in a tree over the SIDE invocations that share them.
var<workgroup> partial: array<Row, SIDE * SIDE / 2u>;

// A running log-sum-exp: ln Σ e^x = peak + ln(1 + excess). The peak's own term stands apart, so that a
// sum that one term dominates keeps its digits.
struct LogSum {
    peak: f32,
    excess: f32,
}

// What a row knows of the positives it has met.
struct Row {
    shares: LogSum, // of the log-shares
    log_share_sum: f32,
    count: f32,
    taken: f32, // what the negatives take: summed, or by shares relative to their peak
}

fn load_params(lanes: u32) -> Params {
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
        lanes,
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

// ln(1 + x) for x > −1, to the last digits of a small x.
fn log_1p(x: f32) -> f32 {
    let u = 1.0 + x;
    if (u == 1.0) {
        return x;
    }
    return select(log(u) * (x / (u - 1.0)), log(u), x > 1.0);
}

fn add(a: LogSum, x: f32) -> LogSum {
    let peak = max(a.peak, x);
    let other = exp(min(a.peak, x) - peak);
    return LogSum(peak, select(a.excess + other, (a.excess + 1.0) * other, x > a.peak));
}

fn merge(a: LogSum, b: LogSum) -> LogSum {
    let peak = max(a.peak, b.peak);
    let other = exp(min(a.peak, b.peak) - peak);
    let of_a = a.excess + (b.excess + 1.0) * other;
    let of_b = b.excess + (a.excess + 1.0) * other;
    return LogSum(peak, select(of_a, of_b, b.peak > a.peak));
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

fn empty_row() -> Row {
    return Row(LogSum(LOWEST, 0.0), 0.0, 0.0, 0.0);
}

fn load_row(i: u32) -> Row {
    let at = i * ROW;
    return Row(LogSum(scratch[at], scratch[at + 1u]), scratch[at + 2u], scratch[at + 3u], scratch[at + 4u]);
}

fn store_row(i: u32, row: Row) {
    let at = i * ROW;
    scratch[at] = row.shares.peak;
    scratch[at + 1u] = row.shares.excess;
    scratch[at + 2u] = row.log_share_sum;
    scratch[at + 3u] = row.count;
    scratch[at + 4u] = row.taken;
}

fn meet(row: Row, i: u32, j: u32, logit: f32, negatives: f32) -> Row {
    if (!is_finite(logit) || role(i, j) != POSITIVE) {
        return row;
    }
    let gap = negatives - logit;
    let log_share = -(max(gap, 0.0) + log_1p(exp(-abs(gap))));
    // Without negatives exactly 0, by which the backward pass knows.
    let taken = select(1.0 / (1.0 + exp(clamp(-gap, -80.0, 80.0))), 0.0, negatives < EMPTY);
    var next = row;
    next.log_share_sum += log_share;
    next.count += 1.0;
    if ((FLAGS & SUM_INSIDE) == 0u) {
        next.taken += taken;
        return next;
    }
    next.shares = add(row.shares, log_share);
    let peak = next.shares.peak;
    next.taken = row.taken * exp(row.shares.peak - peak) + taken * exp(log_share - peak);
    return next;
}

fn join(a: Row, b: Row) -> Row {
    let shares = merge(a.shares, b.shares);
    var taken = a.taken + b.taken;
    if ((FLAGS & SUM_INSIDE) != 0u) {
        taken = a.taken * exp(a.shares.peak - shares.peak) + b.taken * exp(b.shares.peak - shares.peak);
    }
    return Row(shares, a.log_share_sum + b.log_share_sum, a.count + b.count, taken);
}

fn complete_stats(i: u32, row: Row) {
    let at = i * STATS;
    if (row.count == 0.0 || !is_finite(stats[at + 1u])) {
        return;
    }
    let mean_log_share = row.log_share_sum / row.count;
    stats[at + 10u] = stats[at + 6u] - mean_log_share;
    if ((FLAGS & SUM_INSIDE) != 0u) {
        // −ln of the mean share, which may be all but 1.
        let beyond_mean = (row.shares.excess - (row.count - 1.0)) / row.count;
        stats[at] = -(row.shares.peak + log_1p(beyond_mean));
        stats[at + 3u] = row.shares.peak;
        stats[at + 4u] = row.shares.excess;
        stats[at + 8u] = row.taken / (1.0 + row.shares.excess);
    } else {
        stats[at] = -mean_log_share;
        stats[at + 8u] = row.taken / row.count;
    }
}

// The work of invocation `index`, whose neighbours in blocks of `lanes` can tell it their row: 1, alone,
// or the size of a subgroup, a power of two.
fn meet_columns(group: vec3<u32>, groups: vec3<u32>, index: u32, lanes: u32) {
    // Loop bounds around barriers must be uniform, and a storage buffer's value is not: pass it
    // through workgroup memory.
    if (index == 0u) {
        header = load_params(lanes);
    }
    let p = workgroupUniformLoad(&header);
    let local = vec2(index % SIDE, index / SIDE);
    let row_0 = p.row_start + (group.y * groups.x + group.x) * TILE;
    let i_0 = row_0 + local.y * MICRO;

    var rows: array<Row, MICRO>;
    var negatives: array<f32, MICRO>;
    for (var a = 0u; a < MICRO; a++) {
        rows[a] = empty_row();
        // ln of what the negatives sum to, by the first pass.
        negatives[a] = stats[min(i_0 + a, p.n - 1u) * STATS + 10u];
    }

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
        for (var a = 0u; a < MICRO; a++) {
            let i = i_0 + a;
            for (var b = 0u; b < MICRO; b++) {
                let j = column_0 + local.x + SIDE * b;
                if (i < p.n && j < p.column_end && (SEPARATE || j != i)) {
                    let logit = similarity(sums[a * MICRO + b], p) * p.inv_tau;
                    rows[a] = meet(rows[a], i, j, logit, negatives[a]);
                }
            }
        }
    }

    for (var a = 0u; a < MICRO; a++) {
        for (var half = SIDE / 2u; half > 0u; half /= 2u) {
            if (half < p.lanes) {
                let other = across(rows[a], half);
                if (local.x < half) {
                    rows[a] = join(rows[a], other);
                }
                continue;
            }
            let slot = local.y * (SIDE / 2u) + local.x % half;
            if (local.x >= half && local.x < 2u * half) {
                partial[slot] = rows[a];
            }
            workgroupBarrier();
            if (local.x < half) {
                rows[a] = join(rows[a], partial[slot]);
            }
            workgroupBarrier();
        }
        let i = i_0 + a;
        if (local.x == 0u && i < p.row_end) {
            // Only now: single columns added to the sum of all before would be rounded away.
            if (p.column_start > 0u) {
                rows[a] = join(load_row(i), rows[a]);
            }
            if (p.column_end < p.n_columns) {
                store_row(i, rows[a]);
            } else {
                complete_stats(i, rows[a]);
            }
        }
    }
}

// Rewritten by the launcher from here on where the adapter has subgroups.

// What the invocation `half` further knows: nobody asks without subgroups.
fn across(row: Row, half: u32) -> Row {
    return row;
}

@compute @workgroup_size(16, 16, 1)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) index: u32,
) {
    meet_columns(group, groups, index, 1u);
}
