//! The memory of this process.

/// Bytes of it that lie in the machine's memory now; `None` where the system does not say.
#[cfg(not(target_family = "wasm"))]
pub(crate) fn resident_bytes() -> Option<u64> {
    use sysinfo::{ProcessRefreshKind, ProcessesToUpdate, System};
    let own = sysinfo::get_current_pid().ok()?;
    let mut system = System::new();
    let memory = ProcessRefreshKind::nothing().with_memory();
    system.refresh_processes_specifics(ProcessesToUpdate::Some(&[own]), false, memory);
    system.process(own).map(sysinfo::Process::memory)
}

/// A browser does not say.
#[cfg(target_family = "wasm")]
pub(crate) fn resident_bytes() -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    #[test]
    fn memory_that_is_written_to_is_counted() {
        let Some(before) = super::resident_bytes() else {
            return;
        };
        let block = vec![1_u8; 64 << 20];
        let after = super::resident_bytes().unwrap();
        assert!(block.iter().all(|byte| *byte == 1));
        assert!(after > before + (48 << 20), "{before} {after}");
    }
}
