use super::*;
use std::cell::Cell;

/// A disk in memory that dies in the middle of its `budget`-th change.
#[derive(Clone, Debug, Default)]
struct Memory {
    bytes: Vec<u8>,
    budget: Cell<Option<u32>>,
}

impl Memory {
    fn dies(&self) -> bool {
        match self.budget.get() {
            None => false,
            Some(0) => true,
            Some(left) => {
                self.budget.set(Some(left - 1));
                left == 1
            }
        }
    }
}

impl Disk for Memory {
    fn size(&self) -> io::Result<u64> {
        Ok(self.bytes.len() as u64)
    }

    fn read_at(&self, at: u64, bytes: &mut [u8]) -> io::Result<()> {
        let from = self.bytes.get(at as usize..).unwrap_or_default();
        let from = from.get(..bytes.len());
        bytes.copy_from_slice(from.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn write_at(&mut self, at: u64, bytes: &[u8]) -> io::Result<()> {
        let dead = self.budget.get() == Some(0);
        let dies = self.dies();
        // The last write of the dying is torn.
        let bytes = match (dead, dies) {
            (true, _) => &[],
            (false, true) => &bytes[..bytes.len() / 2],
            (false, false) => bytes,
        };
        let end = at as usize + bytes.len();
        if self.bytes.len() < end {
            self.bytes.resize(end, 0);
        }
        self.bytes[at as usize..end].copy_from_slice(bytes);
        if dies {
            Err(io::ErrorKind::StorageFull.into())
        } else {
            Ok(())
        }
    }

    fn set_len(&mut self, len: u64) -> io::Result<()> {
        if self.dies() {
            return Err(io::ErrorKind::Other.into());
        }
        self.bytes.resize(len as usize, 0);
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.dies() {
            return Err(io::ErrorKind::Other.into());
        }
        Ok(())
    }
}

type Files = BTreeMap<String, Vec<u8>>;

/// A change, and the same to a map.
#[derive(Clone, Debug)]
enum Change {
    Put(&'static str, Vec<u8>),
    Append(&'static str, Vec<u8>),
    Truncate(&'static str, u64),
}

impl Change {
    fn apply<D: Disk>(&self, to: &mut Container<D>) -> io::Result<()> {
        match self {
            Self::Put(name, bytes) => to.put(name, bytes),
            Self::Append(name, bytes) => to.append(name, bytes),
            Self::Truncate(name, len) => to.truncate(name, *len),
        }
    }

    fn model(&self, files: &mut Files) {
        match self {
            Self::Put(name, bytes) => {
                files.insert((*name).to_owned(), bytes.clone());
            }
            Self::Append(name, bytes) => files.entry((*name).to_owned()).or_default().extend(bytes),
            Self::Truncate(name, len) => {
                files.get_mut(*name).unwrap().truncate(*len as usize);
            }
        }
    }
}

/// As a run writes: a log in lines, checkpoints over one another, frames, a resume.
fn course() -> Vec<Change> {
    let text = |n: usize, len: usize| (0..len).map(|i| (i * 31 + n * 7) as u8).collect::<Vec<_>>();
    let mut course = vec![
        Change::Put("config.toml", text(1, 900)),
        Change::Put("events.jsonl", Vec::new()),
    ];
    for n in 0..6 {
        course.push(Change::Append("events.jsonl", text(n, 20_000)));
        course.push(Change::Put(
            "checkpoints/latest.safetensors",
            text(n, 50_000 + 997 * n),
        ));
        course.push(Change::Append("events.jsonl", text(n, 61)));
        course.push(Change::Put("frames/00000.bin", text(n, 300)));
    }
    course.push(Change::Truncate("events.jsonl", 70_000));
    course.push(Change::Append("events.jsonl", text(9, 10)));
    course.push(Change::Truncate("events.jsonl", 0));
    course.push(Change::Append("events.jsonl", text(3, 5)));
    course
}

fn contents<D: Disk>(container: &Container<D>) -> Files {
    let names = container.files().map(|(name, _)| name.to_owned());
    names
        .map(|name| (name.clone(), container.read(&name).unwrap().unwrap()))
        .collect()
}

#[test]
fn files_come_back_also_after_reopening() {
    let (mut container, mut files) = (Container::open(Memory::default()).unwrap(), Files::new());
    for change in course() {
        change.apply(&mut container).unwrap();
        change.model(&mut files);
        assert_eq!(contents(&container), files, "{change:?}");
        container = Container::open(container.disk).unwrap();
        assert_eq!(contents(&container), files, "{change:?}");
    }
    assert_eq!(container.read("report.html").unwrap(), None);
    assert!(container.truncate("report.html", 0).is_err());
}

#[test]
fn a_change_that_is_killed_happened_or_did_not() {
    let (mut before, mut files) = (Memory::default(), Files::new());
    for change in course() {
        let mut after = files.clone();
        change.model(&mut after);
        for budget in 1.. {
            let disk = before.clone();
            disk.budget.set(Some(budget));
            let mut container = Container::open(disk).unwrap();
            let survived = change.apply(&mut container).is_ok();
            // As whoever is still alive sees it.
            let seen = contents(&container);
            assert!(seen == files || seen == after, "{budget} of {change:?}");
            let disk = container.disk;
            disk.budget.set(None);
            let reopened = contents(&Container::open(disk).unwrap());
            assert!(
                reopened == files || reopened == after,
                "{budget} of {change:?}"
            );
            if survived {
                assert_eq!(reopened, after);
                break;
            }
        }
        let mut container = Container::open(before).unwrap();
        change.apply(&mut container).unwrap();
        (before, files) = (container.disk, after);
    }
}

#[test]
fn space_is_used_again() {
    let mut container = Container::open(Memory::default()).unwrap();
    for n in 0..50 {
        container
            .put("checkpoints/latest.safetensors", &vec![n; 3_000_000])
            .unwrap();
        container.append("events.jsonl", b"{}\n").unwrap();
    }
    let len = container.disk.bytes.len();
    assert!(len < 7_000_000, "{len} bytes for 3 MB");
    container
        .put("checkpoints/latest.safetensors", b"small")
        .unwrap();
    container
        .put("checkpoints/latest.safetensors", b"small")
        .unwrap();
    // The log lies where it was begun, behind the first checkpoint.
    assert!(container.disk.bytes.len() < 3_200_000);
}

#[test]
fn other_bytes_are_refused_and_hostile_ones_harm_nobody() {
    let disk = |bytes: Vec<u8>| Memory {
        bytes,
        ..Memory::default()
    };
    assert!(Container::open(disk(vec![7; 100_000])).is_err());
    let mut container = Container::open(Memory::default()).unwrap();
    container.put("a", &[1; 5_000]).unwrap();
    container.put("b", &[2; 5_000]).unwrap();
    let whole = container.disk.bytes;
    for at in (0..48).chain(4096..4144).chain(13_000..whole.len()) {
        let mut changed = whole.clone();
        changed[at] ^= 0x55;
        if let Ok(container) = Container::open(disk(changed)) {
            contents(&container);
        }
    }
    let huge = Index(BTreeMap::from([(
        "a".to_owned(),
        Entry {
            len: u64::MAX / 2,
            places: vec![Place {
                at: FIRST_FREE,
                room: u64::MAX / 2,
            }],
        },
    )]));
    let bytes = disk_of_index(&serde_json::to_vec(&huge).unwrap());
    assert!(Container::open(disk(bytes)).is_err());
}
