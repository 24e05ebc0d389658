use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use supcon_protocol::{Envelope, Event, PROTOCOL_VERSION, RunHistory, RunId};

/// The append-only log of a run, shared with listeners. Each holds a cursor of its own and pulls:
/// a slow or closed one blocks nobody and loses nothing.
#[derive(Clone, Debug)]
pub struct EventLog {
    run: RunId,
    entries: Arc<Mutex<Vec<Envelope<Event>>>>,
}

impl EventLog {
    /// The log of a run, with what it holds already.
    #[must_use]
    pub fn new(run: RunId, entries: Vec<Envelope<Event>>) -> Self {
        Self {
            run,
            entries: Arc::new(Mutex::new(entries)),
        }
    }

    /// Whose log it is.
    #[must_use]
    pub fn run(&self) -> &RunId {
        &self.run
    }

    /// Appends an event; returns it as a line of `events.jsonl`.
    pub fn push(&self, event: Event) -> String {
        let mut entries = self.lock();
        let envelope = Envelope {
            protocol_version: PROTOCOL_VERSION,
            run: self.run.clone(),
            seq: entries.len() as u64,
            msg: event,
        };
        let line = serde_json::to_string(&envelope).unwrap_or_default() + "\n";
        entries.push(envelope);
        line
    }

    /// The events from `cursor` on; the next cursor is `cursor` plus their number.
    #[must_use]
    pub fn since(&self, cursor: usize) -> Vec<Envelope<Event>> {
        self.lock().get(cursor..).unwrap_or_default().to_vec()
    }

    /// Number of events.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lock().len()
    }

    /// Whether nothing has happened yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The fold of all events.
    #[must_use]
    pub fn history(&self) -> RunHistory {
        self.lock().iter().map(|envelope| &envelope.msg).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Envelope<Event>>> {
        // A push cannot leave the vector half-changed, so a poisoned lock is still good.
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads a log back. A torn last line, as a crash leaves it, is dropped.
///
/// # Errors
/// The number of the first line (from 1) that is not the last and not an event.
pub fn parse_events(text: &str) -> Result<Vec<Envelope<Event>>, usize> {
    let lines: Vec<&str> = text.lines().collect();
    let mut entries = Vec::with_capacity(lines.len());
    for (at, line) in lines.iter().enumerate() {
        match serde_json::from_str(line) {
            Ok(envelope) => entries.push(envelope),
            Err(_) if at + 1 == lines.len() => break,
            Err(_) => return Err(at + 1),
        }
    }
    Ok(entries)
}
