//! Every shader, at every size it can be specialised to, through naga: no GPU needed.

use naga::valid::{Capabilities, ShaderStages, SubgroupOperationSet, ValidationFlags, Validator};
use supcon_loss::{Pass, Specialisation, half_words_text};

/// WebGPU's default limits.
const MAX_STORAGE_BUFFERS: usize = 8;
const MAX_WORKGROUP_BYTES: u32 = 16 * 1024;
const MAX_INVOCATIONS: u32 = 256;

/// What every WebGPU adapter can: naga counts `unpack2x16float`, core WGSL, among the capabilities.
const CORE: Capabilities = Capabilities::SHADER_FLOAT16_IN_FLOAT32;

fn check(shader: &Specialised) {
    let Specialised { name, source, .. } = shader;
    let module = naga::front::wgsl::parse_str(source)
        .unwrap_or_else(|error| panic!("{name}: {}", error.emit_to_string(source)));
    let capabilities = if shader.subgroups {
        CORE | Capabilities::SUBGROUP
    } else {
        CORE
    };
    let info = Validator::new(ValidationFlags::all(), capabilities)
        .subgroup_stages(ShaderStages::COMPUTE)
        .subgroup_operations(SubgroupOperationSet::SHUFFLE)
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
        size(naga::AddressSpace::WorkGroup) <= shader.workgroup_bytes,
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

const PLAIN: Specialisation = Specialisation {
    dim: 64,
    soft_dim: 0,
    similarity: 0,
    flags: 0,
    separate: false,
    micro: 2,
    half: false,
    subgroups: false,
};
const HALF: Specialisation = Specialisation {
    half: true,
    ..PLAIN
};
/// Workgroup memory of adapters that take the larger tile.
const LARGE_WORKGROUP_BYTES: u32 = 32 * 1024;

/// A shader's text as it may be launched.
pub struct Specialised {
    pub name: String,
    pub source: String,
    /// Whether it calls subgroup operations.
    pub subgroups: bool,
    /// Workgroup memory it may take.
    workgroup_bytes: u32,
}

/// Every file as it stands, at every length of an embedding, with every pair of switches, with every
/// similarity.
pub fn every_specialisation() -> Vec<Specialised> {
    let mut constants = vec![PLAIN];
    constants.extend((1..=512).map(|dim| Specialisation { dim, ..PLAIN }));
    constants.extend((1..=512).map(|dim| Specialisation { dim, ..HALF }));
    let switches = 0..Specialisation::SWITCHES;
    let lone = switches.clone().map(|bit| 1 << bit);
    let pairs = switches.flat_map(|a| (0..a).map(move |b| 1 << a | 1 << b));
    for flags in [0].into_iter().chain(lone).chain(pairs) {
        for separate in [false, true] {
            constants.extend([2, 4].map(|micro| Specialisation {
                flags,
                separate,
                micro,
                ..PLAIN
            }));
        }
    }
    for similarity in 0..5 {
        for plain in [PLAIN, HALF] {
            constants.extend([0, 10].map(|soft_dim| Specialisation {
                similarity,
                soft_dim,
                ..plain
            }));
        }
    }
    for separate in [false, true] {
        constants.extend([2, 4].map(|micro| Specialisation {
            separate,
            micro,
            ..HALF
        }));
    }
    let rounding = (1..=512).map(|dim| Specialised {
        name: format!("half_words, d = {dim}"),
        source: half_words_text(dim),
        subgroups: false,
        workgroup_bytes: 0,
    });
    let alone = constants.iter().flat_map(|&constants| {
        [Pass::Forward, Pass::Shares, Pass::Backward].map(|pass| specialised(pass, constants))
    });
    // Where rows meet depends on neither length nor similarity.
    let together = constants
        .iter()
        .filter(|constants| constants.dim == PLAIN.dim);
    let together = together.flat_map(|&constants| {
        let constants = Specialisation {
            subgroups: true,
            ..constants
        };
        [Pass::Forward, Pass::Shares].map(|pass| specialised(pass, constants))
    });
    alone.chain(together).chain(rounding).collect()
}

fn specialised(pass: Pass, constants: Specialisation) -> Specialised {
    Specialised {
        name: format!("{pass:?}, {constants:?}"),
        source: constants.text(pass),
        subgroups: constants.subgroups,
        workgroup_bytes: match constants.micro {
            4 => LARGE_WORKGROUP_BYTES,
            _ => MAX_WORKGROUP_BYTES,
        },
    }
}

#[test]
fn shaders_are_valid_at_every_specialisation() {
    every_specialisation().iter().for_each(check);
}

#[test]
fn constants_are_written_into_the_shaders() {
    for dim in [1, 17, 512] {
        let constants = Specialisation { dim, ..PLAIN };
        let forward = constants.text(Pass::Forward);
        assert!(forward.contains(&format!("const DIM: u32 = {dim}u;")));
        let backward = constants.text(Pass::Backward);
        assert!(backward.contains(&format!("const SLOTS: u32 = {}u;", dim.div_ceil(16))));
    }
    for (pass, file) in [
        (
            Pass::Forward,
            include_str!("../../shaders/supcon_forward.wgsl"),
        ),
        (
            Pass::Shares,
            include_str!("../../shaders/supcon_shares.wgsl"),
        ),
        (
            Pass::Backward,
            include_str!("../../shaders/supcon_backward.wgsl"),
        ),
    ] {
        assert_eq!(PLAIN.text(pass), file);
        assert!(HALF.text(pass).contains("const HALF: bool = true;"));
    }
}

#[test]
fn rows_meet_through_subgroups_only_where_asked_for() {
    for pass in [Pass::Forward, Pass::Shares] {
        let text = |subgroups| Specialisation { subgroups, ..PLAIN }.text(pass);
        assert!(!text(false).contains("subgroupShuffleXor"), "{pass:?}");
        assert_eq!(text(true).matches("@compute").count(), 1, "{pass:?}");
        assert!(text(true).contains("subgroupShuffleXor"), "{pass:?}");
    }
}
