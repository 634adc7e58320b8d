//! Relations between the shapes of operands and results, where the compiler is to work out a type.

use crate::element::Float;
use crate::graph::Permute;
use crate::model::Operation;
use crate::shape::{Const, Dim, Shape};

/// The shape of two tensors together, element by element: that of higher rank, the first where both have the same.
#[diagnostic::on_unimplemented(message = "shapes `{Self}` and `{R}` can't be combined element by element")]
pub trait Broadcast<R: Shape>: Shape {
    /// The shape of the result. Whether the other operand broadcasts into it is asked by value.
    type Out: Shape;
}

/// The shape has an axis `AXIS`.
#[diagnostic::on_unimplemented(
    message = "the shape `{Self}` has no axis {AXIS}",
    note = "axes are counted from 0, outermost first"
)]
pub trait HasAxis<const AXIS: usize>: Shape {
    /// The shape without the axis.
    type Without: Shape;
    /// The axis' length.
    type Length: Dim;
}

/// The shape has two axes at least.
#[diagnostic::on_unimplemented(message = "the shape `{Self}` has no two axes to exchange")]
pub trait SwapLast: Shape {
    /// The shape with the last two axes exchanged.
    type Swapped: Shape;
}

/// Matrices of this shape can be multiplied by such of the shape `R`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be multiplied by `{R}`",
    label = "the first factor's last length must be the second's last but one, and all lengths before those the same",
    note = "`matmul` multiplies shapes `[.., M, K]` and `[.., K, N]`"
)]
pub trait MatMul<R: Shape>: Shape {
    /// The shape of the products.
    type Out: Shape;
}

/// The shape's axes can be put into the given order, which names each of them once.
#[diagnostic::on_unimplemented(
    message = "the axes of `{Self}` can't be put into the order `{Order}`",
    note = "write a number for each axis, such as `R3<2, 0, 1>`"
)]
pub trait Reorder<Order>: Shape {
    /// The shape in that order.
    type Reordered: Shape;
    /// What moves the numbers.
    type Operation<T: Float>: Default + Operation<(Self,), T>;
}

macro_rules! element_by_element {
    ([$($A:ident)*] [$($B:ident)*] => $Out:ty) => {
        impl<$($A: Dim,)* $($B: Dim,)*> Broadcast<($($B,)*)> for ($($A,)*) {
            type Out = $Out;
        }
    };
}
element_by_element!([] [] => ());
element_by_element!([] [G] => (G,));
element_by_element!([] [G H] => (G, H));
element_by_element!([] [G H I] => (G, H, I));
element_by_element!([] [G H I J] => (G, H, I, J));
element_by_element!([] [G H I J K] => (G, H, I, J, K));
element_by_element!([] [G H I J K L] => (G, H, I, J, K, L));
element_by_element!([A] [] => (A,));
element_by_element!([A] [G] => (A,));
element_by_element!([A] [G H] => (G, H));
element_by_element!([A] [G H I] => (G, H, I));
element_by_element!([A] [G H I J] => (G, H, I, J));
element_by_element!([A] [G H I J K] => (G, H, I, J, K));
element_by_element!([A] [G H I J K L] => (G, H, I, J, K, L));
element_by_element!([A B] [] => (A, B));
element_by_element!([A B] [G] => (A, B));
element_by_element!([A B] [G H] => (A, B));
element_by_element!([A B] [G H I] => (G, H, I));
element_by_element!([A B] [G H I J] => (G, H, I, J));
element_by_element!([A B] [G H I J K] => (G, H, I, J, K));
element_by_element!([A B] [G H I J K L] => (G, H, I, J, K, L));
element_by_element!([A B C] [] => (A, B, C));
element_by_element!([A B C] [G] => (A, B, C));
element_by_element!([A B C] [G H] => (A, B, C));
element_by_element!([A B C] [G H I] => (A, B, C));
element_by_element!([A B C] [G H I J] => (G, H, I, J));
element_by_element!([A B C] [G H I J K] => (G, H, I, J, K));
element_by_element!([A B C] [G H I J K L] => (G, H, I, J, K, L));
element_by_element!([A B C D] [] => (A, B, C, D));
element_by_element!([A B C D] [G] => (A, B, C, D));
element_by_element!([A B C D] [G H] => (A, B, C, D));
element_by_element!([A B C D] [G H I] => (A, B, C, D));
element_by_element!([A B C D] [G H I J] => (A, B, C, D));
element_by_element!([A B C D] [G H I J K] => (G, H, I, J, K));
element_by_element!([A B C D] [G H I J K L] => (G, H, I, J, K, L));
element_by_element!([A B C D E] [] => (A, B, C, D, E));
element_by_element!([A B C D E] [G] => (A, B, C, D, E));
element_by_element!([A B C D E] [G H] => (A, B, C, D, E));
element_by_element!([A B C D E] [G H I] => (A, B, C, D, E));
element_by_element!([A B C D E] [G H I J] => (A, B, C, D, E));
element_by_element!([A B C D E] [G H I J K] => (A, B, C, D, E));
element_by_element!([A B C D E] [G H I J K L] => (G, H, I, J, K, L));
element_by_element!([A B C D E F] [] => (A, B, C, D, E, F));
element_by_element!([A B C D E F] [G] => (A, B, C, D, E, F));
element_by_element!([A B C D E F] [G H] => (A, B, C, D, E, F));
element_by_element!([A B C D E F] [G H I] => (A, B, C, D, E, F));
element_by_element!([A B C D E F] [G H I J] => (A, B, C, D, E, F));
element_by_element!([A B C D E F] [G H I J K] => (A, B, C, D, E, F));
element_by_element!([A B C D E F] [G H I J K L] => (A, B, C, D, E, F));

