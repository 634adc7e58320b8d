//! What a struct with a mistake in it is replaced by: a model of nothing, so that its uses are no further errors.

/// Empty implementations for `name`: its generics as an impl declares them, their names, its where-clause. The last
/// parameter, which both lists leave out, is the type of the numbers. Then the input's shape, and what is said of everything
/// that is a number.
#[doc(hidden)]
#[macro_export]
macro_rules! __stand_in {
    ($name:ident [$($bounded:tt)*] [$($names:tt)*] [$($clause:tt)*] [$Input:ty] [$fact:expr]) => {
        const _: () = {
            // SAFETY: an empty array of elements; or it stands beside an error, so that it is never run.
            unsafe impl<$($bounded)* T: $crate::element::Float> $crate::model::Parameters for $name<$($names)* T>
            $($clause)*
            {
                type Element = T;
                const PARAMS: usize = 0;
                fn describe(_: &$crate::model::Path<'_>, _: &mut $crate::model::Walk<'_>) {}
            }
            impl<$($bounded)* T: $crate::element::Float> $crate::model::Initialize for $name<$($names)* T>
            $($clause)*
            {
                fn initialize(&mut self, _: &mut $crate::random::Random) {}
            }
            #[diagnostic::do_not_recommend]
            impl<$($bounded)* T: $crate::element::Float> $crate::model::Module for $name<$($names)* T>
            $($clause)*
            {
                type With<__U: $crate::element::Float> = $name<$($names)* __U>;
                type Gradient = Self;
                type On<__I: $crate::shape::Shape> = Self;
                fn on<__I: $crate::shape::Shape>(&self) -> &Self {
                    self
                }
                fn begin(&mut self, _: &mut $crate::random::Random) {}
            }
            impl<$($bounded)* T: $crate::element::Float, __I: $crate::shape::Shape> $crate::model::Layer<__I>
                for $name<$($names)* T>
            $($clause)*
            {
                type Out = __I;
                const FLOPS: usize = 0;
                const NEEDS: $crate::model::Needs = $crate::model::Needs::NOTHING;
                const FIT: $crate::model::Fit = $crate::model::Fit::Unknown;
                fn forward<P: $crate::device::Pass>(
                    &self,
                    _: &mut P,
                    _: &[T],
                    _: &mut [T],
                    _: $crate::model::Memory<'_, T>,
                ) {
                }
                fn backward<P: $crate::device::Pass>(
                    &self,
                    _: &mut P,
                    _: $crate::model::Backward<'_, T>,
                    _: ::core::option::Option<&mut Self>,
                    _: $crate::model::Memory<'_, T>,
                ) {
                }
            }
            impl<$($bounded)* T: $crate::element::Float> $crate::model::Model for $name<$($names)* T>
            $($clause)*
            {
                type Input = $Input;
            }
            #[allow(dead_code, reason = "it only stands in")]
            impl<$($bounded)*> $name<$($names)* f32> $($clause)* {
                pub const PARAMS: usize = $fact;
                pub const FLOPS: usize = $fact;
                pub const INPUT: &'static [usize] = &[$fact];
                pub const OUTPUT: &'static [usize] = &[$fact];
                pub const INFER_BYTES: usize = $fact;
                pub const TRAIN_BYTES: usize = $fact;
                pub const CHECKED: () = [()][$fact];
                pub const fn infer_bytes(_: usize) -> usize {
                    $fact
                }
                pub const fn train_bytes(_: usize) -> usize {
                    $fact
                }
            }
            $crate::__if_alloc! {
                #[allow(dead_code, reason = "it only stands in")]
                impl<$($bounded)*> $name<$($names)* f32> $($clause)* {
                    #[inline]
                    pub fn new(seed: u64) -> $crate::__alloc::Box<Self> {
                        $crate::model::new(seed)
                    }
                    #[inline]
                    pub fn summary() -> $crate::summary::Summary {
                        $crate::summary::Summary::of::<Self>(1)
                    }
                    pub const fn explain() -> $crate::model::program::Program {
                        $crate::model::program::Program::NOTHING
                    }
                }
            }
        };
    };
}
