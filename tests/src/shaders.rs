//! Every shader, at every size it can be specialised to, through naga: no GPU needed.

use naga::valid::{Capabilities, ValidationFlags, Validator};
use supcon_loss::{BACKWARD_WGSL, FORWARD_WGSL, specialise};

/// WebGPU's default limits.
const MAX_STORAGE_BUFFERS: usize = 8;
const MAX_WORKGROUP_BYTES: u32 = 16 * 1024;
const MAX_INVOCATIONS: u32 = 256;

fn check(name: &str, source: &str) {
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
        size(naga::AddressSpace::WorkGroup) <= MAX_WORKGROUP_BYTES,
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
    check("supcon_forward", FORWARD_WGSL);
    check("supcon_backward", BACKWARD_WGSL);
}

#[test]
fn shaders_are_valid_at_every_dim() {
    for dim in 1..=512 {
        check(
            &format!("supcon_forward at DIM {dim}"),
            &specialise(FORWARD_WGSL, dim),
        );
        check(
            &format!("supcon_backward at DIM {dim}"),
            &specialise(BACKWARD_WGSL, dim),
        );
        assert!(specialise(FORWARD_WGSL, dim).contains(&format!("const DIM: u32 = {dim}u;")));
        assert!(
            specialise(BACKWARD_WGSL, dim)
                .contains(&format!("const SLOTS: u32 = {}u;", dim.div_ceil(16)))
        );
    }
}
