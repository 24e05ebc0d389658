use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use web_time::Instant;

/// The share of so much time may be spent at once when steps begin, so that the first pictures come soon.
/// From then on the share holds of all the time that went by.
const ADVANCE: Duration = Duration::from_secs(20);
/// The part of the budget that embeddings and probes may take; the map has the rest, so that neither
/// waits for the other.
const EMBEDDINGS_PART: f64 = 2.0 / 3.0;
/// Embeddings come at most so many times as often as their part lasts for, so that the advance is spread.
const MOST_OFTEN: f64 = 4.0;

/// How much of the wall time went into looking, shared by the engine and the map's thread.
///
/// While no step is taken (a pause, the end) nothing is held back.
#[derive(Clone, Debug)]
pub(crate) struct Budget(Arc<Mutex<Account>>);

#[derive(Clone, Copy, Debug)]
struct Account {
    share: f64,
    advance: Duration,
    started: Instant,
    spent: Duration,
    on_embeddings: Duration,
    last_embedding: Duration,
    last_looked: Instant,
    unlimited: bool,
}

impl Budget {
    /// `share` of the wall time from now on.
    pub(crate) fn new(share: f64) -> Self {
        Self::with_advance(share, ADVANCE)
    }

    fn with_advance(share: f64, advance: Duration) -> Self {
        Self(Arc::new(Mutex::new(Account {
            share,
            advance,
            started: Instant::now(),
            spent: Duration::ZERO,
            on_embeddings: Duration::ZERO,
            last_embedding: Duration::ZERO,
            last_looked: Instant::now(),
            unlimited: true,
        })))
    }

    /// Another share, from now on.
    pub(crate) fn set_share(&self, share: f64) {
        let mut account = self.lock();
        account.share = share;
        account.restart();
    }

    /// Steps are taken from now on: time counts.
    pub(crate) fn limit(&self) {
        let mut account = self.lock();
        if account.unlimited {
            account.unlimited = false;
            account.restart();
        }
    }

    /// No steps are taken: there is nothing to hold back for.
    pub(crate) fn lift(&self) {
        self.lock().unlimited = true;
    }

    /// Whether another embedding fits, if it takes as long as the last one.
    pub(crate) fn has_room_for_embedding(&self) -> bool {
        let account = self.lock();
        let part = account.allowed().mul_f64(EMBEDDINGS_PART);
        account.on_embeddings + account.last_embedding <= part
            && account.last_looked.elapsed() >= account.shortest_gap()
    }

    /// Whether the map may go on.
    pub(crate) fn has_room_for_map(&self) -> bool {
        let account = self.lock();
        let part = account.allowed().mul_f64(1.0 - EMBEDDINGS_PART);
        account.unlimited || account.spent - account.on_embeddings <= part
    }

    /// Takes the time of an embedding since `start` in.
    pub(crate) fn embedded(&self, start: Instant) {
        let taken = start.elapsed();
        let mut account = self.lock();
        account.spent += taken;
        account.on_embeddings += taken;
        account.last_embedding = taken;
        account.last_looked = Instant::now();
    }

    /// Takes the time of a probe since `start` in: it embeds too.
    pub(crate) fn probed(&self, start: Instant) {
        let taken = start.elapsed();
        let mut account = self.lock();
        account.spent += taken;
        account.on_embeddings += taken;
    }

    /// Takes the time of other looking since `start` in.
    pub(crate) fn looked(&self, start: Instant) {
        self.lock().spent += start.elapsed();
    }

    fn lock(&self) -> MutexGuard<'_, Account> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Account {
    fn allowed(&self) -> Duration {
        let elapsed = self.started.elapsed().max(self.advance);
        elapsed.mul_f64(self.share.clamp(0.0, 1.0))
    }

    /// Between two embeddings.
    fn shortest_gap(&self) -> Duration {
        let part = self.share.clamp(f64::EPSILON, 1.0) * EMBEDDINGS_PART;
        let gap = self.last_embedding.as_secs_f64() / (MOST_OFTEN * part);
        // A share of next to nothing: a gap of longer than anyone waits.
        Duration::try_from_secs_f64(gap).unwrap_or(Duration::MAX)
    }

    fn restart(&mut self) {
        self.started = Instant::now();
        (self.spent, self.on_embeddings) = (Duration::ZERO, Duration::ZERO);
    }
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::*;

    fn wait(milliseconds: u64) {
        std::thread::sleep(Duration::from_millis(milliseconds));
    }

    #[test]
    fn looking_stops_when_its_share_is_spent_and_goes_on_with_time() {
        let budget = Budget::with_advance(0.5, Duration::ZERO);
        budget.limit();
        let start = Instant::now();
        wait(40);
        budget.embedded(start);
        // The map has a part of its own, a sixth of the time.
        assert!(budget.has_room_for_map() && !budget.has_room_for_embedding());
        let start = Instant::now();
        wait(60);
        budget.looked(start);
        assert!(!budget.has_room_for_map() && !budget.has_room_for_embedding());
        // An embedding takes 40 ms again, and all of them a third of the time: 240 ms from the start.
        wait(180);
        assert!(budget.has_room_for_embedding() && !budget.has_room_for_map());
        wait(120);
        assert!(budget.has_room_for_map());
    }

    #[test]
    fn the_first_pictures_need_not_wait_and_their_time_is_paid_back() {
        let budget = Budget::with_advance(0.5, Duration::from_millis(200));
        budget.limit();
        let start = Instant::now();
        wait(30);
        budget.embedded(start);
        assert!(budget.has_room_for_map() && !budget.has_room_for_embedding());
        // They come at most every 30 / (4 · 0.5 · 2/3) ms; two take 60 of the 66 ms that embeddings may have
        // in advance.
        wait(25);
        assert!(budget.has_room_for_embedding());
        let start = Instant::now();
        wait(80);
        budget.looked(start);
        // The map may have 33 ms in advance, then a sixth of all the time.
        assert!(!budget.has_room_for_map() && budget.has_room_for_embedding());
        wait(400);
        assert!(budget.has_room_for_map());
    }

    #[test]
    fn a_pause_lifts_the_limit() {
        let budget = Budget::new(0.0);
        budget.limit();
        let start = Instant::now();
        wait(2);
        budget.looked(start);
        assert!(!budget.has_room_for_map());
        budget.lift();
        assert!(budget.has_room_for_map());
    }
}
