//! A run in one file, for storage that opens files only behind one's back, but then writes them at once:
//! the browser's. It is a small file system.
//!
//! Two headers take turns. A change writes what is new into space that the valid header's index does not
//! use, then an index of all files, then the other header. Whatever is killed in between, the header
//! that is whole and newest has its index and all its files: a change happened, or it did not.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io;

const MAGIC: [u8; 8] = *b"supcrun\x01";
/// Where the headers are: in blocks of their own, so that one torn write spares the other.
const HEADERS: [u64; 2] = [0, 4096];
const HEADER_LEN: usize = 48;
/// Where files begin.
const FIRST_FREE: u64 = 8192;
/// Room that a file gets when it outgrows its last place by appending, at least.
const APPEND_ROOM: u64 = 64 * 1024;
/// Free space at the end that is given back.
const GIVEN_BACK: u64 = 1024 * 1024;

/// Bytes that stay.
pub trait Disk {
    /// How many there are.
    ///
    /// # Errors
    /// What the system said.
    fn size(&self) -> io::Result<u64>;

    /// Fills `bytes` from `at` on.
    ///
    /// # Errors
    /// What the system said; [`io::ErrorKind::UnexpectedEof`] at the end.
    fn read_at(&self, at: u64, bytes: &mut [u8]) -> io::Result<()>;

    /// Writes `bytes` at `at`, behind the end too.
    ///
    /// # Errors
    /// What the system said.
    fn write_at(&mut self, at: u64, bytes: &[u8]) -> io::Result<()>;

    /// Cuts or lengthens.
    ///
    /// # Errors
    /// What the system said.
    fn set_len(&mut self, len: u64) -> io::Result<()>;

    /// Waits until everything written is safe.
    ///
    /// # Errors
    /// What the system said.
    fn flush(&mut self) -> io::Result<()>;
}

/// The files of a run.
#[derive(Debug)]
pub struct Container<D> {
    disk: D,
    /// Of the valid header; 0 before the first change.
    sequence: u64,
    index: Index,
    index_place: Place,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Index(BTreeMap<String, Entry>);

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Entry {
    len: u64,
    places: Vec<Place>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Place {
    at: u64,
    room: u64,
}

impl<D: Disk> Container<D> {
    /// What is on a disk; no files on an empty one.
    ///
    /// # Errors
    /// A disk that holds something else or is damaged, and what the system said.
    pub fn open(disk: D) -> io::Result<Self> {
        let len = disk.size()?;
        let mut found = HEADERS.map(|at| read_header(&disk, at, len));
        found.sort_by_key(|header| header.as_ref().map_or(0, |(sequence, ..)| *sequence));
        let [_, newest] = found;
        match newest {
            Some((sequence, index, index_place)) => Ok(Self {
                disk,
                sequence,
                index,
                index_place,
            }),
            None if is_unused(&disk, len)? => Ok(Self {
                disk,
                sequence: 0,
                index: Index::default(),
                index_place: Place::default(),
            }),
            None => Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "it is no run of supcon's, or neither of its headers is whole",
            )),
        }
    }

    /// The disk, as it is.
    pub(crate) fn into_disk(self) -> D {
        self.disk
    }

    /// Names and lengths of the files.
    pub fn files(&self) -> impl Iterator<Item = (&str, u64)> {
        let entries = self.index.0.iter();
        entries.map(|(name, entry)| (name.as_str(), entry.len))
    }

    /// A file, if there is one.
    ///
    /// # Errors
    /// What the system said.
    pub fn read(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        let Some(entry) = self.index.0.get(name) else {
            return Ok(None);
        };
        let mut bytes = vec![0; entry.len as usize];
        let mut rest = bytes.as_mut_slice();
        for place in &entry.places {
            let (part, behind) = rest.split_at_mut(rest.len().min(place.room as usize));
            self.disk.read_at(place.at, part)?;
            rest = behind;
        }
        Ok(Some(bytes))
    }

    /// Writes a file whole or not at all.
    ///
    /// # Errors
    /// What the system said; the file is as it was.
    pub fn put(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let place = self.free(bytes.len() as u64, &[]);
        self.disk.write_at(place.at, bytes)?;
        let entry = Entry {
            len: bytes.len() as u64,
            places: vec![place],
        };
        self.change(name, entry)
    }

    /// Appends to a file, whole or not at all.
    ///
    /// # Errors
    /// What the system said; the file is as it was.
    pub fn append(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let mut entry = self.index.0.get(name).cloned().unwrap_or_default();
        let room: u64 = entry.places.iter().map(|place| place.room).sum();
        let fits = ((room - entry.len) as usize).min(bytes.len());
        let (here, beyond) = bytes.split_at(fits);
        if let Some(last) = entry.places.last() {
            let at = last.at + last.room - (room - entry.len);
            self.disk.write_at(at, here)?;
        }
        if !beyond.is_empty() {
            let wanted = (beyond.len() as u64).max(APPEND_ROOM).max(entry.len / 4);
            let place = self.free(wanted, &[]);
            self.disk.write_at(place.at, beyond)?;
            entry.places.push(place);
        }
        entry.len += bytes.len() as u64;
        self.change(name, entry)
    }

    /// Cuts a file to `len` bytes; nothing happens to a shorter one.
    ///
    /// # Errors
    /// What the system said, and that there is no such file.
    pub fn truncate(&mut self, name: &str, len: u64) -> io::Result<()> {
        let Some(mut entry) = self.index.0.get(name).cloned() else {
            return Err(io::ErrorKind::NotFound.into());
        };
        entry.len = entry.len.min(len);
        let mut before = 0;
        entry.places.retain(|place| {
            let is_used = before < entry.len;
            before += place.room;
            is_used
        });
        self.change(name, entry)
    }

