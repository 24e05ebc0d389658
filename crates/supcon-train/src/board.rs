use crate::log::EventLog;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use supcon_protocol::{EmbeddingFrame, ErrorReport, MapFrame, Notice, Samples, Split};

/// Where notices hang until a front end comes by. Answers wait in a queue; of previews, samples,
/// embeddings and maps only the newest hangs; a run's events stay in its log and are read from there.
/// So a front end that never comes by blocks nobody, and the board does not grow while a run trains.
#[derive(Clone, Debug, Default)]
pub(crate) struct Board(Arc<Mutex<Notices>>);

#[derive(Debug, Default)]
struct Notices {
    queue: VecDeque<Posted>,
    /// The log of the run in view, and how many of its events were read.
    reading: Option<(EventLog, usize)>,
    samples: Option<Arc<Samples>>,
    embedding: Option<Arc<EmbeddingFrame>>,
    map: Option<Arc<MapFrame>>,
    /// The newest map, kept for the recorder after a front end took it.
    last_map: Option<Arc<MapFrame>>,
    /// The split of which somebody wants to see all images.
    demand: Option<Split>,
}

#[derive(Debug)]
enum Posted {
    Answer(Notice),
    Run(EventLog),
}

impl Board {
    /// An answer, behind those that wait. A newer preview takes the place of an older one, and the same
    /// failure is not told twice.
    pub(crate) fn answer(&self, notice: Notice) {
        let mut notices = self.lock();
        let same = |posted: &Posted| matches!(posted, Posted::Answer(other) if *other == notice);
        if matches!(notice, Notice::Failed(_)) && notices.queue.iter().any(same) {
            return;
        }
        if matches!(notice, Notice::Preview(_)) {
            let preview = |posted: &Posted| matches!(posted, Posted::Answer(Notice::Preview(_)));
            notices.queue.retain(|posted| !preview(posted));
        }
        notices.queue.push_back(Posted::Answer(notice));
    }

    /// Something could not be done: the fact and the way out.
    pub(crate) fn fail(&self, message: String, hint: &str) {
        self.answer(Notice::Failed(ErrorReport {
            message,
            causes: Vec::new(),
            hint: Some(hint.to_owned()),
        }));
    }

    /// Somebody wants to see all images of a split.
    pub(crate) fn demand(&self, split: Split) {
        self.lock().demand = Some(split);
    }

    /// The split of which somebody wants to see all images, once.
    pub(crate) fn take_demand(&self) -> Option<Split> {
        self.lock().demand.take()
    }

    /// A run began or went on: what was to be seen of the one before is gone.
    pub(crate) fn open_run(&self, log: &EventLog) {
        let mut notices = self.lock();
        notices.queue.push_back(Posted::Run(log.clone()));
        (notices.samples, notices.embedding) = (None, None);
        (notices.map, notices.last_map) = (None, None);
    }

    pub(crate) fn show_samples(&self, samples: Arc<Samples>) {
        let mut notices = self.lock();
        notices.samples = Some(samples);
        // Points of other images.
        (notices.embedding, notices.map) = (None, None);
    }

    pub(crate) fn show_embedding(&self, frame: Arc<EmbeddingFrame>) {
        self.lock().embedding = Some(frame);
    }

    pub(crate) fn show_map(&self, frame: Arc<MapFrame>) {
        let mut notices = self.lock();
        notices.last_map = Some(Arc::clone(&frame));
        notices.map = Some(frame);
    }

    /// The newest map, if it shows the embedding of that index.
    pub(crate) fn map_of(&self, index: u64) -> Option<Arc<MapFrame>> {
        let notices = self.lock();
        notices
            .last_map
            .clone()
            .filter(|frame| frame.index == index)
    }

    /// Everything new: answers and events in order, then what there is to see.
    pub(crate) fn take(&self) -> Vec<Notice> {
        let mut notices = self.lock();
        let mut taken = Vec::new();
        while let Some(posted) = notices.queue.pop_front() {
            match posted {
                Posted::Answer(notice) => taken.push(notice),
                Posted::Run(log) => {
                    notices.read_events(&mut taken);
                    taken.push(Notice::RunOpened(log.run().clone()));
                    notices.reading = Some((log, 0));
                }
            }
        }
        notices.read_events(&mut taken);
        let Notices {
            samples,
            embedding,
            map,
            ..
        } = &mut *notices;
        let (samples, embedding, map) = (samples.take(), embedding.take(), map.take());
        drop(notices);
        let samples = samples.map(|samples| Notice::Samples(Box::new(owned(samples))));
        let embedding = embedding.map(|frame| Notice::Embedding(owned(frame)));
        let map = map.map(|frame| Notice::Map(owned(frame)));
        taken.extend([samples, embedding, map].into_iter().flatten());
        taken
    }

    fn lock(&self) -> MutexGuard<'_, Notices> {
        // No change leaves the board half-changed, so a poisoned lock is still good.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Notices {
    fn read_events(&mut self, taken: &mut Vec<Notice>) {
        if let Some((log, cursor)) = &mut self.reading {
            let events = log.since(*cursor);
            *cursor += events.len();
            let events = events.into_iter().map(Box::new);
            taken.extend(events.map(Notice::Event));
        }
    }
}

fn owned<T: Clone>(shared: Arc<T>) -> T {
    Arc::unwrap_or_clone(shared)
}

#[cfg(test)]
mod tests {
    use super::*;
    use supcon_protocol::{Event, PreviewSheet, RunId, RunState};

    fn preview(seed: u64) -> Notice {
        Notice::Preview(PreviewSheet {
            images: Vec::new(),
            n_views: 1,
            side: 1,
            pixels: Vec::new(),
            seed,
        })
    }

    fn frame(index: u64) -> Arc<EmbeddingFrame> {
        Arc::new(EmbeddingFrame {
            index,
            ..EmbeddingFrame::default()
        })
    }

    #[test]
    fn events_come_in_order_also_where_two_runs_meet() {
        let board = Board::default();
        let logs = ["a", "b"].map(|name| EventLog::new(RunId(name.to_owned()), Vec::new()));
        board.open_run(&logs[0]);
        logs[0].push(Event::State(RunState::Running));
        assert_eq!(board.take().len(), 2);
        logs[0].push(Event::State(RunState::Finished));
        board.open_run(&logs[1]);
        logs[1].push(Event::State(RunState::Running));
        let seen: Vec<String> = board
            .take()
            .into_iter()
            .map(|notice| match notice {
                Notice::RunOpened(run) => run.0,
                Notice::Event(event) => format!("{}{}", event.run.0, event.seq),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(seen, ["a1", "b", "b0"]);
        assert!(board.take().is_empty());
    }

    #[test]
    fn of_what_there_is_to_see_only_the_newest_waits() {
        let board = Board::default();
        for index in 0..100 {
            board.answer(preview(index));
            board.show_embedding(frame(index));
        }
        assert_eq!(
            board.take(),
            [preview(99), Notice::Embedding((*frame(99)).clone())]
        );
        board.show_embedding(frame(100));
        board.show_samples(Arc::default());
        assert_eq!(board.take(), [Notice::Samples(Box::default())]);
    }
}
