//! Tensors of nested arrays: the arrays' lengths are the shape.

use super::{Tensor, View};
use crate::element::Element;
use crate::shape::{R0, R1, R2, R3, R4, R5, R6};

/// A tensor of the numbers that are written out, in `f32`: `tensor![[1.0, 2.0], [3.0, 4.0]]` is a `Tensor<R2<2, 2>>`.
///
/// For another element type write `Tensor::from` with the type wanted.
///
/// ```
/// use nanotorch::{prelude::*, tensor};
///
/// let vector: Tensor<R1<3>> = tensor![1.0, 2.0, 3.0];
/// let matrix: Tensor<R2<2, 2>> = tensor![[1.0, 2.0], [3.0, 4.0]];
/// let doubles: Tensor<R2<2, 2>, f64> = Tensor::from([[1.0, 2.0], [3.0, 4.0]]);
/// assert_eq!(matrix.cast::<f64>(), doubles);
/// # let _ = vector;
/// ```
#[macro_export]
macro_rules! tensor {
    ($($numbers:expr),* $(,)?) => { $crate::tensor::Tensor::<_, f32>::from([$($numbers),*]) };
}

impl<T: Element> From<T> for Tensor<R0, T> {
    fn from(number: T) -> Self {
        Self::full(number)
    }
}

macro_rules! nested_array {
    ($Shape:ty, $Array:ty, [$($N:ident),*], |$array:ident| $flat:expr) => {
        impl<T: Element, $(const $N: usize),*> From<$Array> for Tensor<$Shape, T> {
            fn from(array: $Array) -> Self {
                Self::from(&array)
            }
        }

        /// A copy: for arrays in a `static`, which are too large for the stack.
        impl<T: Element, $(const $N: usize),*> From<&$Array> for Tensor<$Shape, T> {
            fn from($array: &$Array) -> Self {
                let mut tensor = Self::zeros();
                tensor.as_mut_slice().copy_from_slice($flat);
                tensor
            }
        }

        /// The array's own memory, with its shape.
        impl<'a, T: Element, $(const $N: usize),*> From<&'a $Array> for &'a View<$Shape, T> {
            fn from($array: &'a $Array) -> Self {
                View::wrap($flat)
            }
        }
    };
}
nested_array!(R1<A>, [T; A], [A], |array| array);
nested_array!(R2<A, B>, [[T; B]; A], [A, B], |array| array.as_flattened());
nested_array!(R3<A, B, C>, [[[T; C]; B]; A], [A, B, C], |array| array.as_flattened().as_flattened());
nested_array!(R4<A, B, C, D>, [[[[T; D]; C]; B]; A], [A, B, C, D], |array| array.as_flattened().as_flattened().as_flattened());
nested_array!(R5<A, B, C, D, E>, [[[[[T; E]; D]; C]; B]; A], [A, B, C, D, E], |array| array.as_flattened().as_flattened().as_flattened().as_flattened());
nested_array!(R6<A, B, C, D, E, F>, [[[[[[T; F]; E]; D]; C]; B]; A], [A, B, C, D, E, F], |array| array.as_flattened().as_flattened().as_flattened().as_flattened().as_flattened());