    /// Makes a change valid: its bytes are written, the index is not.
    fn change(&mut self, name: &str, entry: Entry) -> io::Result<()> {
        let mut index = self.index.clone();
        let new = entry.places.clone();
        index.0.insert(name.to_owned(), entry);
        let bytes = serde_json::to_vec(&index).expect("an index is plain data");
        let index_place = self.free(bytes.len() as u64, &new);
        self.disk.write_at(index_place.at, &bytes)?;
        self.disk.flush()?;
        let sequence = self.sequence + 1;
        let header = header(sequence, index_place, &bytes);
        self.disk
            .write_at(HEADERS[(sequence % 2) as usize], &header)?;
        self.disk.flush()?;
        (self.sequence, self.index, self.index_place) = (sequence, index, index_place);
        self.give_back()
    }

    /// Cuts free space off the end.
    fn give_back(&mut self) -> io::Result<()> {
        let used = self
            .used(&[])
            .last()
            .map_or(FIRST_FREE, |last| last.at + last.room);
        if self.disk.size()? > used.saturating_add(GIVEN_BACK) {
            self.disk.set_len(used)?;
        }
        Ok(())
    }

    /// The first free space of that size, beside `taken`.
    fn free(&self, room: u64, taken: &[Place]) -> Place {
        let mut at = FIRST_FREE;
        for place in self.used(taken) {
            if place.at >= at.saturating_add(room) {
                break;
            }
            at = at.max(place.at + place.room);
        }
        Place { at, room }
    }

    /// What the valid index uses, and `taken`, by place.
    fn used(&self, taken: &[Place]) -> Vec<Place> {
        let files = self.index.0.values().flat_map(|entry| &entry.places);
        let mut used: Vec<Place> = files.chain(taken).copied().collect();
        used.push(self.index_place);
        used.retain(|place| place.room > 0);
        used.sort_unstable();
        used
    }
}

fn header(sequence: u64, place: Place, index: &[u8]) -> Vec<u8> {
    let mut header = MAGIC.to_vec();
    for number in [sequence, place.at, place.room, hash(index)] {
        header.extend(number.to_le_bytes());
    }
    header.extend(hash(&header).to_le_bytes());
    header
}

/// A disk whose header vouches for these bytes as its index: what hostile bytes would have to be.
pub(crate) fn disk_of_index(index: &[u8]) -> Vec<u8> {
    let place = Place {
        at: FIRST_FREE,
        room: index.len() as u64,
    };
    let mut disk = header(2, place, index);
    disk.resize(FIRST_FREE as usize, 0);
    disk.extend(index);
    disk.resize(disk.len() + APPEND_ROOM as usize, 0);
    disk
}

/// Sequence number, index and its place, if the header and its index are whole.
fn read_header(disk: &impl Disk, at: u64, len: u64) -> Option<(u64, Index, Place)> {
    let mut bytes = [0; HEADER_LEN];
    disk.read_at(at, &mut bytes).ok()?;
    let (rest, sum) = bytes.split_last_chunk::<8>()?;
    if rest[..8] != MAGIC || hash(rest) != u64::from_le_bytes(*sum) {
        return None;
    }
    let (numbers, _) = rest[8..].as_chunks::<8>();
    let number = |index: usize| u64::from_le_bytes(numbers[index]);
    let place = Place {
        at: number(1),
        room: number(2),
    };
    if place.at.checked_add(place.room)? > len {
        return None;
    }
    let mut index = vec![0; place.room as usize];
    disk.read_at(place.at, &mut index).ok()?;
    if hash(&index) != number(3) {
        return None;
    }
    let index: Index = serde_json::from_slice(&index).ok()?;
    index
        .is_sound(place, len)
        .then_some((number(0), index, place))
}

impl Index {
    /// Whether every file lies on a disk of that length, in places of its own beside the index's, all but
    /// the last of them full: the bytes may come from anywhere.
    fn is_sound(&self, index_place: Place, len: u64) -> bool {
        let room = |places: &[Place]| places.iter().map(|p| u128::from(p.room)).sum::<u128>();
        let fits = |entry: &Entry| {
            let full = entry.places.split_last().map_or(0, |(_, full)| room(full));
            let range = full..=room(&entry.places);
            entry.len <= len && range.contains(&u128::from(entry.len))
        };
        let files = self.0.values().flat_map(|entry| &entry.places);
        let mut places: Vec<Place> = files.copied().chain([index_place]).collect();
        places.retain(|place| place.room > 0);
        places.sort_unstable();
        let mut free_from = FIRST_FREE;
        let apart = places.iter().all(|place| {
            let begins_free = place.at >= free_from;
            free_from = place.at.saturating_add(place.room);
            begins_free && place.at.checked_add(place.room).is_some()
        });
        apart && self.0.values().all(fits)
    }
}

/// Whether no change was ever finished: the second writes the first header.
fn is_unused(disk: &impl Disk, len: u64) -> io::Result<bool> {
    if len < FIRST_FREE {
        return Ok(len == 0);
    }
    let mut first = [0; HEADER_LEN];
    disk.read_at(HEADERS[0], &mut first)?;
    Ok(first == [0; HEADER_LEN])
}

/// FNV-1a, 64 bits: against torn writes, not against people.
fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests;