macro_rules! has_axis {
    ($axis:literal, [$($Before:ident)*] $Length:ident [$($Behind:ident)*]) => {
        impl<$($Before: Dim,)* $Length: Dim, $($Behind: Dim,)*> HasAxis<$axis> for ($($Before,)* $Length, $($Behind,)*) {
            type Without = ($($Before,)* $($Behind,)*);
            type Length = $Length;
        }
    };
}
has_axis!(0, [] A []);
has_axis!(0, [] A [B]);
has_axis!(1, [A] B []);
has_axis!(0, [] A [B C]);
has_axis!(1, [A] B [C]);
has_axis!(2, [A B] C []);
has_axis!(0, [] A [B C D]);
has_axis!(1, [A] B [C D]);
has_axis!(2, [A B] C [D]);
has_axis!(3, [A B C] D []);
has_axis!(0, [] A [B C D E]);
has_axis!(1, [A] B [C D E]);
has_axis!(2, [A B] C [D E]);
has_axis!(3, [A B C] D [E]);
has_axis!(4, [A B C D] E []);
has_axis!(0, [] A [B C D E F]);
has_axis!(1, [A] B [C D E F]);
has_axis!(2, [A B] C [D E F]);
has_axis!(3, [A B C] D [E F]);
has_axis!(4, [A B C D] E [F]);
has_axis!(5, [A B C D E] F []);

macro_rules! matrices {
    ([$($Outer:ident)*]) => {
        impl<$($Outer: Dim,)* M: Dim, N: Dim> SwapLast for ($($Outer,)* M, N) {
            type Swapped = ($($Outer,)* N, M);
        }

        impl<$($Outer: Dim,)* M: Dim, K: Dim, N: Dim> MatMul<($($Outer,)* K, N)> for ($($Outer,)* M, K) {
            type Out = ($($Outer,)* M, N);
        }
    };
}
matrices!([]);
matrices!([A]);
matrices!([A B]);
matrices!([A B C]);
matrices!([A B C D]);

macro_rules! reorder {
    ($rank:literal: $($Axis:ident)*; $($unused:literal)*) => {
        impl<S, $(const $Axis: usize),*> Reorder<($(Const<$Axis>,)*)> for S
        where
            S: $(HasAxis<$Axis> +)* Shape<Index = [usize; $rank]>,
        {
            type Reordered = ($(<S as HasAxis<$Axis>>::Length,)*);
            type Operation<T: Float> = Permute<$rank, $($Axis,)* $($unused),*>;
        }
    };
}
reorder!(1: A; 0 0 0 0 0);
reorder!(2: A B; 0 0 0 0);
reorder!(3: A B C; 0 0 0);
reorder!(4: A B C D; 0 0);
reorder!(5: A B C D E; 0);
reorder!(6: A B C D E F; );
