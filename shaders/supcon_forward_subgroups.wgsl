// What the invocation `half` further in the subgroup knows.
fn across(row: Row, half: u32) -> Row {
    return Row(
        across_sum(row.denominator, half),
        across_sum(row.positives, half),
        subgroupShuffleXor(row.positive_sum, half),
        subgroupShuffleXor(row.positive_count, half),
        subgroupShuffleXor(row.weight_sum, half),
        subgroupShuffleXor(row.view_sum, half),
        subgroupShuffleXor(row.view_count, half),
        subgroupShuffleXor(row.poisoned, half),
    );
}

fn across_sum(sum: LogSum, half: u32) -> LogSum {
    return LogSum(subgroupShuffleXor(sum.peak, half), subgroupShuffleXor(sum.excess, half));
}

// Invocations are counted along the subgroups, so that the SIDE of a row are neighbours in one however the
// adapter lays its subgroups over the workgroup. (naga has subgroup_id in one dimension alone.)
@compute @workgroup_size(256, 1, 1)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(subgroup_id) subgroup: u32,
    @builtin(subgroup_size) size: u32,
    @builtin(subgroup_invocation_id) lane: u32,
) {
    meet_columns(group, groups, subgroup * size + lane, size);
}
