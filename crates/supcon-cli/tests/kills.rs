//! `kill -9` at random moments, also inside saves, against an uninterrupted run.

use crate::support::Scratch;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::{Duration, Instant, SystemTime};

/// Kills at a random step.
const KILLS_ANYWHERE: usize = 18;
/// Kills within a save: the temporary file lay there afterwards.
const KILLS_IN_SAVES: usize = 4;
/// Steps between checkpoints.
const INTERVAL: u64 = 5;
/// Steps of the four stages.
const STAGES: [u64; 4] = [40, 60, 40, 60];

const OPTIONS: &str = "--set data.shapes_train=600 --set data.shapes_test=200 \
    --set contrastive.length=60~steps --set contrastive.batch_size=32 \
    --set contrastive.optimizer.warmup=2~steps --set contrastive.optimizer.kind=lars \
    --set contrastive.optimizer.exclude=batch_norm --set linear.length=40~steps \
    --set cross_entropy.length=60~steps --set cross_entropy.batch_size=32 \
    --set cross_entropy.optimizer.warmup=2~steps --set cross_entropy.optimizer.kind=adam_w \
    --set cross_entropy.optimizer.learning_rate=0.002";
const EXECUTION: &str = "--device cpu --threads 2 --checkpoint-every 5";

/// A tensor of a safetensors file: dtype, shape, bytes.
type Stored = (String, Vec<u64>, Vec<u8>);

/// Steps of the whole run up to a step of a stage.
fn overall(stage: u64, step: u64) -> u64 {
    STAGES[..(stage as usize).min(STAGES.len())]
        .iter()
        .sum::<u64>()
        + step
}

/// A run directory as its files tell it, whoever writes them.
struct Watched(PathBuf);

/// A checkpoint: where it stands, and every tensor by name.
#[derive(Clone, Debug)]
struct Snapshot {
    stage: u64,
    step: u64,
    /// Bytes of the log that it covers; they hold speeds, which differ from run to run.
    log_bytes: u64,
    tensors: BTreeMap<String, Stored>,
}

impl Snapshot {
    /// Model, optimiser and the position that batches and views are functions of.
    fn state(&self) -> (u64, u64, &BTreeMap<String, Stored>) {
        (self.stage, self.step, &self.tensors)
    }

    fn overall(&self) -> u64 {
        overall(self.stage, self.step)
    }
}

impl Watched {
    /// (stage, step) of every step report in the log, a torn last line left out.
    fn reported(&self) -> Vec<(u64, u64)> {
        let text = self.log();
        let events = text
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let number = |step: &Value, key: &str| step[key].as_u64().expect("a number");
        events
            .filter_map(|event| event["msg"].get("step").cloned())
            .map(|step| (number(&step, "stage"), number(&step, "step")))
            .collect()
    }

    /// The last step reported, over all stages.
    fn last_reported(&self) -> u64 {
        let last = self.reported().last().copied();
        last.map_or(0, |(stage, step)| overall(stage, step))
    }

    fn snapshot(&self) -> Option<Snapshot> {
        snapshot(&self.0.join("checkpoints/latest.safetensors"))
    }

    /// Whether a file is being saved by a process that began at `since`; an earlier one may have left
    /// a temporary file of its own.
    fn is_saving(&self, since: SystemTime) -> bool {
        let is_new = |path: &Path| {
            let modified = path.metadata().and_then(|file| file.modified());
            modified.is_ok_and(|modified| modified >= since)
        };
        let entries = std::fs::read_dir(self.0.join("checkpoints"));
        entries.is_ok_and(|mut entries| {
            entries.any(|entry| {
                entry.is_ok_and(|entry| {
                    let path = entry.path();
                    path.extension().is_some_and(|end| end == "tmp") && is_new(&path)
                })
            })
        })
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.0.join("events.jsonl")).unwrap_or_default()
    }
}

fn snapshot(path: &Path) -> Option<Snapshot> {
    let bytes = std::fs::read(path).ok()?;
    let header_len = u64::from_le_bytes(bytes.get(..8)?.try_into().ok()?) as usize;
    let header: Value = serde_json::from_slice(&bytes[8..8 + header_len]).expect("whole");
    let data = &bytes[8 + header_len..];
    let mut tensors = BTreeMap::new();
    for (name, tensor) in header.as_object().expect("a header") {
        if name == "__metadata__" {
            continue;
        }
        let whole = |value: &Value| value.as_u64().expect("a number");
        let list = |key: &str| tensor[key].as_array().expect("a list").iter().map(whole);
        let range: Vec<u64> = list("data_offsets").collect();
        let stored = (
            tensor["dtype"].as_str().expect("a type").to_owned(),
            list("shape").collect(),
            data[range[0] as usize..range[1] as usize].to_vec(),
        );
        tensors.insert(name.clone(), stored);
    }
    let position = header["__metadata__"]["supcon"]
        .as_str()
        .expect("a position");
    let position: Value = serde_json::from_str(position).expect("JSON");
    Some(Snapshot {
        stage: position["stage"].as_u64().expect("a stage"),
        step: position["step"].as_u64().expect("a step"),
        log_bytes: position["log_bytes"].as_u64().expect("a length"),
        tensors,
    })
}

/// The moments are the seed's, as far as a clock allows.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) % limit
    }
}

/// Waits for `happened`; false if the process ended first.
fn wait(child: &mut Child, happened: impl Fn() -> bool, pause: Duration) -> bool {
    let deadline = Instant::now() + Duration::from_secs(120);
    loop {
        if happened() {
            return true;
        }
        if child.try_wait().expect("a process").is_some() {
            return false;
        }
        assert!(
            Instant::now() < deadline,
            "nothing happened for two minutes"
        );
        std::thread::sleep(pause);
    }
}

