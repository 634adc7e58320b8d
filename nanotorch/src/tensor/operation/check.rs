//! What the compiler refuses, and what it says.
//!
//! Where the type of a result can't be worked out from the operands' (the lengths add up, say), the caller's decides, and the
//! compiler compares. It is asked in the method that the program calls, as the compiler shows the place where that is done.

use crate::message::Text;
use crate::model::{Edges, Fit, Operation};
use crate::shape::{Shape, is_exact, same_shape};

/// Refuses operands that an operation of forward functions can't take, and results of another shape.
pub(super) const fn operation<I: Edges, O: Operation<I, f32>, R: Shape>() {
    fits(O::FIT);
    gives::<O::Out, R>();
}

/// Refuses what doesn't fit.
#[inline]
pub(super) const fn fits(fit: Fit) {
    if let Fit::Mismatch(mismatch) = fit {
        let text = Text::new("this operation ").then(&mismatch.takes);
        let given = Text::new(", but is given ").then(&mismatch.given);
        let text = if mismatch.given.as_str().is_empty() { text } else { text.then(&given) };
        panic!("{}", text.as_str());
    }
}

/// Refuses operands that don't broadcast to `R`.
pub(crate) const fn operands<A: Shape, B: Shape, R: Shape>() {
    operation::<(A, B), crate::graph::Add, R>();
}

/// Refuses a result of another shape than the operation gives.
pub(super) const fn gives<Given: Shape, R: Shape>() {
    exact::<R>();
    if !same_shape::<R, Given>() {
        let text = Text::new("this operation gives the shape ").shape::<Given>().text(", not ").shape::<R>();
        panic!(
            "{}",
            text.text("; bring the operands into that shape with `broadcast` or `reshape`").as_str()
        );
    }
}

/// Refuses shapes with a length that only the running program knows.
pub(super) const fn exact<S: Shape>() {
    assert!(
        is_exact::<S>(),
        "operators take shapes of constant lengths: take the rows of a leading `UpTo` one by one"
    );
}

/// Refuses axes that aren't in ascending order.
#[inline]
pub(super) const fn ascending(axes: &[usize]) {
    let mut place = 1;
    while place < axes.len() {
        assert!(axes[place - 1] < axes[place], "name each axis once, in ascending order");
        place += 1;
    }
}

/// Refuses an order of axes that doesn't name each.
#[inline]
pub(super) const fn order(axes: &[usize]) {
    let mut place = 0;
    while place < axes.len() {
        let mut other = 0;
        while other < place {
            if axes[other] == axes[place] {
                panic!("{}", Text::new("this order names axis ").number(axes[place]).text(" twice").as_str());
            }
            other += 1;
        }
        place += 1;
    }
}

/// Refuses factors whose axes before the last two don't broadcast, and results that aren't what they broadcast to.
pub(super) const fn product<A: Shape, B: Shape, R: Shape>() {
    exact::<R>();
    let (vector_a, vector_b) = (A::RANK == 1, B::RANK == 1);
    let rank = R::RANK + vector_a as usize + vector_b as usize - 2;
    let mut axis = 0;
    while axis < rank {
        let (a, b) = (outer::<A>(rank, axis), outer::<B>(rank, axis));
        let whole = if a > b { a } else { b };
        if (a != whole && a != 1) || (b != whole && b != 1) || R::DIMS[axis] != whole {
            let text =
                Text::new("the lengths before the last two of ").shape::<A>().text(" and ").shape::<B>();
            let text = text.text(" don't broadcast to those of ").shape::<R>();
            panic!("{}", text.text("; write the factor with more or longer axes on the left").as_str());
        }
        axis += 1;
    }
}

/// The length of an axis before the last two, aligned to `rank` of them.
const fn outer<S: Shape>(rank: usize, axis: usize) -> usize {
    let own = S::RANK.saturating_sub(2);
    if axis + own < rank { 1 } else { S::DIMS[axis + own - rank] }
}

/// Refuses a result that isn't the operand with another length of one axis.
pub(super) const fn along<S: Shape, R: Shape>(axis: usize, length: usize) {
    exact::<R>();
    let mut place = 0;
    let mut same = S::RANK == R::RANK && axis < S::RANK;
    while place < R::RANK {
        same = same && R::DIMS[place] == if place == axis { length } else { S::DIMS[place] };
        place += 1;
    }
    if !same {
        let text = Text::new("this operation gives the shape ").shape::<S>().text(" with ").number(length);
        panic!("{}", text.text(" along axis ").number(axis).text(", not ").shape::<R>().as_str());
    }
}

/// Refuses indices that reach further than the operand, on any axis but the one that they index.
pub(super) const fn within<S: Shape, R: Shape>(axis: usize) {
    exact::<R>();
    let mut place = 0;
    let mut within = S::RANK == R::RANK && axis < S::RANK;
    while place < R::RANK {
        within = within && (place == axis || R::DIMS[place] <= S::DIMS[place]);
        place += 1;
    }
    if !within {
        let text = Text::new("indices of the shape ").shape::<R>().text(" don't index ").shape::<S>();
        panic!("{}", text.text(" along axis ").number(axis).as_str());
    }
}
