//! Orders of axes, as types.
//!
//! Up to four axes each order has an impl of its own, so that one that names an axis twice is found as soon as types are checked.
//! Five and six axes have 840 orders, too many to list: there a constant looks, when the program is built.

use super::axis::HasAxis;
use crate::shape::{Const, Dim, Shape};

/// The shape's axes can be put into the given order, which names each of them once.
#[diagnostic::on_unimplemented(
    message = "the axes of `{Self}` can't be put into the order `{Order}`",
    note = "write the number of each axis once, such as `R3<2, 0, 1>`"
)]
pub trait Reorder<Order>: Shape {
    /// The shape in that order.
    type Reordered: Shape;
    /// The order as values; must name each axis.
    const ORDER: &'static [usize];
}

macro_rules! orders {
    ($([$($Dim:ident)*] $($axis:literal)* => $($Out:ident)*;)*) => {
        $(
            #[diagnostic::do_not_recommend]
            impl<$($Dim: Dim),*> Reorder<($(Const<$axis>,)*)> for ($($Dim,)*) {
                type Reordered = ($($Out,)*);
                const ORDER: &'static [usize] = &[$($axis),*];
            }
        )*
    };
}
orders! {
    [G] 0 => G;
    [G H] 0 1 => G H;
    [G H] 1 0 => H G;
    [G H I] 0 1 2 => G H I;
    [G H I] 0 2 1 => G I H;
    [G H I] 1 0 2 => H G I;
    [G H I] 1 2 0 => H I G;
    [G H I] 2 0 1 => I G H;
    [G H I] 2 1 0 => I H G;
    [G H I J] 0 1 2 3 => G H I J;
    [G H I J] 0 1 3 2 => G H J I;
    [G H I J] 0 2 1 3 => G I H J;
    [G H I J] 0 2 3 1 => G I J H;
    [G H I J] 0 3 1 2 => G J H I;
    [G H I J] 0 3 2 1 => G J I H;
    [G H I J] 1 0 2 3 => H G I J;
    [G H I J] 1 0 3 2 => H G J I;
    [G H I J] 1 2 0 3 => H I G J;
    [G H I J] 1 2 3 0 => H I J G;
    [G H I J] 1 3 0 2 => H J G I;
    [G H I J] 1 3 2 0 => H J I G;
    [G H I J] 2 0 1 3 => I G H J;
    [G H I J] 2 0 3 1 => I G J H;
    [G H I J] 2 1 0 3 => I H G J;
    [G H I J] 2 1 3 0 => I H J G;
    [G H I J] 2 3 0 1 => I J G H;
    [G H I J] 2 3 1 0 => I J H G;
    [G H I J] 3 0 1 2 => J G H I;
    [G H I J] 3 0 2 1 => J G I H;
    [G H I J] 3 1 0 2 => J H G I;
    [G H I J] 3 1 2 0 => J H I G;
    [G H I J] 3 2 0 1 => J I G H;
    [G H I J] 3 2 1 0 => J I H G;
}

macro_rules! any_order {
    ($($Axis:ident $Dim:ident)*) => {
        #[diagnostic::do_not_recommend]
        impl<$($Dim: Dim,)* $(const $Axis: usize),*> Reorder<($(Const<$Axis>,)*)> for ($($Dim,)*)
        where
            Self: $(HasAxis<$Axis> +)* Shape,
        {
            type Reordered = ($(<Self as HasAxis<$Axis>>::Length,)*);
            const ORDER: &'static [usize] = &[$($Axis),*];
        }
    };
}
any_order!(A G B H C I D J E K);
any_order!(A G B H C I D J E K F L);
