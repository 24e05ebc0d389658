use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use web_time::Instant;

/// When steps begin, looking may be ahead of its share, so that the first pictures come soon: the share then
/// holds of the geometric mean of the time that went by and this, which thins the pictures out little by
/// little. From here on it holds of the time that went by.
const ADVANCE: Duration = Duration::from_secs(20);
/// The part of the budget that embeddings and probes may take; the map has the rest, so that neither
/// waits for the other.
const EMBEDDINGS_PART: f64 = 2.0 / 3.0;

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
        account.fits_embedding(account.started.elapsed())
    }

    /// Whether the map may go on.
    pub(crate) fn has_room_for_map(&self) -> bool {
        let account = self.lock();
        account.unlimited || account.fits_map(account.started.elapsed())
    }

    /// Takes the time of an embedding since `start` in.
    pub(crate) fn embedded(&self, start: Instant) {
        let taken = start.elapsed();
        let mut account = self.lock();
        account.spent += taken;
        account.on_embeddings += taken;
        account.last_embedding = taken;
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
    fn fits_embedding(&self, elapsed: Duration) -> bool {
        let part = self.allowed(elapsed).mul_f64(EMBEDDINGS_PART);
        self.on_embeddings + self.last_embedding <= part
    }

    fn fits_map(&self, elapsed: Duration) -> bool {
        let part = self.allowed(elapsed).mul_f64(1.0 - EMBEDDINGS_PART);
        self.spent - self.on_embeddings <= part
    }

    fn allowed(&self, elapsed: Duration) -> Duration {
        let [time, ahead] = [elapsed, self.advance].map(|duration| duration.as_secs_f64());
        let counted = time.max((time * ahead).sqrt());
        Duration::from_secs_f64(counted).mul_f64(self.share.clamp(0.0, 1.0))
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

    /// Milliseconds at which embeddings begin, if each takes so long and steps are short.
    fn embedded_at(share: f64, cost_ms: u64, until_ms: u64) -> Vec<u64> {
        let budget = Budget::new(share);
        let mut account = budget.lock();
        let cost = Duration::from_millis(cost_ms);
        let mut times = Vec::new();
        let mut now = 0;
        while now < until_ms {
            // The first comes whatever the budget says.
            if times.is_empty() || account.fits_embedding(Duration::from_millis(now)) {
                times.push(now);
                account.spent += cost;
                account.on_embeddings += cost;
                account.last_embedding = cost;
                now += cost_ms;
            }
            now += 10;
        }
        times
    }

    /// Eight pictures within five seconds and then none for fifteen: so it was before.
    #[test]
    fn pictures_thin_out_little_by_little_and_their_time_is_paid_back() {
        for (share, cost_ms) in [(0.1, 160), (0.1, 40), (0.2, 500)] {
            let times = embedded_at(share, cost_ms, 120_000);
            let gaps: Vec<u64> = times.windows(2).map(|two| two[1] - two[0]).collect();
            let steady = cost_ms as f64 / (share * EMBEDDINGS_PART);
            let longest = *gaps.iter().max().unwrap() as f64;
            assert!(
                longest <= 2.0 * steady + 10.0,
                "{longest} ms of {steady}: {gaps:?}"
            );
            // The second when √(20 s · t) reaches the time whose share two take.
            let second = (2.0 * steady).powi(2) / 20_000.0;
            assert!(
                (gaps[0] as f64 - second).abs() <= 10.0,
                "{second}: {gaps:?}"
            );
            for (done, &at) in times.iter().enumerate().filter(|(_, at)| **at >= 20_000) {
                let spent = (done as u64 + 1) * cost_ms;
                let part = share * EMBEDDINGS_PART * at as f64;
                assert!(
                    spent as f64 <= part + 1.0,
                    "{spent} ms of {part} at {at} ms"
                );
            }
            let last = times.len() as f64 * cost_ms as f64;
            assert!(
                last > 0.95 * share * EMBEDDINGS_PART * 120_000.0,
                "{last} ms"
            );
        }
    }

    #[test]
    fn the_map_has_a_part_of_its_own() {
        let budget = Budget::with_advance(0.5, Duration::from_millis(400));
        let mut account = budget.lock();
        let ms = Duration::from_millis;
        // 0.5 · √(100 · 400) = 100 ms after 100 ms, a third of it for the map.
        (account.spent, account.on_embeddings) = (ms(133), ms(100));
        assert!(account.fits_map(ms(100)) && !account.fits_embedding(ms(100)));
        account.spent = ms(134);
        assert!(!account.fits_map(ms(100)));
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
