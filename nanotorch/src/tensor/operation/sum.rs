//! What [`einsum!`](crate::einsum) becomes: sums over products of two tensors, named by letters.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use super::face::{Face, FloatFace, Numbers, Of};
use crate::message::Text;
use crate::rule::{Arrange, Fold, Product, Reduction};
use crate::shape::{Layout, Shape};

/// Refuses a shape that hasn't as many axes as there are letters.
#[doc(hidden)]
pub const fn check_one<A: Shape>(a: &str) {
    super::check::exact::<A>();
    if A::RANK != a.len() {
        let text = Text::new("`").text(a).text("` names ").number(a.len()).text(" axes, but the operand is ");
        panic!("{}", text.shape::<A>().as_str());
    }
}

/// Refuses letters that stand for two lengths.
#[doc(hidden)]
pub const fn check_two<A: Shape, B: Shape>(a: &str, b: &str) {
    check_one::<A>(a);
    check_one::<B>(b);
    let mut first = 0;
    while first < a.len() {
        let mut second = 0;
        while second < b.len() {
            if a.as_bytes()[first] == b.as_bytes()[second] && A::DIMS[first] != B::DIMS[second] {
                let (_, from) = a.split_at(first);
                let (letter, _) = from.split_at(1);
                let text = Text::new("`").text(letter).text("` is ").number(A::DIMS[first]).text(" in ");
                let text = text.shape::<A>().text(", but ").number(B::DIMS[second]).text(" in ");
                panic!("{}", text.shape::<B>().as_str());
            }
            second += 1;
        }
        first += 1;
    }
}

/// Sums over the letters that the result doesn't have; the rest in the result's order.
#[doc(hidden)]
pub fn of_one<A, R: Shape>(a: &A, letters: &str, result: &str) -> Of<A, R>
where
    A: Numbers<Face: FloatFace> + ?Sized,
{
    let (held, letters) = without::<A::Face>(a.raw(), letters, |letter| !result.contains(letter));
    let held = in_order::<A::Face>(A::Face::raw(&held), &letters, result);
    A::Face::shaped(held)
}

/// Sums over the letters that the result doesn't have.
#[doc(hidden)]
pub fn of_two<A, B, R: Shape>(a: &A, first: &str, b: &B, second: &str, result: &str) -> Of<A, R>
where
    A: Numbers<Face: FloatFace> + ?Sized,
    B: Numbers<Face = A::Face> + ?Sized,
{
    A::Face::shaped(contract::<A::Face>(a.raw(), first, b.raw(), second, result))
}

fn contract<F: FloatFace>(a: F::Raw<'_>, first: &str, b: F::Raw<'_>, second: &str, result: &str) -> F::Held {
    // What only one operand has and nobody wants is summed first.
    let alone = |other: &str, letter: char| !result.contains(letter) && !other.contains(letter);
    let (a, first) = without::<F>(a, first, |letter| alone(second, letter));
    let (b, second) = without::<F>(b, second, |letter| alone(&first, letter));
    // Then a product of matrices for each place along the letters that all three have.
    let pick =
        |from: &str, keep: &dyn Fn(char) -> bool| from.chars().filter(|&letter| keep(letter)).collect();
    let batch: String = pick(&first, &|letter| second.contains(letter) && result.contains(letter));
    let summed: String = pick(&first, &|letter| second.contains(letter) && !result.contains(letter));
    let left: String = pick(&first, &|letter| !second.contains(letter));
    let right: String = pick(&second, &|letter| !first.contains(letter));
    let lengths = |letters: &str| -> Vec<usize> {
        let length = |letter: char| match first.find(letter) {
            Some(axis) => F::layout(F::raw(&a)).lengths()[axis],
            None => second.find(letter).map_or(1, |axis| F::layout(F::raw(&b)).lengths()[axis]),
        };
        letters.chars().map(length).collect()
    };
    let size = |letters: &str| lengths(letters).iter().product();
    let (count, m, k, n) = (size(&batch), size(&left), size(&summed), size(&right));
    let given = [batch.as_str(), left.as_str(), right.as_str()].concat();
    let batches = Layout::new(&[count]);
    let rule = Product::new(Layout::new(&lengths(&given)), [batches; 3], [m, n, k]);
    let a = in_order::<F>(F::raw(&a), &first, &[batch.as_str(), &left, &summed].concat());
    let b = in_order::<F>(F::raw(&b), &second, &[batch.as_str(), &summed, &right].concat());
    let product = F::run(rule, &[F::raw(&a), F::raw(&b)]);
    in_order::<F>(F::raw(&product), &given, result)
}

/// The sum along the axes whose letters aren't wanted, and the letters that are left.
fn without<F: FloatFace>(x: F::Raw<'_>, letters: &str, unwanted: impl Fn(char) -> bool) -> (F::Held, String) {
    let mut held = F::carry(Arrange::reshaped(F::layout(x)), &[x]);
    let mut left = letters.to_owned();
    while let Some(axis) = left.find(&unwanted) {
        let layout = F::layout(F::raw(&held));
        let fold = Fold::along(Reduction::Sum, layout, axis, layout.without(axis));
        held = F::run(fold, &[F::raw(&held)]);
        left.remove(axis);
    }
    (held, left)
}

/// The axes in the order of the letters.
fn in_order<F: Face>(x: F::Raw<'_>, letters: &str, order: &str) -> F::Held {
    let axes: Vec<usize> = order.chars().filter_map(|letter| letters.find(letter)).collect();
    F::carry(Arrange::permuted(F::layout(x), &axes), &[x])
}