/// Runs without interruption, and collects the checkpoints seen on the way.
fn uninterrupted(scratch: &Scratch) -> BTreeMap<(u64, u64), Snapshot> {
    let mut child = scratch.spawn(&format!("train {OPTIONS} {EXECUTION} --out whole"));
    let run = Watched(scratch.path().join("whole"));
    let mut seen = BTreeMap::new();
    while child.try_wait().expect("a process").is_none() {
        if let Some(snapshot) = run.snapshot() {
            seen.insert((snapshot.stage, snapshot.step), snapshot);
        }
        std::thread::sleep(Duration::from_micros(500));
    }
    assert!(child.wait().expect("ended").success());
    seen
}

#[test]
fn a_run_killed_at_any_moment_ends_with_the_tensors_of_an_uninterrupted_one() {
    let scratch = Scratch::new();
    let reference = uninterrupted(&scratch);
    let run = Watched(scratch.path().join("killed"));
    let planned: u64 = STAGES.iter().sum();
    let mut random = Random(20_201_120);
    let mut moments: Vec<u64> = (0..KILLS_ANYWHERE + KILLS_IN_SAVES)
        .map(|_| random.below(planned))
        .collect();
    moments.sort_unstable();

    let mut started = SystemTime::now();
    let mut child = scratch.spawn(&format!("train {OPTIONS} {EXECUTION} --out killed"));
    let (mut kills, mut in_saves, mut compared, mut again) = (0, 0, 0, 0);
    let mut stages_hit = [0; STAGES.len()];
    let mut covered = String::new();
    for (at, &moment) in moments.iter().enumerate() {
        let reached = || run.last_reported() >= moment;
        let mut alive = wait(&mut child, reached, Duration::from_millis(1));
        if at % (moments.len() / KILLS_IN_SAVES) == 1 {
            alive = alive && wait(&mut child, || run.is_saving(started), Duration::ZERO);
        } else {
            std::thread::sleep(Duration::from_micros(random.below(60_000)));
        }
        assert!(alive, "the run ended before kill {at} at step {moment}");
        child.kill().expect("SIGKILL");
        child.wait().expect("ended");
        kills += 1;
        in_saves += usize::from(run.is_saving(started));
        // What the last session was given is still there, to the byte: it went on, not back.
        let log = run.log();
        assert!(
            log.starts_with(&covered),
            "kill {at}: the log was rewritten"
        );
        let snapshot = run.snapshot();
        let saved = snapshot.as_ref().map_or(0, Snapshot::overall);
        // The next session does again what lies between the checkpoint and here. This one wrote a report
        // before each checkpoint, so beyond the last report it did fewer steps than an interval.
        let reported = run.last_reported();
        let repeated = if reported > saved {
            reported - saved
        } else {
            INTERVAL - 1
        };
        assert!(
            repeated <= INTERVAL,
            "kill {at}: {repeated} steps are done again"
        );
        again += repeated;
        stages_hit[snapshot.as_ref().map_or(0, |s| (s.stage as usize).min(3))] += 1;
        if let Some(snapshot) = &snapshot {
            assert!(saved > 0, "kill {at}: a checkpoint of nothing");
            covered = log[..snapshot.log_bytes as usize].to_owned();
            if let Some(expected) = reference.get(&(snapshot.stage, snapshot.step)) {
                assert!(
                    snapshot.state() == expected.state(),
                    "kill {at}: the checkpoint differs"
                );
                compared += 1;
            }
        }
        started = SystemTime::now();
        child = scratch.spawn(&format!("resume killed {EXECUTION}"));
    }
    assert!(run.log().starts_with(&covered));
    assert!(child.wait().expect("ended").success());
    println!(
        "{kills} kills ({in_saves} in a save; by stage {stages_hit:?}), {compared} checkpoints compared on the way, {planned} steps planned and at most {again} done again"
    );
    assert!(
        kills >= 20 && in_saves >= 3,
        "{kills} kills, {in_saves} in saves"
    );
    assert!(stages_hit.iter().all(|&hits| hits > 0), "{stages_hit:?}");
    assert!(compared >= 5, "{compared} checkpoints compared on the way");
    assert!(again <= kills * INTERVAL);
    assert_same_files(&scratch);
    assert_whole_log(&scratch);
}

/// Every tensor of every file, by name, type, shape and bytes.
fn assert_same_files(scratch: &Scratch) {
    let tensors = |run: &str| -> BTreeMap<String, Snapshot> {
        let folder = scratch.path().join(run).join("checkpoints");
        let entries = std::fs::read_dir(folder).expect("checkpoints");
        let named = entries.map(|entry| {
            let path = entry.expect("readable").path();
            let name = path
                .file_name()
                .expect("a file")
                .to_string_lossy()
                .into_owned();
            (name, snapshot(&path).expect("a checkpoint"))
        });
        named.collect()
    };
    let (killed, whole) = (tensors("killed"), tensors("whole"));
    assert_eq!(
        killed.keys().collect::<Vec<_>>(),
        whole.keys().collect::<Vec<_>>()
    );
    for (name, expected) in &whole {
        assert!(killed[name].state() == expected.state(), "{name}");
    }
}

/// Numbered without gaps, and the steps of the uninterrupted run, each once.
fn assert_whole_log(scratch: &Scratch) {
    let text = scratch.text("killed/events.jsonl");
    for (at, line) in text.lines().enumerate() {
        let event: Value = serde_json::from_str(line).expect("an event");
        assert_eq!(event["seq"].as_u64(), Some(at as u64));
    }
    let steps = |run: &str| Watched(scratch.path().join(run)).reported();
    assert_eq!(steps("killed"), steps("whole"));
}
