//! Threads that wait for parts of a kernel.
//!
//! A training step hands over work every few microseconds, so a thread that has nothing to do looks out for a part for a while
//! before it goes to sleep; asleep it costs nothing. A part that no thread has begun is done by the caller, which therefore
//! never waits for a thread to wake up: it waits only for parts that are being worked on.

use core::any::Any;
use core::cell::UnsafeCell;
use core::fmt;
use core::hint::spin_loop;
use core::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::thread::{self, JoinHandle};

use super::MOST;

/// How often a thread looks for a part before it sleeps: some 30 to 100 microseconds, as long as a pause lasts.
const LOOKS: u32 = 2000;
/// How often the caller looks whether the other parts are done, before it lets others have the processor.
const PATIENCE: u32 = 20_000;

/// Threads that work with the one that calls. Dropping it ends them.
///
/// A pool is for one caller at a time: where two threads share it, one of them works alone meanwhile, and so does a part that
/// asks for help itself.
pub struct Pool {
    shared: Arc<Shared>,
    helpers: Vec<JoinHandle<()>>,
    /// Room to work for the helpers, in equal parts.
    memory: Mutex<Vec<u64>>,
}

/// What is called with the number of each part, by a caller that waits for them.
type Job = *const (dyn Fn(usize) + Sync);

/// The job before the first.
static NOTHING: fn(usize) = |_| ();

/// A line of the cache (two, as they are fetched in pairs), so that what one thread writes doesn't slow down another.
#[repr(align(128))]
struct Apart<T>(T);

struct Shared {
    /// Bit k is set while part k of the job waits for a thread.
    waiting: Apart<AtomicU32>,
    /// How many parts of the job aren't finished.
    unfinished: Apart<AtomicUsize>,
    /// Bit k is set while thread k sleeps, or is about to.
    asleep: Apart<AtomicU32>,
    /// Whether a caller has the pool.
    taken: AtomicBool,
    /// Whether the threads are to end.
    stop: AtomicBool,
    job: UnsafeCell<Job>,
    /// What the first part that panicked said.
    panic: Mutex<Option<Box<dyn Any + Send>>>,
}

// SAFETY: of the fields, only `job` is neither `Send` nor `Sync`. It is written by the one caller that has `taken` the pool, while
// no bit of `waiting` is set and no part is unfinished; it is read by a thread that has cleared a bit of `waiting`, before it
// counts that part as finished. The caller sets the bits after it has written (release), the thread clears one before it reads
// (acquire); the thread counts down after it has read (release), the caller sees that before it writes again (acquire). The
// pointer in it is to a closure that is `Sync`, and lives until no part is unfinished.
unsafe impl Sync for Shared {}
// SAFETY: as above; nothing in it belongs to the thread that made it.
unsafe impl Send for Shared {}

impl Pool {
    /// `threads` threads, of which the caller is one: `threads - 1` are started, none for 0 or 1, at most [`MOST`] in all.
    /// Where the system has no more threads to give, there are fewer.
    pub fn new(threads: usize) -> Self {
        let shared = Arc::new(Shared {
            waiting: Apart(AtomicU32::new(0)),
            unfinished: Apart(AtomicUsize::new(0)),
            asleep: Apart(AtomicU32::new(0)),
            taken: AtomicBool::new(false),
            stop: AtomicBool::new(false),
            job: UnsafeCell::new(core::ptr::from_ref::<fn(usize)>(&NOTHING)),
            panic: Mutex::new(None),
        });
        let mut helpers = Vec::new();
        for number in 1..threads.min(MOST) {
            let shared = Arc::clone(&shared);
            let builder = thread::Builder::new().name(format!("nanotorch {number}"));
            let Ok(helper) = builder.spawn(move || shared.help(number)) else { break };
            helpers.push(helper);
        }
        Pool { shared, helpers, memory: Mutex::new(Vec::new()) }
    }

    /// The same pool with `bytes` of memory for each thread but the caller: the workspace of a kernel's other parts.
    pub fn with_memory(mut self, bytes: usize) -> Self {
        let words = bytes.div_ceil(size_of::<u64>()) * self.helpers.len();
        self.memory = Mutex::new(vec![0; words]);
        self
    }

