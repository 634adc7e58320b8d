//! Relations between the shapes of operands and results, where the compiler is to work out a type.

use crate::shape::{Const, Dim, Shape};

/// The shape of two tensors together, element by element: that of higher rank, the first where both have the same.
#[diagnostic::on_unimplemented(message = "shapes `{Self}` and `{R}` can't be combined element by element")]
pub trait Broadcast<R: Shape>: Shape {
    /// The shape of the result. Whether the other operand broadcasts into it is asked by value.
    type Out: Shape;
}

/// The shape has as many axes as `S`, or more: what has the shape `S` can be repeated to fill it, if the lengths allow it.
#[diagnostic::on_unimplemented(
    message = "the shape `{S}` can't be broadcast to `{Self}`, which has fewer axes",
    note = "a broadcast repeats numbers along new axes or such of length 1; the left side of `+=` stays as it is"
)]
pub trait Covers<S: Shape>: Shape {}

/// The shape is `S` but for the length of axis `AXIS`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` and `{S}` differ by more than the length of axis {AXIS}",
    note = "axes are counted from 0, outermost first; all other axes keep their lengths"
)]
pub trait Resized<const AXIS: usize, S: Shape>: Shape {}

/// The shape and `Other`, one behind the other along axis `AXIS`, are of the shape `R`, if its length there is the sum.
#[diagnostic::on_unimplemented(
    message = "`{Self}` and `{Other}` can't be joined along axis {AXIS} to `{R}`",
    note = "axes are counted from 0, outermost first; all but the one that is joined along have the same length in all three"
)]
pub trait Joins<const AXIS: usize, Other: Shape, R: Shape>: Shape {}

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
    /// The shape with another length of the axis.
    type Replaced<D: Dim>: Shape;
}

/// The shape has the axes that are named, in ascending order, as in `R2<0, 2>`.
#[diagnostic::on_unimplemented(
    message = "the shape `{Self}` has no axes `{Axes}`",
    note = "axes are counted from 0, outermost first, and named in ascending order, such as `R2<0, 2>`"
)]
pub trait HasAxes<Axes>: Shape {
    /// The shape without the axes.
    type Without: Shape;
    /// The shape with a length of 1 at each of the axes.
    type Kept: Shape;
    /// The axes as values; must ascend.
    const AXES: &'static [usize];
}

/// There can be a new axis `AXIS`.
#[diagnostic::on_unimplemented(message = "the shape `{Self}` can't have a new axis at {AXIS}")]
pub trait Insert<const AXIS: usize>: Shape {
    /// The shape with the axis.
    type Inserted<D: Dim>: Shape;
}

/// There can be a new axis behind the last one.
#[diagnostic::on_unimplemented(message = "the shape `{Self}` can't have one more axis")]
pub trait Append: Shape {
    /// The shape with the axis.
    type Appended<D: Dim>: Shape;
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
    label = "the first factor's last length must be the second's last but one, and the lengths before those must broadcast",
    note = "`matmul` multiplies shapes `[.., M, K]` and `[.., K, N]`; a vector is a row on the left, a column on the right"
)]
pub trait MatMul<R: Shape>: Shape {
    /// The shape of the products.
    type Out: Shape;
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
        #[diagnostic::do_not_recommend]
        impl<$($Before: Dim,)* $Length: Dim, $($Behind: Dim,)*> HasAxis<$axis> for ($($Before,)* $Length, $($Behind,)*) {
            type Without = ($($Before,)* $($Behind,)*);
            type Length = $Length;
            type Replaced<New: Dim> = ($($Before,)* New, $($Behind,)*);
        }

        #[diagnostic::do_not_recommend]
        impl<$($Before: Dim,)* $Length: Dim, Other: Dim, New: Dim, $($Behind: Dim,)*>
            Joins<$axis, ($($Before,)* Other, $($Behind,)*), ($($Before,)* New, $($Behind,)*)>
            for ($($Before,)* $Length, $($Behind,)*)
        {
        }

        #[diagnostic::do_not_recommend]
        impl<$($Before: Dim,)* $Length: Dim, New: Dim, $($Behind: Dim,)*>
            Resized<$axis, ($($Before,)* $Length, $($Behind,)*)> for ($($Before,)* New, $($Behind,)*)
        {
        }

