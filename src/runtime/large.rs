//! Runs work that allocates megabytes on one dedicated thread, one job at a time. glibc keeps freed memory in the arena of the
//! allocating thread; on the blocking pool each thread would keep as much as the largest report.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;

/// The thread never ends while idle: a new one would get another arena.
const STAYS: Duration = Duration::from_secs(1 << 30);

/// The dedicated thread. Cheap to clone.
#[derive(Clone, Default)]
pub struct LargeWork(Arc<Thread>);

#[derive(Default)]
struct Thread(OnceLock<Option<Runtime>>);

impl LargeWork {
    /// Queues the job behind those queued before.
    pub fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
        let one_thread = || {
            let mut builder = Builder::new_current_thread();
            builder.max_blocking_threads(1).thread_keep_alive(STAYS).build().ok()
        };
        match self.0.0.get_or_init(one_thread) {
            Some(thread) => thread.spawn_blocking(work),
            None => tokio::task::spawn_blocking(work),
        }
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        // The last owner may be an async task, which must not block.
        if let Some(Some(thread)) = self.0.take() {
            thread.shutdown_background();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn large_jobs_run_one_at_a_time_and_a_panic_ends_only_its_own() {
        let large = LargeWork::default();
        let order = Arc::new(std::sync::Mutex::new(Vec::new()));
        let works: Vec<_> = (0..20)
            .map(|n| {
                let order = Arc::clone(&order);
                large.run(move || {
                    order.lock().unwrap().push(n);
                    assert_ne!(n, 7, "the seventh fails");
                    std::thread::current().id()
                })
            })
            .collect();
        let ended = futures_util::future::join_all(works).await;
        assert_eq!(*order.lock().unwrap(), (0..20).collect::<Vec<_>>());
        assert!(ended[7].as_ref().is_err_and(tokio::task::JoinError::is_panic));
        let mut threads: Vec<_> = ended.iter().filter_map(|ended| ended.as_ref().ok()).collect();
        threads.dedup();
        assert_eq!(threads.len(), 1);
    }
}