    /// The memory of the helpers, unless somebody else uses it.
    pub(super) fn memory(&self) -> Option<MutexGuard<'_, Vec<u64>>> {
        match self.memory.try_lock() {
            Ok(memory) => Some(memory),
            // Whoever panicked left numbers there that nobody reads.
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    /// How many threads there are, the caller included.
    #[inline(always)]
    pub fn count(&self) -> usize {
        self.helpers.len() + 1
    }

    /// How many threads sleep.
    #[cfg(test)]
    pub(super) fn asleep(&self) -> u32 {
        self.shared.asleep.0.load(Ordering::SeqCst).count_ones()
    }

    /// As [`Threads::each`](super::Threads::each).
    pub(super) fn each<P: Send>(&self, parts: impl IntoIterator<Item = P>, work: impl Fn(P) + Sync) {
        /// A part that is taken by the one thread that works on it.
        struct Slot<P>(UnsafeCell<Option<P>>);
        // SAFETY: a slot is opened once, by the thread that has been given its number (see `Shared::claim`); what is in it
        // may be sent there.
        unsafe impl<P: Send> Sync for Slot<P> {}

        let mut slots: [Slot<P>; MOST] = [const { Slot(UnsafeCell::new(None)) }; MOST];
        let mut count = 0;
        for part in parts {
            assert!(count < MOST, "more than {MOST} parts");
            slots[count].0 = UnsafeCell::new(Some(part));
            count += 1;
        }
        self.run(count, &|number: usize| {
            // SAFETY: each number is given to one thread, once.
            if let Some(part) = unsafe { (*slots[number].0.get()).take() } {
                work(part);
            }
        });
    }

    /// Calls `work` with the numbers below `parts`, each once.
    fn run(&self, parts: usize, work: &(dyn Fn(usize) + Sync)) {
        let shared = &*self.shared;
        if parts <= 1 || self.helpers.is_empty() || shared.taken.swap(true, Ordering::Acquire) {
            for part in 0..parts {
                work(part);
            }
            return;
        }
        // SAFETY: that the closure lives as long as the job is used is seen to below; only the type forgets it.
        let job: Job = unsafe { core::mem::transmute::<&(dyn Fn(usize) + Sync), Job>(work) };
        // SAFETY: the pool is taken, so no other caller is here; all parts of the last job are finished.
        unsafe { *shared.job.get() = job };
        shared.unfinished.0.store(parts, Ordering::Relaxed);
        let all = u32::MAX >> (u32::BITS as usize - parts);
        // Before the look at who sleeps, in the one order that all threads agree on: a thread says that it sleeps, then looks
        // for a part. So either it sees the part, or it is seen here.
        shared.waiting.0.store(all, Ordering::SeqCst);
        let asleep = shared.asleep.0.load(Ordering::SeqCst) & all;
        if asleep != 0 {
            for (helper, number) in self.helpers.iter().zip(1..) {
                if asleep >> number & 1 == 1 {
                    helper.thread().unpark();
                }
            }
        }
        while let Some(part) = shared.claim(0) {
            shared.work(part);
        }
        let mut looks = 0;
        while shared.unfinished.0.load(Ordering::Acquire) > 0 {
            looks += 1;
            if looks < PATIENCE { spin_loop() } else { thread::yield_now() }
        }
        let panic = shared.panic.lock().unwrap_or_else(PoisonError::into_inner).take();
        shared.taken.store(false, Ordering::Release);
        if let Some(panic) = panic {
            resume_unwind(panic);
        }
    }
}

impl Shared {
    /// Takes a part that waits, number `preferred` if it does: so that from kernel to kernel a thread works on the same rows,
    /// which are in its cache.
    fn claim(&self, preferred: usize) -> Option<usize> {
        loop {
            let waiting = self.waiting.0.load(Ordering::Relaxed);
            if waiting == 0 {
                return None;
            }
            let own = waiting >> preferred & 1 == 1;
            let part = if own { preferred } else { waiting.trailing_zeros() as usize };
            if self.waiting.0.fetch_and(!(1 << part), Ordering::AcqRel) >> part & 1 == 1 {
                return Some(part);
            }
        }
    }

    /// Works on a part that was claimed.
    fn work(&self, part: usize) {
        // SAFETY: a claimed part is unfinished, so the job isn't written, and its closure is alive: its caller waits.
        let outcome = catch_unwind(AssertUnwindSafe(|| unsafe { (**self.job.get())(part) }));
        if let Err(payload) = outcome {
            self.panic.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(payload);
        }
        self.unfinished.0.fetch_sub(1, Ordering::Release);
    }

    /// The life of thread `number`.
    fn help(&self, number: usize) {
        let mut looks = 0;
        loop {
            if let Some(part) = self.claim(number) {
                self.work(part);
                looks = 0;
            } else if self.stop.load(Ordering::Relaxed) {
                return;
            } else if looks < LOOKS {
                looks += 1;
                spin_loop();
            } else {
                self.asleep.0.fetch_or(1 << number, Ordering::SeqCst);
                if self.waiting.0.load(Ordering::SeqCst) == 0 && !self.stop.load(Ordering::SeqCst) {
                    thread::park();
                }
                self.asleep.0.fetch_and(!(1 << number), Ordering::SeqCst);
                looks = 0;
            }
        }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::SeqCst);
        for helper in self.helpers.drain(..) {
            helper.thread().unpark();
            // A helper catches the panics of its parts, so it ends in peace.
            let _ = helper.join();
        }
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Pool").field("threads", &self.count()).finish_non_exhaustive()
    }
}
