//! Every shader, at every size it can be specialised to, through naga: no GPU needed.

use naga::valid::{Capabilities, ValidationFlags, Validator};
use supcon_loss::{BACKWARD_WGSL, FORWARD_WGSL, SHARES_WGSL, Specialisation};

/// WebGPU's default limits.
const MAX_STORAGE_BUFFERS: usize = 8;
const MAX_WORKGROUP_BYTES: u32 = 16 * 1024;
const MAX_INVOCATIONS: u32 = 256;

fn check(name: &str, source: &str, max_workgroup_bytes: u32) {
    let module = naga::front::wgsl::parse_str(source)
        .unwrap_or_else(|error| panic!("{name}: {}", error.emit_to_string(source)));
    let info = Validator::new(ValidationFlags::all(), Capabilities::empty())
        .validate(&module)
        .unwrap_or_else(|error| panic!("{name}: {error:?}"));
    let mut layouter = naga::proc::Layouter::default();
    layouter
        .update(module.to_ctx())
        .expect("types have layouts");
    let size = |space: naga::AddressSpace| {
        let of_space = module
            .global_variables
            .iter()
            .filter(move |(_, v)| v.space == space);
        of_space.map(|(_, v)| layouter[v.ty].size).sum::<u32>()
    };
    assert!(
        size(naga::AddressSpace::WorkGroup) <= max_workgroup_bytes,
        "{name}: too much workgroup memory"
    );
    let [entry] = module.entry_points.as_slice() else {
        panic!("{name}: not one entry point")
    };
    assert_eq!(entry.name, "main", "{name}");
    assert!(
        entry.workgroup_size.iter().product::<u32>() <= MAX_INVOCATIONS,
        "{name}"
    );
    let bindings: Vec<_> = module
        .global_variables
        .iter()
        .filter(|(_, v)| v.binding.is_some())
        .collect();
    assert!(
        bindings.len() <= MAX_STORAGE_BUFFERS,
        "{name}: {} storage buffers",
        bindings.len()
    );
    for (handle, variable) in bindings {
        let used = !info.get_entry_point(0)[handle].is_empty();
        assert!(
            used,
            "{name}: binding {:?} is declared and not used",
            variable.name
        );
    }
}

#[test]
fn shaders_are_valid_as_they_stand() {
    check("supcon_forward", FORWARD_WGSL, MAX_WORKGROUP_BYTES);
    check("supcon_shares", SHARES_WGSL, MAX_WORKGROUP_BYTES);
    check("supcon_backward", BACKWARD_WGSL, MAX_WORKGROUP_BYTES);
}

const PLAIN: Specialisation = Specialisation {
    dim: 64,
    soft_dim: 0,
    similarity: 0,
    flags: 0,
    separate: false,
    micro: 2,
};
/// Workgroup memory of adapters that take the larger tile.
const LARGE_WORKGROUP_BYTES: u32 = 32 * 1024;

fn check_all(constants: Specialisation, limit: u32) {
    for (name, source) in [
        ("supcon_forward", FORWARD_WGSL),
        ("supcon_shares", SHARES_WGSL),
        ("supcon_backward", BACKWARD_WGSL),
    ] {
        check(
            &format!("{name}, {constants:?}"),
            &constants.apply(source),
            limit,
        );
    }
}

#[test]
fn shaders_are_valid_at_every_dim() {
    for dim in 1..=512 {
        check_all(Specialisation { dim, ..PLAIN }, MAX_WORKGROUP_BYTES);
        let forward = Specialisation { dim, ..PLAIN }.apply(FORWARD_WGSL);
        assert!(forward.contains(&format!("const DIM: u32 = {dim}u;")));
        let backward = Specialisation { dim, ..PLAIN }.apply(BACKWARD_WGSL);
        assert!(backward.contains(&format!("const SLOTS: u32 = {}u;", dim.div_ceil(16))));
    }
}

#[test]
fn shaders_are_valid_at_every_specialisation() {
    let switches = 0..Specialisation::SWITCHES;
    let lone = switches.clone().map(|bit| 1 << bit);
    let pairs = switches.flat_map(|a| (0..a).map(move |b| 1 << a | 1 << b));
    for flags in [0].into_iter().chain(lone).chain(pairs) {
        for separate in [false, true] {
            for (micro, limit) in [(2, MAX_WORKGROUP_BYTES), (4, LARGE_WORKGROUP_BYTES)] {
                let constants = Specialisation {
                    flags,
                    separate,
                    micro,
                    ..PLAIN
                };
                check_all(constants, limit);
            }
        }
    }
    for similarity in 0..5 {
        for soft_dim in [0, 10] {
            let constants = Specialisation {
                similarity,
                soft_dim,
                ..PLAIN
            };
            check_all(constants, MAX_WORKGROUP_BYTES);
        }
    }
}
