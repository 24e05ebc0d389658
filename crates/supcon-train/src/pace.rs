//! Giving way to others between steps.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Lets the executor turn to something else once.
pub(crate) fn yield_now() -> impl Future<Output = ()> {
    struct Yield(bool);

    impl Future for Yield {
        type Output = ();

        fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
            if std::mem::replace(&mut self.0, true) {
                return Poll::Ready(());
            }
            context.waker().wake_by_ref();
            Poll::Pending
        }
    }

    Yield(false)
}

/// Milliseconds between two looks for the end of a pause.
const REST_MS: u32 = 20;

/// Waits a little while a run is paused.
#[cfg(not(target_family = "wasm"))]
pub(crate) async fn rest() {
    std::thread::sleep(std::time::Duration::from_millis(u64::from(REST_MS)));
    yield_now().await;
}

/// Waits a little while a run is paused.
#[cfg(target_family = "wasm")]
pub(crate) async fn rest() {
    crate::browser::sleep(REST_MS).await;
}
