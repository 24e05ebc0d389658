//! What the fuzz targets `container` and `parcel` in `fuzz/` call: the two readers of runs that came from
//! elsewhere. A call must neither panic nor take long nor much memory, whatever the bytes, and what was read
//! must survive being changed and written again. A test runs the committed seeds through the same functions.

use crate::container::{Container, Disk, disk_of_index};
use crate::parcel::{Parcel, pack, unpack_within};
use std::collections::BTreeMap;
use std::io;
use supcon_data::{ArchiveLimits, Memory};

/// A target's name and function.
pub type Target = (&'static str, fn(&[u8]));

/// All targets.
pub const TARGETS: [Target; 2] = [("container", container), ("parcel", parcel)];

/// Where a disk of these tests is full.
const DISK_LEN: u64 = 1 << 20;

/// A disk in memory.
struct SmallDisk(Vec<u8>);

impl Disk for SmallDisk {
    fn size(&self) -> io::Result<u64> {
        Ok(self.0.len() as u64)
    }

    fn read_at(&self, at: u64, bytes: &mut [u8]) -> io::Result<()> {
        let from = self.0.get(at as usize..).unwrap_or_default();
        let from = from.get(..bytes.len());
        bytes.copy_from_slice(from.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn write_at(&mut self, at: u64, bytes: &[u8]) -> io::Result<()> {
        let end = at.saturating_add(bytes.len() as u64);
        if end > DISK_LEN {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.set_len(end.max(self.size()?))?;
        self.0[at as usize..end as usize].copy_from_slice(bytes);
        Ok(())
    }

    fn set_len(&mut self, len: u64) -> io::Result<()> {
        self.0.resize(len as usize, 0);
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

type Files = BTreeMap<String, Vec<u8>>;

/// The files of a container; none where one lies beyond the end of the disk.
fn contents(container: &Container<SmallDisk>) -> Option<Files> {
    let names = container.files().map(|(name, _)| name.to_owned());
    let names: Vec<String> = names.collect();
    let read = |name: String| {
        let bytes = container.read(&name).ok()??;
        Some((name, bytes))
    };
    names.into_iter().map(read).collect()
}

/// Bytes as the whole of a disk, and as an index under a header that vouches for it.
///
/// # Panics
/// When a change touches another file, or is gone after the disk was opened again.
pub fn container(bytes: &[u8]) {
    for disk in [bytes.to_vec(), disk_of_index(bytes)] {
        if let Ok(container) = Container::open(SmallDisk(disk)) {
            change(container);
        }
    }
}

fn change(mut container: Container<SmallDisk>) {
    let Some(mut files) = contents(&container) else {
        return;
    };
    let first = files.keys().next().cloned();
    let first = first.unwrap_or_else(|| "events.jsonl".to_owned());
    if container.append(&first, b"{}\n").is_ok() {
        files.entry(first.clone()).or_default().extend(b"{}\n");
    }
    assert_eq!(contents(&container).as_ref(), Some(&files));
    if container.put("new", &[7; 300]).is_ok() {
        files.insert("new".to_owned(), vec![7; 300]);
    }
    if container.truncate(&first, 2).is_ok() {
        files.entry(first).or_default().truncate(2);
    }
    assert_eq!(contents(&container).as_ref(), Some(&files));
    let again = Container::open(container.into_disk()).expect("a changed disk opens");
    assert_eq!(contents(&again).as_ref(), Some(&files));
}

/// Bytes as an archive of a run. What is taken in can be given out, and comes back the same.
///
/// # Panics
/// When it does not.
pub fn parcel(bytes: &[u8]) {
    let Some(taken) = unpacked(bytes) else { return };
    let Ok(given) = pack(&taken.name, &taken.files) else {
        // A name too long for a tar.
        return;
    };
    if let Some(again) = unpacked(&given) {
        assert_eq!(again.files, taken.files);
    }
}

fn unpacked(bytes: &[u8]) -> Option<Parcel> {
    let source = Memory(BTreeMap::from([("x.tar".to_owned(), bytes.to_vec())]));
    let limits = ArchiveLimits {
        unpacked_bytes: 4 << 20,
        entries: 1000,
    };
    unpack_within(&source, "x.tar", limits).ok()
}

#[cfg(test)]
mod tests;
