// Row statistics of the contrastive losses, without the m×m similarity matrix.
//
// One workgroup owns TILE rows and streams column tiles of the same z past them. The similarities of
// a tile are accumulated over panels of the embedding; each row folds them into an online
// log-sum-exp. Memory: O(m).
//
// Formulas: Khosla et al. 2020, eqs. 1–3. Twin and reference: crates/supcon-loss/src/cpu/forward.rs,
// crates/supcon-math/src/loss.rs.

const DIM: u32 = 64u; // length of an embedding; rewritten by the launcher

const TILE: u32 = 32u; // rows and columns of a tile
const PANEL: u32 = 16u; // embedding dimensions held in workgroup memory at a time
const SIDE: u32 = 16u; // the workgroup is SIDE × SIDE; an invocation owns 2 × 2 pairs
const PITCH: u32 = 17u; // PANEL + 1: rows start in different banks

const SUM_INSIDE: u32 = 1u;
const POSITIVES_BY_INSTANCE: u32 = 2u;
const DROP_SAME_CLASS: u32 = 4u;

const STATS: u32 = 8u;
const LOWEST: f32 = -3.0e38;

@group(0) @binding(0) var<storage, read_write> z: array<f32>; // [n, DIM]
@group(0) @binding(1) var<storage, read_write> identity: array<u32>; // [n, 2]: label, instance
@group(0) @binding(2) var<storage, read_write> stats: array<f32>; // [n, STATS]
@group(0) @binding(3) var<storage, read_write> params: array<u32>;
// params: n, first row, end of rows, flags, then as f32 bits 1/τ and NaN (WGSL has no literal for it)

var<workgroup> header: vec4<u32>;
var<workgroup> rows_panel: array<f32, 544>; // TILE × PITCH
var<workgroup> columns_panel: array<f32, 544>;
var<workgroup> column_identity: array<vec2<u32>, 32>;

// A running log-sum-exp.
struct LogSum {
    peak: f32,
    sum: f32,
}

// What a row knows of the columns it has met.
struct Row {
    candidates: LogSum,
    positives: LogSum,
    positive_sum: f32,
    positive_count: f32,
    view_sum: f32,
    view_count: f32,
    poisoned: f32,
}

fn is_finite(x: f32) -> bool {
    // By bits: a compiler may assume that floats are finite.
    return (bitcast<u32>(x) & 0x7f800000u) != 0x7f800000u;
}

fn add(a: LogSum, x: f32) -> LogSum {
    let peak = max(a.peak, x);
    return LogSum(peak, a.sum * exp(a.peak - peak) + exp(x - peak));
}

fn merge(a: LogSum, b: LogSum) -> LogSum {
    let peak = max(a.peak, b.peak);
    return LogSum(peak, a.sum * exp(a.peak - peak) + b.sum * exp(b.peak - peak));
}

fn empty_row() -> Row {
    return Row(LogSum(LOWEST, 0.0), LogSum(LOWEST, 0.0), 0.0, 0.0, 0.0, 0.0, 0.0);
}

fn meet(row: Row, mine: vec2<u32>, other: vec2<u32>, logit: f32, flags: u32) -> Row {
    var next = row;
    if (!is_finite(logit)) {
        next.poisoned = 1.0;
        return next;
    }
    let same_label = mine.x == other.x;
    let same_instance = mine.y == other.y;
    let positive = select(same_label, same_instance, (flags & POSITIVES_BY_INSTANCE) != 0u);
    let dropped = (flags & DROP_SAME_CLASS) != 0u && same_label && !positive;
    if (same_instance) {
        next.view_sum += logit;
        next.view_count += 1.0;
    }
    if (dropped) {
        return next;
    }
    next.candidates = add(row.candidates, logit);
    if (positive) {
        next.positive_sum += logit;
        next.positive_count += 1.0;
        if ((flags & SUM_INSIDE) != 0u) {
            next.positives = add(row.positives, logit);
        }
    }
    return next;
}

fn join(a: Row, b: Row) -> Row {
    return Row(
        merge(a.candidates, b.candidates),
        merge(a.positives, b.positives),
        a.positive_sum + b.positive_sum,
        a.positive_count + b.positive_count,
        a.view_sum + b.view_sum,
        a.view_count + b.view_count,
        a.poisoned + b.poisoned,
    );
}

