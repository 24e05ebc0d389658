use crate::error::SinkError;
use crate::sink::ArtifactSink;
use supcon_protocol::Samples;
use supcon_protocol::recording::{
    self, FRAME_INDEX, FrameEntry, FrameIndex, RecordedFrame, decode_samples, encode_frame,
    encode_samples, frame_file,
};

/// Frames kept of a stage, at most.
const MOST_FRAMES: usize = 200;

/// Keeps frames in the run directory. When a stage has as many as it may, every other one is dropped and
/// the distance between new ones doubles, so that they stay spread over the whole stage; the files of
/// dropped frames are used again.
#[derive(Debug, Default)]
pub(super) struct Recorder {
    index: FrameIndex,
    /// Watched frames between recorded ones.
    spacing: u64,
}

impl Recorder {
    /// Goes on with what was recorded before (`stage`, `step`), where a run is taken up again; what came
    /// later will happen again.
    pub(super) fn resume(
        sink: &mut dyn ArtifactSink,
        stage: usize,
        step: u64,
    ) -> Result<Self, SinkError> {
        let bytes = sink.read(FRAME_INDEX)?;
        let recorded = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        let mut index: FrameIndex = recorded.unwrap_or_default();
        let before = index.frames.len();
        index
            .frames
            .retain(|frame| (frame.stage, frame.step) < (stage, step));
        let recorder = Self { index, spacing: 1 };
        if recorder.index.frames.len() < before {
            recorder.put_index(sink)?;
        }
        Ok(recorder)
    }

    /// The index of the next watched frame.
    pub(super) fn next_index(&self) -> u64 {
        self.index.frames.last().map_or(0, |frame| frame.index + 1)
    }

    /// A stage begins or goes on.
    pub(super) fn begin_stage(&mut self, stage: usize) {
        let of_stage: Vec<u64> = self.of_stage(stage).map(|frame| frame.index).collect();
        self.spacing = match of_stage[..] {
            [.., before, last] => (last - before).max(1),
            _ => 1,
        };
    }

    /// Keeps the images behind the frames.
    pub(super) fn keep_samples(
        sink: &mut dyn ArtifactSink,
        samples: &Samples,
    ) -> Result<(), SinkError> {
        sink.put(recording::SAMPLES, &encode_samples(samples))
    }

    /// How many images the frames so far are of.
    pub(super) fn recorded_images(sink: &dyn ArtifactSink) -> Result<Option<usize>, SinkError> {
        let bytes = sink.read(recording::SAMPLES)?;
        let samples = bytes.and_then(|bytes| decode_samples(&bytes).ok());
        Ok(samples.map(|samples| samples.images.len()))
    }

    /// Keeps a frame if it is its turn, or the stage's `last`.
    pub(super) fn record(
        &mut self,
        sink: &mut dyn ArtifactSink,
        frame: &RecordedFrame,
        last: bool,
    ) -> Result<(), SinkError> {
        let embedding = &frame.embedding;
        let before = self.of_stage(embedding.stage).last().copied();
        let is_due = before.is_none_or(|before| embedding.index >= before.index + self.spacing);
        if !(is_due || last) {
            return Ok(());
        }
        if self.of_stage(embedding.stage).count() >= MOST_FRAMES {
            self.thin_out(embedding.stage);
            // First the index: no file that it names is written over.
            self.put_index(sink)?;
        }
        let entry = FrameEntry {
            file: self.free_file(),
            stage: embedding.stage,
            step: embedding.step,
            index: embedding.index,
        };
        sink.put(&frame_file(entry.file), &encode_frame(frame))?;
        self.index.frames.push(entry);
        self.put_index(sink)
    }

    fn thin_out(&mut self, stage: usize) {
        self.spacing *= 2;
        let mut position = 0;
        self.index.frames.retain(|frame| {
            let of_stage = frame.stage == stage;
            position += usize::from(of_stage);
            !of_stage || position % 2 == 1
        });
    }

    fn free_file(&self) -> u32 {
        let mut used: Vec<u32> = self.index.frames.iter().map(|frame| frame.file).collect();
        used.sort_unstable();
        let gap = (0..).zip(&used).find(|(number, file)| number != *file);
        gap.map_or(used.len() as u32, |(number, _)| number)
    }

    fn of_stage(&self, stage: usize) -> impl Iterator<Item = &FrameEntry> {
        let frames = self.index.frames.iter();
        frames.filter(move |frame| frame.stage == stage)
    }

    fn put_index(&self, sink: &mut dyn ArtifactSink) -> Result<(), SinkError> {
        let json = serde_json::to_vec(&self.index).expect("an index is plain data");
        sink.put(FRAME_INDEX, &json)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sink::MemorySink;
    use supcon_protocol::EmbeddingFrame;
    use supcon_protocol::recording::decode_frame;

    fn frame(stage: usize, index: u64) -> RecordedFrame {
        RecordedFrame {
            embedding: EmbeddingFrame {
                stage,
                step: index,
                index,
                dim: 1,
                z: vec![1.0, 1.0],
                predictions: vec![index as u32],
            },
            map: None,
        }
    }

    /// What a reader finds: index entries whose files hold the frames they name.
    fn read(sink: &MemorySink) -> Vec<FrameEntry> {
        let index: FrameIndex = serde_json::from_slice(&sink.0[FRAME_INDEX]).unwrap();
        for entry in &index.frames {
            let frame = decode_frame(&sink.0[&frame_file(entry.file)]).unwrap();
            assert_eq!(frame.embedding.index, entry.index);
        }
        index.frames
    }

    #[test]
    fn recording_is_bounded_and_spread_over_the_stage() {
        let (mut sink, mut recorder) = (MemorySink::default(), Recorder::default());
        recorder.begin_stage(1);
        for index in 0..3_000 {
            recorder
                .record(&mut sink, &frame(1, index), index == 2_999)
                .unwrap();
        }
        let frames = read(&sink);
        assert!((100..=200).contains(&frames.len()), "{}", frames.len());
        assert!(sink.0.len() <= MOST_FRAMES + 1, "{} files", sink.0.len());
        assert_eq!(
            (frames[0].index, frames[frames.len() - 1].index),
            (0, 2_999)
        );
        let gaps = frames.windows(2).map(|pair| pair[1].index - pair[0].index);
        assert!(gaps.max() <= Some(2 * 3_000 / 100));
        recorder.begin_stage(2);
        for index in 3_000..3_050 {
            recorder.record(&mut sink, &frame(2, index), false).unwrap();
        }
        assert_eq!(read(&sink).len(), frames.len() + 50);
    }

    #[test]
    fn a_resume_forgets_what_will_happen_again() {
        let (mut sink, mut recorder) = (MemorySink::default(), Recorder::default());
        recorder.begin_stage(1);
        for index in 0..10 {
            recorder.record(&mut sink, &frame(1, index), false).unwrap();
        }
        let mut resumed = Recorder::resume(&mut sink, 1, 6).unwrap();
        assert_eq!(resumed.next_index(), 6);
        resumed.begin_stage(1);
        resumed.record(&mut sink, &frame(1, 6), false).unwrap();
        let steps: Vec<u64> = read(&sink).iter().map(|frame| frame.step).collect();
        assert_eq!(steps, [0, 1, 2, 3, 4, 5, 6]);
        let again = Recorder::resume(&mut sink, 0, 0).unwrap();
        assert_eq!(again.next_index(), 0);
        assert!(read(&sink).is_empty());
    }
}
