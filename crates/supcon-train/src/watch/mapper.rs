//! The map beside training: natively on a thread of its own, in the browser between steps.

use super::budget::Budget;
use super::map_loop::{Job, MapLoop};
use crate::board::Board;
use std::sync::Arc;
use std::time::Duration;
use supcon_protocol::{EmbeddingFrame, MapConfig, Split};

/// The end of a stage waits for its map, so long at most.
const LONGEST_WAIT: Duration = Duration::from_secs(2);

pub(super) use place::Mapper;

impl Mapper {
    /// Maps this frame next.
    pub(super) fn map(&mut self, frame: Arc<EmbeddingFrame>, config: MapConfig, split: Split) {
        self.tell(Some(Job {
            frame,
            config,
            split,
        }));
    }

    /// Other points follow.
    pub(super) fn forget(&mut self) {
        self.tell(None);
    }
}

#[cfg(not(target_family = "wasm"))]
mod place {
    use super::{Board, Budget, Job, LONGEST_WAIT, MapLoop};
    use crate::pace::rest;
    use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
    use std::time::Duration;
    use web_time::Instant;

    /// A loop on a thread, which ends with this handle.
    pub(in crate::watch) struct Mapper(Arc<Desk>);

    #[derive(Default)]
    struct Desk {
        state: Mutex<State>,
        changed: Condvar,
    }

    #[derive(Default)]
    struct State {
        /// Newest last: at most an end of the points before and a job.
        orders: Vec<Option<Job>>,
        busy: bool,
        ended: bool,
    }

    impl Mapper {
        pub(in crate::watch) fn new(board: Board, budget: Budget) -> Self {
            let desk = Arc::new(Desk::default());
            let at_work = Arc::clone(&desk);
            std::thread::spawn(move || work(&at_work, MapLoop::new(board), &budget));
            Self(desk)
        }

        pub(super) fn tell(&mut self, order: Option<Job>) {
            let mut state = self.0.lock();
            match order {
                // Nothing that waits outlives the end of its points.
                None => state.orders.clear(),
                Some(_) => state.orders.retain(Option::is_none),
            }
            state.orders.push(order);
            state.busy = true;
            self.0.changed.notify_one();
        }

        /// The thread does it.
        pub(in crate::watch) fn between_steps(&mut self) {}

        /// The thread does it.
        pub(in crate::watch) fn needs_turns(&self) -> bool {
            false
        }

        /// Waits until the map is done, but not long.
        pub(in crate::watch) async fn settle(&mut self) {
            let start = Instant::now();
            while self.0.lock().busy && start.elapsed() < LONGEST_WAIT {
                rest().await;
            }
        }
    }

    impl Drop for Mapper {
        fn drop(&mut self) {
            self.0.lock().ended = true;
            self.0.changed.notify_one();
        }
    }

    impl Desk {
        fn lock(&self) -> MutexGuard<'_, State> {
            self.state.lock().unwrap_or_else(PoisonError::into_inner)
        }

        /// The orders that came; waits for some where there is nothing else to do. `None` at the end.
        fn orders(&self, has_work: bool) -> Option<Vec<Option<Job>>> {
            let mut state = self.lock();
            state.busy = has_work || !state.orders.is_empty();
            while !state.busy && !state.ended {
                state = self
                    .changed
                    .wait(state)
                    .unwrap_or_else(PoisonError::into_inner);
            }
            (!state.ended).then(|| std::mem::take(&mut state.orders))
        }
    }

    /// A pool of its own: training sums in an order that no map disturbs, and keeps the other cores.
    fn work(desk: &Desk, mut maps: MapLoop, budget: &Budget) {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let pool = rayon::ThreadPoolBuilder::new().num_threads((cores / 2).max(1));
        let Ok(pool) = pool.build() else {
            // Without threads there are no maps; training goes on.
            return;
        };
        while let Some(orders) = desk.orders(maps.has_work()) {
            for order in orders {
                match order {
                    Some(job) => maps.map(job),
                    None => maps.forget(),
                }
            }
            if !maps.has_work() {
                continue;
            }
            if budget.has_room_for_map() {
                let start = Instant::now();
                pool.install(|| maps.turn());
                budget.looked(start);
            } else {
                std::thread::sleep(Duration::from_millis(5));
            }
        }
    }
}

#[cfg(target_family = "wasm")]
mod place {
    use super::{Board, Budget, Job, LONGEST_WAIT, MapLoop};
    use crate::pace::yield_now;
    use web_time::Instant;

    /// A loop that takes its turns between steps.
    pub(in crate::watch) struct Mapper {
        maps: MapLoop,
        budget: Budget,
    }

    impl Mapper {
        pub(in crate::watch) fn new(board: Board, budget: Budget) -> Self {
            Self {
                maps: MapLoop::new(board),
                budget,
            }
        }

        pub(super) fn tell(&mut self, order: Option<Job>) {
            match order {
                Some(job) => self.maps.map(job),
                None => self.maps.forget(),
            }
        }

        /// Takes a turn if there is room for it.
        pub(in crate::watch) fn between_steps(&mut self) {
            if self.maps.has_work() && self.budget.has_room_for_map() {
                let start = Instant::now();
                self.maps.turn();
                self.budget.looked(start);
            }
        }

        /// Whether there is something to do between steps.
        pub(in crate::watch) fn needs_turns(&self) -> bool {
            self.maps.has_work()
        }

        /// Works until the map is done, but not long.
        pub(in crate::watch) async fn settle(&mut self) {
            let start = Instant::now();
            while self.maps.has_work() && start.elapsed() < LONGEST_WAIT {
                self.maps.turn();
                yield_now().await;
            }
        }
    }
}
