// What the invocation `half` further in the subgroup knows.
fn across(row: Row, half: u32) -> Row {
    return Row(
        LogSum(subgroupShuffleXor(row.shares.peak, half), subgroupShuffleXor(row.shares.excess, half)),
        subgroupShuffleXor(row.log_share_sum, half),
        subgroupShuffleXor(row.count, half),
        subgroupShuffleXor(row.taken, half),
    );
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
