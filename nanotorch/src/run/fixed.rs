//! Memory that is there before the program runs, for machines without an allocator.

use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicBool, Ordering};

use crate::model::Parameters;

/// A place in static memory for a model, a gradient, a moment, or an array of numbers. It holds zeros, and is handed out once.
///
/// ```
/// use nanotorch::{loss::Mse, model::Module, prelude::*, run::Static};
///
/// #[model(input = [4])]
/// pub struct Net {
///     hidden: Linear<4, 8>,
///     tanh: Tanh,
///     head: Linear<8, 1>,
/// }
/// static NET: Static<Net> = Static::zeros();
/// static GRADIENT: Static<NetGradient> = Static::zeros();
/// static ARENA: Static<[f32; Net::train_bytes(16) / 4]> = Static::zeros();
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let (Some(net), Some(gradient), Some(arena)) = (NET.take(), GRADIENT.take(), ARENA.take()) else {
///     return Err("somebody else trains already".into());
/// };
/// net.begin(&mut Random::new(1));
/// let mut training = Training::<Net, UpTo<16>>::new_static(1, arena, gradient)?;
/// let mut optimizer = Sgd::new(0.1).build_static::<Net, 0>([])?;
/// training.step(net, &mut optimizer, &Mse::default(), &[0.1, 0.2, 0.3, 0.4], &[1.0])?;
/// # Ok(())
/// # }
/// ```
#[repr(C, align(64))]
pub struct Static<P> {
    value: UnsafeCell<P>,
    taken: AtomicBool,
}

// SAFETY: the value is reached only through `take`, which gives it to one caller, once; numbers may go to any thread.
unsafe impl<P: Send> Sync for Static<P> {}

impl<P: Parameters> Static<P> {
    /// Zeros.
    pub const fn zeros() -> Self {
        // SAFETY: the contract of `Parameters` says that any bits of elements are valid, and zero bits are an element.
        let zeros = unsafe { core::mem::zeroed() };
        Static { value: UnsafeCell::new(zeros), taken: AtomicBool::new(false) }
    }

    /// The place, for good; `None` to all but the first who ask.
    #[expect(clippy::mut_from_ref, reason = "it is given once, which the atomic swap sees to")]
    pub fn take(&'static self) -> Option<&'static mut P> {
        if self.taken.swap(true, Ordering::AcqRel) {
            return None;
        }
        // SAFETY: `swap` returns `false` once, so this is the only reference that is ever made; the place is static.
        Some(unsafe { &mut *self.value.get() })
    }
}