// Log-sum-exps are written as peak and sum: the backward pass forms e^{s − peak} / sum.
fn write_stats(i: u32, row: Row, flags: u32, inv_tau: f32, nan: f32) {
    let valid = row.positive_count > 0.0;
    let count = max(row.positive_count, 1.0);
    let inside = (flags & SUM_INSIDE) != 0u && valid;
    let any = row.candidates.sum > 0.0;
    var peak = select(0.0, row.candidates.peak, any);
    let sum = select(1.0, row.candidates.sum, any);
    let positive_peak = select(0.0, row.positives.peak, inside);
    let positive_sum = select(1.0, row.positives.sum, inside);
    let positive_mean = row.positive_sum / count;
    let outside_loss = (peak - positive_mean) + log(sum);
    let inside_loss = (peak - positive_peak) + log(sum / positive_sum * count);
    var loss = select(0.0, select(outside_loss, inside_loss, inside), valid);
    if (row.poisoned > 0.0) {
        loss = nan;
        peak = nan;
    }
    let view = row.view_sum / max(row.view_count, 1.0) / inv_tau;
    var values = array<f32, STATS>(loss, peak, sum, positive_peak, positive_sum, row.positive_count, positive_mean, view);
    for (var k = 0u; k < STATS; k++) {
        stats[i * STATS + k] = values[k];
    }
}

// Rows meet in a tree over the SIDE invocations that share them; the panels' memory is free by then.
var<workgroup> partial: array<Row, 256>;

@compute @workgroup_size(16, 16, 1)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_id) local: vec3<u32>,
    @builtin(local_invocation_index) index: u32,
) {
    // Loop bounds around barriers must be uniform, and a storage buffer's value is not: pass it
    // through workgroup memory.
    if (index == 0u) {
        header = vec4<u32>(params[0], params[1], params[2], params[3]);
    }
    let head = workgroupUniformLoad(&header);
    let n = head.x;
    let row_end = head.z;
    let flags = head.w;
    let inv_tau = bitcast<f32>(params[4]);
    let nan = bitcast<f32>(params[5]);
    let row_0 = head.y + (group.y * groups.x + group.x) * TILE;
    let i_0 = row_0 + local.y * 2u;

    var mine: array<vec2<u32>, 2>;
    for (var a = 0u; a < 2u; a++) {
        let i = min(i_0 + a, n - 1u);
        mine[a] = vec2<u32>(identity[i * 2u], identity[i * 2u + 1u]);
    }
    var rows = array<Row, 2>(empty_row(), empty_row());

    for (var column_0 = 0u; column_0 < n; column_0 += TILE) {
        if (index < TILE) {
            let j = min(column_0 + index, n - 1u);
            column_identity[index] = vec2<u32>(identity[j * 2u], identity[j * 2u + 1u]);
        }
        var dot = array<f32, 4>(0.0, 0.0, 0.0, 0.0);
        for (var panel = 0u; panel < DIM; panel += PANEL) {
            for (var q = index; q < TILE * PANEL; q += SIDE * SIDE) {
                let r = q / PANEL;
                let k = panel + q % PANEL;
                let inside = k < DIM;
                let row = min(row_0 + r, n - 1u);
                let column = min(column_0 + r, n - 1u);
                let at = min(k, DIM - 1u);
                rows_panel[r * PITCH + q % PANEL] = select(0.0, z[row * DIM + at], inside);
                columns_panel[r * PITCH + q % PANEL] = select(0.0, z[column * DIM + at], inside);
            }
            workgroupBarrier();
            for (var k = 0u; k < PANEL; k++) {
                let a_0 = rows_panel[(local.y * 2u) * PITCH + k];
                let a_1 = rows_panel[(local.y * 2u + 1u) * PITCH + k];
                let b_0 = columns_panel[local.x * PITCH + k];
                let b_1 = columns_panel[(local.x + SIDE) * PITCH + k];
                dot[0] += a_0 * b_0;
                dot[1] += a_0 * b_1;
                dot[2] += a_1 * b_0;
                dot[3] += a_1 * b_1;
            }
            workgroupBarrier();
        }
        for (var a = 0u; a < 2u; a++) {
            for (var b = 0u; b < 2u; b++) {
                let column = local.x + SIDE * b;
                let j = column_0 + column;
                if (j < n && j != i_0 + a) {
                    rows[a] = meet(rows[a], mine[a], column_identity[column], dot[a * 2u + b] * inv_tau, flags);
                }
            }
        }
        // The next tile overwrites column_identity.
        workgroupBarrier();
    }

    for (var a = 0u; a < 2u; a++) {
        partial[index] = rows[a];
        workgroupBarrier();
        for (var half = SIDE / 2u; half > 0u; half /= 2u) {
            if (local.x < half) {
                partial[index] = join(partial[index], partial[index + half]);
            }
            workgroupBarrier();
        }
        let i = i_0 + a;
        if (local.x == 0u && i < row_end) {
            write_stats(i, partial[index], flags, inv_tau, nan);
        }
        workgroupBarrier();
    }
}