        impl<$($Before: Dim,)* $($Behind: Dim,)*> Insert<$axis> for ($($Before,)* $($Behind,)*) {
            type Inserted<New: Dim> = ($($Before,)* New, $($Behind,)*);
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

impl<S: HasAxis<A>, const A: usize> HasAxes<(Const<A>,)> for S {
    type Without = <S as HasAxis<A>>::Without;
    type Kept = S::Replaced<Const<1>>;
    const AXES: &'static [usize] = &[A];
}

macro_rules! has_axes {
    ($($First:ident)+, $Last:ident) => {
        // The last axis goes first, so that those before it keep their numbers.
        impl<S, $(const $First: usize,)+ const $Last: usize> HasAxes<($(Const<$First>,)+ Const<$Last>)> for S
        where
            S: HasAxis<$Last, Without: HasAxes<($(Const<$First>,)+)>, Replaced<Const<1>>: HasAxes<($(Const<$First>,)+)>>,
        {
            type Without = <S::Without as HasAxes<($(Const<$First>,)+)>>::Without;
            type Kept = <S::Replaced<Const<1>> as HasAxes<($(Const<$First>,)+)>>::Kept;
            const AXES: &'static [usize] = &[$($First,)+ $Last];
        }
    };
}
has_axes!(A, B);
has_axes!(A B, C);
has_axes!(A B C, D);

macro_rules! covers {
    (@one [$($A:ident)*] [$($B:ident)*]) => {
        #[diagnostic::do_not_recommend]
        impl<$($A: Dim,)* $($B: Dim,)*> Covers<($($B,)*)> for ($($A,)*) {}
    };
    ($All:tt $($Fewer:tt)*) => {
        $(covers!(@one $All $Fewer);)*
    };
}
covers!([] []);
covers!([A] [] [G]);
covers!([A B] [] [G] [G H]);
covers!([A B C] [] [G] [G H] [G H I]);
covers!([A B C D] [] [G] [G H] [G H I] [G H I J]);
covers!([A B C D E] [] [G] [G H] [G H I] [G H I J] [G H I J K]);
covers!([A B C D E F] [] [G] [G H] [G H I] [G H I J] [G H I J K] [G H I J K L]);

macro_rules! append {
    ($($Axis:ident)*) => {
        impl<$($Axis: Dim),*> Append for ($($Axis,)*) {
            type Appended<New: Dim> = ($($Axis,)* New,);
        }
    };
}
append!();
append!(A);
append!(A B);
append!(A B C);
append!(A B C D);
append!(A B C D E);

macro_rules! swap_last {
    ($($Outer:ident)*) => {
        impl<$($Outer: Dim,)* M: Dim, N: Dim> SwapLast for ($($Outer,)* M, N) {
            type Swapped = ($($Outer,)* N, M);
        }
    };
}
swap_last!();
swap_last!(A);
swap_last!(A B);
swap_last!(A B C);
swap_last!(A B C D);

macro_rules! products {
    ($([$($A:ident)*] [$($B:ident)*] => [$($Out:ident)*];)*) => {
        $(#[diagnostic::do_not_recommend]
        impl<$($A: Dim,)* $($B: Dim,)* M: Dim, K: Dim, N: Dim> MatMul<($($B,)* K, N)> for ($($A,)* M, K) {
            type Out = ($($Out,)* M, N);
        })*
    };
    (vectors $([$($A:ident)*])*) => {
        $(
            #[diagnostic::do_not_recommend]
            impl<$($A: Dim,)* K: Dim, N: Dim> MatMul<($($A,)* K, N)> for (K,) {
                type Out = ($($A,)* N,);
            }
            #[diagnostic::do_not_recommend]
            impl<$($A: Dim,)* M: Dim, K: Dim> MatMul<(K,)> for ($($A,)* M, K) {
                type Out = ($($A,)* M,);
            }
        )*
    };
}
products! {
    [] [] => [];
    [A] [] => [A];
    [A B] [] => [A B];
    [A B C] [] => [A B C];
    [A B C D] [] => [A B C D];
    [] [G] => [G];
    [] [G H] => [G H];
    [] [G H I] => [G H I];
    [] [G H I J] => [G H I J];
    [A] [G] => [A];
    [A B] [G] => [A B];
    [A B C] [G] => [A B C];
    [A B C D] [G] => [A B C D];
    [A] [G H] => [G H];
    [A] [G H I] => [G H I];
    [A] [G H I J] => [G H I J];
    [A B] [G H] => [A B];
    [A B C] [G H] => [A B C];
    [A B C D] [G H] => [A B C D];
    [A B] [G H I] => [G H I];
    [A B] [G H I J] => [G H I J];
    [A B C] [G H I] => [A B C];
    [A B C D] [G H I] => [A B C D];
    [A B C] [G H I J] => [G H I J];
    [A B C D] [G H I J] => [A B C D];
}
products!(vectors [] [A] [A B] [A B C] [A B C D]);
#[diagnostic::do_not_recommend]
impl<K: Dim> MatMul<(K,)> for (K,) {
    type Out = ();
}
