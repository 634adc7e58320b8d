//! Passes over all numbers of a model or a gradient, with the instruction set that is found.

use super::compiled::{is, same};
use super::map::{UnaryMap, map_in_place_on};
use super::{reduce, update};
use crate::element::Float;
use crate::simd::{Simd, Vector, WithSimd, dispatch};
use crate::threads::Threads;

/// Adds a pass: a function of slices and settings, and the work that it is. For `f32` it is compiled in this crate.
macro_rules! pass {
    ($(#[cfg($($on:tt)*)])? $(#[doc = $text:literal])* $name:ident = $Work:ident { $($field:ident: $Type:ty),+ } -> $Output:ty, |$simd:ident| $run:expr) => {
        $(#[cfg($($on)*)])?
        struct $Work<'a, T> {
            $($field: $Type,)+
        }
        $(#[cfg($($on)*)])?
        impl<'a, T: Float> WithSimd for $Work<'a, T> {
            type Output = $Output;
            #[inline(always)]
            fn run<S: Simd>(self, $simd: S) -> $Output {
                let $Work { $($field),+ } = self;
                $run
            }
        }
        $(#[cfg($($on)*)])?
        $(#[doc = $text])*
        pub(crate) fn $name<'a, T: Float>($($field: $Type),+) -> $Output {
            type Output<'a, T> = <$Work<'a, T> as WithSimd>::Output;
            #[inline(never)]
            fn of_f32<'a>(work: $Work<'a, f32>) -> Output<'a, f32> {
                dispatch(work)
            }
            let work = $Work { $($field),+ };
            if const { T::IS_F32 } {
                assert!(is::<T, f32>(), "only one type is `f32`");
                // SAFETY: the types are the same, as just checked, and so are those made of them.
                unsafe {
                    same::<Output<'a, f32>, Output<'a, T>>(of_f32(same::<$Work<'a, T>, $Work<'a, f32>>(work)))
                }
            } else {
                dispatch(work)
            }
        }
    };
}

pass! {
    /// Whether no number is infinite or NaN.
    all_finite = AllFinite { x: &'a [T] } -> bool, |simd| reduce::all_finite(simd, x)
}
pass! {
    /// `sum of x[i]²`, on several threads where there are many.
    sum_of_squares = SumOfSquares { threads: Threads<'a>, x: &'a [T] } -> T,
    |simd| reduce::sum_of_squares_on(threads, simd, x)
}
pass! {
    /// `x *= factor`.
    scale = Scale { x: &'a mut [T], factor: T } -> (), |simd| update::scale(simd, factor, x)
}
pass! {
    /// `x = min(max(x, -limit), limit)`. NaN stays NaN.
    clamp = Clamp { threads: Threads<'a>, x: &'a mut [T], limit: T } -> (),
    |simd| map_in_place_on(threads, simd, Within(limit), x)
}
pass! {
    #[cfg(feature = "alloc")]
    /// `average = decay average + (1 - decay) x`.
    follow = Follow { average: &'a mut [T], x: &'a [T], decay: f64 } -> (),
    |simd| update::moving_average(simd, decay, x, average)
}

/// The place of the first number that is infinite or NaN. Seldom asked for, so it isn't fast.
#[cold]
pub(crate) fn first_not_finite<T: Float>(x: &[T]) -> Option<usize> {
    fn of_f32(x: &[f32]) -> Option<usize> {
        x.iter().position(|number| !number.is_finite())
    }
    if const { T::IS_F32 } { of_f32(T::f32s(x)) } else { x.iter().position(|number| !number.is_finite()) }
}

/// `min(max(x, -limit), limit)`.
#[derive(Clone, Copy)]
struct Within<T>(T);

impl<T: Float> UnaryMap<T> for Within<T> {
    #[inline(always)]
    fn apply<V: Vector<Scalar = T>>(self, x: V) -> V {
        // Where one operand is NaN, `max` and `min` give the other one of the call: so NaN stays.
        let limit = V::splat(x.isa(), self.0);
        limit.min((-limit).max(x))
    }
}
