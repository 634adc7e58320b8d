//! Every part once, whatever the number of threads and parts; nothing is left behind.

use core::sync::atomic::{AtomicUsize, Ordering};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use super::*;

#[test]
fn ranges_cover_a_length_once() {
    for length in [0, 1, 15, 16, 17, 100, 1000] {
        for parts in 1..=5 {
            for multiple in [1, 8, 16] {
                let mut next = 0;
                for range in ranges(length, parts, multiple) {
                    assert_eq!(range.start, next);
                    assert!(range.start.is_multiple_of(multiple) || range.is_empty());
                    next = range.end;
                }
                assert_eq!(next, length);
            }
        }
    }
}

#[test]
fn small_work_stays_whole() {
    assert_eq!(Threads::ALONE.parts(1000, 10), 1);
    let pool = Pool::new(3);
    let threads = Threads::of(&pool);
    assert_eq!([0, 9, 19, 20, 29, 30, 1000].map(|units| threads.parts(units, 10)), [1, 1, 1, 2, 2, 3, 3]);
}

#[test]
fn every_part_is_worked_on_once() {
    for count in [1, 2, 3, 5] {
        let pool = Pool::new(count);
        let threads = Threads::of(&pool);
        assert_eq!(threads.count(), count);
        let mut done = vec![0_usize; 7];
        for round in 0..2000 {
            let parts = round % 8;
            threads.each(done[..parts].iter_mut(), |place| *place += round);
            if round % 500 == 0 {
                // Long enough for the threads to go to sleep.
                std::thread::sleep(Duration::from_millis(2));
            }
        }
        let expected: Vec<usize> =
            (0..7).map(|place| (0..2000).filter(|round| round % 8 > place).sum()).collect();
        assert_eq!(done, expected);
    }
}

#[test]
fn one_thread_starts_none() {
    for count in [0, 1] {
        let pool = Pool::new(count);
        assert_eq!(pool.count(), 1);
        let here = std::thread::current().id();
        Threads::of(&pool).each([(), ()], |()| assert_eq!(std::thread::current().id(), here));
    }
}

#[test]
fn a_part_that_asks_for_help_works_alone() {
    let pool = Pool::new(2);
    let sum = AtomicUsize::new(0);
    let threads = Threads::of(&pool);
    threads.each([1, 2], |outer| {
        threads.each([10, 20], |inner| {
            sum.fetch_add(outer * inner, Ordering::Relaxed);
        });
    });
    assert_eq!(sum.into_inner(), 90);
}

#[test]
fn callers_share_a_pool() {
    let pool = Pool::new(3);
    let sum = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                for _ in 0..500 {
                    Threads::of(&pool).each([1, 2, 3], |number| {
                        sum.fetch_add(number, Ordering::Relaxed);
                    });
                }
            });
        }
    });
    assert_eq!(sum.into_inner(), 3 * 500 * 6);
}

#[test]
fn a_panic_reaches_the_caller_when_all_parts_are_done() {
    let pool = Pool::new(3);
    for bad in 0..3 {
        let done = AtomicUsize::new(0);
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            Threads::of(&pool).each(0..3, |part| {
                assert!(part != bad, "part {part} fails");
                done.fetch_add(1, Ordering::Relaxed);
            });
        }));
        let message = *outcome.unwrap_err().downcast::<String>().unwrap();
        assert_eq!(message, format!("part {bad} fails"));
        assert_eq!(done.into_inner(), 2);
        // The pool goes on.
        Threads::of(&pool).each(0..3, |_| ());
    }
}

#[test]
#[should_panic(expected = "more than 32 parts")]
fn too_many_parts_are_refused() {
    Threads::of(&Pool::new(2)).each(0..MOST + 1, |_| ());
}

/// Threads that have nothing to do use no processor time.
#[test]
fn an_idle_pool_sleeps() {
    let pool = Pool::new(3);
    for _ in 0..2 {
        Threads::of(&pool).each(0..3, |_| ());
        let asleep = (0..5000).any(|_| {
            std::thread::sleep(Duration::from_millis(1));
            pool.asleep() == 2
        });
        assert!(asleep, "{} of 2 threads sleep", pool.asleep());
    }
}
