//! Waiting for what must come: for a fact, with the limit of the test's own house, and never for a time.

use std::future::Future;
use std::time::Duration;

use crate::house::LIMIT;

/// What is waited for, or a failure that says what it was.
pub(crate) async fn soon<T>(what: &str, waited: impl Future<Output = T>) -> T {
    tokio::time::timeout(LIMIT, waited).await.unwrap_or_else(|_| panic!("waited in vain: {what}"))
}

/// Waits until something is so.
pub(crate) async fn until(what: &str, so: impl Fn() -> bool) {
    soon(what, async {
        while !so() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    })
    .await;
}
