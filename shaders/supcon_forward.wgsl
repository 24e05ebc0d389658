// Row statistics of the contrastive losses, without the n×c similarity matrix.
//
// One workgroup owns TILE rows and streams column tiles past them: the same z, or a separate set
// without gradient. The similarities of a tile are accumulated over panels of the embedding; each row
// folds them into an online log-sum-exp. Memory: O(n).
// A dispatch meets the columns column_start..column_end and leaves what its rows know in `scratch` for
// the next, until the last writes the statistics; ONE_POSITIVE has supcon_shares.wgsl complete them.
//
// Formulas: Khosla et al. 2020, eqs. 1–3. Twin and reference: crates/supcon-loss/src/cpu/forward.rs,
// crates/supcon-math/src/loss.rs.

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
const ONLY_NEGATIVES: u32 = 8u;
const ONE_POSITIVE: u32 = 16u;
const CAPPED: u32 = 32u; // of other images, only the positives up to a hash
const SOFT_PRODUCT: u32 = 64u; // target ∝ y_i·y_j
const SOFT_DECAY: u32 = 128u; // target ∝ e^{−‖y_i − y_j‖₁}
const OWN_VIEWS_ONLY: u32 = 256u; // a cap of 0

const STATS: u32 = 11u;
const ROW: u32 = 10u; // floats of a Row
const IDENTITY: u32 = 3u + SOFT_DIM; // label, instance, largest hash under the cap, soft label
const LOWEST: f32 = -3.0e38;
const EMPTY: f32 = -1.0e38; // a peak below this has met nothing

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
    nan: f32, // WGSL has no literal for it
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

// What a row knows of the columns it has met.
struct Row {
    denominator: LogSum,
    positives: LogSum,
    positive_sum: f32,
    positive_count: f32,
    weight_sum: f32, // of soft targets
    view_sum: f32,
    view_count: f32,
    poisoned: f32,
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

// ln(1 + x) for x ≥ 0, to the last digits of a small x.
fn log_1p(x: f32) -> f32 {
    let u = 1.0 + x;
    if (u == 1.0) {
        return x;
    }
    return select(log(u) * (x / (u - 1.0)), log(u), x > 1.0);
}

fn log_sum(a: LogSum) -> f32 {
    return a.peak + log_1p(a.excess);
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

fn empty_row() -> Row {
    let nothing = LogSum(LOWEST, 0.0);
    return Row(nothing, nothing, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0);
}

fn load_row(i: u32) -> Row {
    let at = i * ROW;
    return Row(
        LogSum(scratch[at], scratch[at + 1u]),
        LogSum(scratch[at + 2u], scratch[at + 3u]),
        scratch[at + 4u],
        scratch[at + 5u],
        scratch[at + 6u],
        scratch[at + 7u],
        scratch[at + 8u],
        scratch[at + 9u],
    );
}

fn store_row(i: u32, row: Row) {
    var values = array<f32, ROW>(
        row.denominator.peak,
        row.denominator.excess,
        row.positives.peak,
        row.positives.excess,
        row.positive_sum,
        row.positive_count,
        row.weight_sum,
        row.view_sum,
        row.view_count,
        row.poisoned,
    );
    for (var k = 0u; k < ROW; k++) {
        scratch[i * ROW + k] = values[k];
    }
}

fn meet(row: Row, i: u32, j: u32, logit: f32) -> Row {
    var next = row;
    if (!is_finite(logit)) {
        next.poisoned = 1.0;
        return next;
    }
    if (identity[i * IDENTITY + 1u] == column_identity(j * IDENTITY + 1u)) {
        next.view_sum += logit;
        next.view_count += 1.0;
    }
    if ((FLAGS & (SOFT_PRODUCT | SOFT_DECAY)) != 0u) {
        let weight = soft_weight(i, j);
        next.denominator = add(row.denominator, logit);
        next.weight_sum += weight;
        next.positive_sum += weight * logit;
        next.positive_count += select(0.0, 1.0, weight > 0.0);
        next.poisoned += select(1.0, 0.0, is_finite(weight));
        return next;
    }
    let what = role(i, j);
    if (what == EXCLUDED) {
        return next;
    }
    if (what == NEGATIVE || (FLAGS & (ONLY_NEGATIVES | ONE_POSITIVE)) == 0u) {
        next.denominator = add(row.denominator, logit);
    }
    if (what == POSITIVE) {
        next.positive_sum += logit;
        next.positive_count += 1.0;
        if ((FLAGS & SUM_INSIDE) != 0u) {
            next.positives = add(row.positives, logit);
        }
    }
    return next;
}

fn join(a: Row, b: Row) -> Row {
    return Row(
        merge(a.denominator, b.denominator),
        merge(a.positives, b.positives),
        a.positive_sum + b.positive_sum,
        a.positive_count + b.positive_count,
        a.weight_sum + b.weight_sum,
        a.view_sum + b.view_sum,
        a.view_count + b.view_count,
        a.poisoned + b.poisoned,
    );
}

// Log-sums of nothing stand as peak 0, excess 0: the backward pass meets only finite numbers.
fn or_nothing(a: LogSum) -> LogSum {
    if (a.peak > EMPTY) {
        return a;
    }
    return LogSum(0.0, 0.0);
}

// Log-sum-exps are written as peak and excess: the backward pass forms P − X from them.
fn write_stats(i: u32, row: Row, p: Params) {
    let soft = (FLAGS & (SOFT_PRODUCT | SOFT_DECAY)) != 0u;
    let inside = (FLAGS & SUM_INSIDE) != 0u;
    let any = row.denominator.peak > EMPTY;
    let valid = row.positive_count > 0.0 && (any || (FLAGS & ONLY_NEGATIVES) == 0u);
    let divisor = select(max(row.positive_count, 1.0), select(1.0, row.weight_sum, valid), soft);
    let mean = row.positive_sum / divisor;
    let denominator = or_nothing(row.denominator);
    let positives = or_nothing(row.positives);
    var loss = (denominator.peak - mean) + log_1p(denominator.excess);
    if (inside) {
        // ln((1 + e) / (1 + p)) of sums that may nearly agree.
        let e = denominator.excess;
        let q = positives.excess;
        let ratio = select(-log_1p((q - e) / (1.0 + e)), log_1p((e - q) / (1.0 + q)), e >= q);
        loss = (denominator.peak - positives.peak) + ratio + log(divisor);
    }
    if (!valid) {
        loss = 0.0;
    }
    let poisoned = row.poisoned > 0.0;
    let view = row.view_sum / max(row.view_count, 1.0) / p.inv_tau;
    var values = array<f32, STATS>(
        select(loss, p.nan, poisoned),
        select(denominator.peak, p.nan, poisoned),
        denominator.excess,
        positives.peak,
        positives.excess,
        row.positive_count,
        mean,
        view,
        row.weight_sum,
        select(0.0, 1.0, valid),
        select(LOWEST, log_sum(denominator), any), // nothing: ln 0
    );
    for (var k = 0u; k < STATS; k++) {
        stats[i * STATS + k] = values[k];
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
    for (var a = 0u; a < MICRO; a++) {
        rows[a] = empty_row();
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
                    rows[a] = meet(rows[a], i, j, logit);
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
                write_stats(i, rows[a], p);
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
