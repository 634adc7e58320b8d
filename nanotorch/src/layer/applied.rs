//! An operation between an edge and a parameter of one's own in a forward function: `self.scale * x`, `x.matmul(self.weight)`.
//!
//! A parameter is the same for every sample, so it is read where it lies, and its gradient is summed where it goes, without
//! a copy a sample. What is applied so is a layer, for it has numbers of its own: the parameter's.

mod elementwise;
mod product;

pub use elementwise::AppliedElementwise;
pub use product::AppliedProduct;

/// What holds for an applied operation whatever the input: it is its parameter.
macro_rules! applied {
    ([$($generic:tt)*] $Name:ident [$($argument:ident),*]) => {
        // SAFETY: it is transparent over its parameter, which is made of elements.
        unsafe impl<$($generic)* P: Parameters> Parameters for $Name<$($argument,)* P> {
            type Element = P::Element;
            const IS_TENSOR: bool = P::IS_TENSOR;
            const LAYERS: bool = P::LAYERS;
            const RANK: usize = P::RANK;
            const DIMS: Dims = P::DIMS;
            fn describe(path: &Path<'_>, walk: &mut Walk<'_>) {
                P::describe(path, walk);
            }
        }

        impl<$($generic)* P> $Name<$($argument,)* P> {
            /// A parameter, to be applied.
            #[inline(always)]
            pub fn of(parameter: &P) -> &Self {
                // SAFETY: it is transparent over its parameter.
                unsafe { &*core::ptr::from_ref(parameter).cast() }
            }
        }

        #[diagnostic::do_not_recommend]
        impl<$($generic)* S: ArrayShape, B: Beginning, T: Float> Module for $Name<$($argument,)* Param<S, B, T>> {
            type With<U: Float> = $Name<$($argument,)* Param<S, B, U>>;
            type Gradient = Param<S, B, T>;
            type On<I: Shape> = Self;
            #[inline(always)]
            fn on<I: Shape>(&self) -> &Self {
                self
            }
            fn begin(&mut self, random: &mut Random) {
                self.parameter.begin(random);
            }
        }
    };
}
use applied;
