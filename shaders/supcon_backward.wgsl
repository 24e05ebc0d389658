// Gradient of the contrastive losses with respect to z: dz_i = Σ_j (G_ij + G_ji) z_j, with
// G_ij = (w_i/τ)(P_ij − X_ij), P_ij = e^{s_ij − peak_i} / sum_i; X_ij = 1/|P(i)| (outside) or the same
// over positives alone (inside) on positives, else 0.
//
// The similarities are recomputed tile by tile; s_ij = s_ji gives both G_ij and G_ji. A workgroup
// gathers for its own rows: no atomics, one writer a row, the same bits every time.
//
// Formulas: methods of Khosla et al. 2020, eq. 4 summed over anchors. Twin and reference:
// crates/supcon-loss/src/cpu/backward.rs, crates/supcon-math/src/gradient.rs.

const DIM: u32 = 64u; // length of an embedding; rewritten by the launcher
const SLOTS: u32 = 4u; // ⌈DIM / SIDE⌉ dimensions an invocation accumulates; rewritten with DIM

const TILE: u32 = 32u;
const PANEL: u32 = 16u;
const SIDE: u32 = 16u;
const PITCH: u32 = 17u;
const WEIGHT_PITCH: u32 = 33u; // TILE + 1

const SUM_INSIDE: u32 = 1u;
const POSITIVES_BY_INSTANCE: u32 = 2u;
const DROP_SAME_CLASS: u32 = 4u;

const STATS: u32 = 8u;

@group(0) @binding(0) var<storage, read_write> z: array<f32>; // [n, DIM]
@group(0) @binding(1) var<storage, read_write> identity: array<u32>; // [n, 2]: label, instance
@group(0) @binding(2) var<storage, read_write> stats: array<f32>; // [n, STATS]
@group(0) @binding(3) var<storage, read_write> row_weight: array<f32>; // [n]: w
@group(0) @binding(4) var<storage, read_write> dz: array<f32>; // [n, DIM]
@group(0) @binding(5) var<storage, read_write> params: array<u32>; // as in supcon_forward.wgsl

var<workgroup> header: vec4<u32>;
var<workgroup> rows_panel: array<f32, 544>; // TILE × PITCH
var<workgroup> columns_panel: array<f32, 544>;
var<workgroup> weights: array<f32, 1056>; // TILE × WEIGHT_PITCH: G_ij + G_ji

// What a row's own gradient terms need.
struct Anchor {
    identity: vec2<u32>,
    peak: f32,
    inv_sum: f32,
    positive_peak: f32,
    inv_positive_sum: f32,
    inv_count: f32, // 0 without positives: the anchor is out
    weight: f32,
}

fn anchor(i: u32) -> Anchor {
    let count = stats[i * STATS + 5u];
    return Anchor(
        vec2<u32>(identity[i * 2u], identity[i * 2u + 1u]),
        stats[i * STATS + 1u],
        1.0 / stats[i * STATS + 2u],
        stats[i * STATS + 3u],
        1.0 / stats[i * STATS + 4u],
        select(0.0, 1.0 / max(count, 1.0), count > 0.0),
        row_weight[i],
    );
}

// τ·G of an anchor against one column.
fn pull(a: Anchor, positive: bool, logit: f32, flags: u32) -> f32 {
    if (a.inv_count == 0.0) {
        // A poisoned row without positives still poisons: its peak is NaN, else 0 · finite.
        return 0.0 * a.peak;
    }
    var target_share = 0.0;
    if (positive) {
        target_share = a.inv_count;
        if ((flags & SUM_INSIDE) != 0u) {
            target_share = exp(logit - a.positive_peak) * a.inv_positive_sum;
        }
    }
    return a.weight * (exp(logit - a.peak) * a.inv_sum - target_share);
}

fn pair_weight(a: Anchor, b: Anchor, logit: f32, flags: u32) -> f32 {
    let same_label = a.identity.x == b.identity.x;
    let same_instance = a.identity.y == b.identity.y;
    let positive = select(same_label, same_instance, (flags & POSITIVES_BY_INSTANCE) != 0u);
    if ((flags & DROP_SAME_CLASS) != 0u && same_label && !positive) {
        return 0.0;
    }
    return pull(a, positive, logit, flags) + pull(b, positive, logit, flags);
}

@compute @workgroup_size(16, 16, 1)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_id) local: vec3<u32>,
    @builtin(local_invocation_index) index: u32,
) {
    if (index == 0u) {
        header = vec4<u32>(params[0], params[1], params[2], params[3]);
    }
    let head = workgroupUniformLoad(&header);
    let n = head.x;
    let row_end = head.z;
    let flags = head.w;
    let inv_tau = bitcast<f32>(params[4]);
    let row_0 = head.y + (group.y * groups.x + group.x) * TILE;
    let i_0 = row_0 + local.y * 2u;

    let mine = array<Anchor, 2>(anchor(min(i_0, n - 1u)), anchor(min(i_0 + 1u, n - 1u)));
    var sum_0: array<f32, SLOTS>;
    var sum_1: array<f32, SLOTS>;

    for (var column_0 = 0u; column_0 < n; column_0 += TILE) {
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
        for (var b = 0u; b < 2u; b++) {
            let column = local.x + SIDE * b;
            let j = column_0 + column;
            let other = anchor(min(j, n - 1u));
            for (var a = 0u; a < 2u; a++) {
                var weight = 0.0;
                if (j < n && i_0 + a < n && j != i_0 + a) {
                    weight = pair_weight(mine[a], other, dot[a * 2u + b] * inv_tau, flags);
                }
                weights[(local.y * 2u + a) * WEIGHT_PITCH + column] = weight;
            }
        }
        workgroupBarrier();
        let columns = min(TILE, n - column_0);
        for (var column = 0u; column < columns; column++) {
            let w_0 = weights[(local.y * 2u) * WEIGHT_PITCH + column];
            let w_1 = weights[(local.y * 2u + 1u) * WEIGHT_PITCH + column];
            for (var slot = 0u; slot < SLOTS; slot++) {
                let k = slot * SIDE + local.x;
                let value = z[(column_0 + column) * DIM + min(k, DIM - 1u)];
                sum_0[slot] += w_0 * value;
                sum_1[slot] += w_1 * value;
            }
        }
        workgroupBarrier();
    }

    for (var slot = 0u; slot < SLOTS; slot++) {
        let k = slot * SIDE + local.x;
        if (k < DIM && i_0 < row_end) {
            dz[i_0 * DIM + k] = sum_0[slot] * inv_tau;
        }
        if (k < DIM && i_0 + 1u < row_end) {
            dz[(i_0 + 1u) * DIM + k] = sum_1[slot] * inv_tau;
        }
    }
}
