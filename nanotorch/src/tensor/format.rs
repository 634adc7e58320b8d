//! How a tensor prints: as NumPy's and PyTorch's do.
//!
//! 1. Columns are aligned; rows that are too long for a line are wrapped.
//! 2. A large tensor shows three places at each end of an axis, and `...` for the others.
//! 3. Numbers have one format for the whole tensor: integral ones as `2.`, others with four decimals or as many as
//!    `{:.3}` says, and scientific ones only where the largest or the smallest shown would be unreadable otherwise.

use core::fmt::{self, Write};

use super::{Tensor, View};
use crate::element::{Element, Wide};
use crate::shape::Shape;

/// Tensors of more elements are shortened.
const WHOLE: usize = 1000;
/// How many places a shortened axis shows at each end.
const EDGE: usize = 3;
/// How many characters a line has.
const LINE: usize = 88;
/// What a tensor's text begins with.
const OPENING: &str = "tensor(";
/// Decimals, where the caller doesn't say.
const DECIMALS: usize = 4;

/// How the numbers of one tensor are written.
#[derive(Clone, Copy)]
enum Notation {
    /// `2` or, of a floating-point type, `2.`
    Whole,
    /// `1.5000`
    Fixed(usize),
    /// `1.5000e10`
    Scientific(usize),
}

impl Notation {
    fn write(self, number: Wide, text: &mut dyn Write) -> fmt::Result {
        match (number, self) {
            (Wide::Signed(number), _) => write!(text, "{number}"),
            (Wide::Unsigned(number), _) => write!(text, "{number}"),
            (Wide::Float(number), _) if !number.is_finite() => write!(text, "{number}"),
            (Wide::Float(number), Notation::Whole) => write!(text, "{number:.0}."),
            (Wide::Float(number), Notation::Fixed(decimals)) => write!(text, "{number:.decimals$}"),
            (Wide::Float(number), Notation::Scientific(decimals)) => write!(text, "{number:.decimals$e}"),
        }
    }

    fn width(self, number: Wide) -> usize {
        let mut width = Width(0);
        // Counting can't fail.
        let _ = self.write(number, &mut width);
        width.0
    }
}

/// Counts characters.
struct Width(usize);

impl Write for Width {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0 += text.len();
        Ok(())
    }
}

/// The places of an axis that are shown, with `None` for the gap.
fn shown(length: usize, shorten: bool) -> impl Iterator<Item = Option<usize>> {
    let (head, tail) = if shorten && length > 2 * EDGE { (EDGE, length - EDGE) } else { (length, length) };
    (0..head).map(Some).chain((tail > head).then_some(None)).chain((tail..length).map(Some))
}

/// A tensor being printed.
struct Page<'a, T> {
    numbers: &'a [T],
    dims: &'a [usize],
    shorten: bool,
    notation: Notation,
    width: usize,
}

impl<'a, T: Element> Page<'a, T> {
    fn new(numbers: &'a [T], dims: &'a [usize], decimals: Option<usize>) -> Self {
        let shorten = numbers.len() > WHOLE;
        let mut page = Page { numbers, dims, shorten, notation: Notation::Whole, width: 0 };
        let (mut whole, mut largest, mut smallest) = (true, 0.0_f64, f64::INFINITY);
        page.for_each_shown(0, 0, &mut |number| {
            if let Wide::Float(number) = number
                && number.is_finite()
            {
                whole &= number == libm::trunc(number);
                largest = largest.max(number.abs());
                smallest = smallest.min(if number == 0.0 { smallest } else { number.abs() });
            }
        });
        page.notation = if largest >= 1e8 || smallest < 1e-4 {
            Notation::Scientific(decimals.unwrap_or(DECIMALS))
        } else if whole && decimals.is_none() {
            Notation::Whole
        } else {
            Notation::Fixed(decimals.unwrap_or(DECIMALS))
        };
        let mut width = 0;
        page.for_each_shown(0, 0, &mut |number| width = width.max(page.notation.width(number)));
        page.width = width;
        page
    }

    /// Calls `see` with each number that is shown of the part of the tensor that begins at `start` and spans the axes from
    /// `axis` on.
    fn for_each_shown(&self, axis: usize, start: usize, see: &mut impl FnMut(Wide)) {
        let Some(&length) = self.dims.get(axis) else { return see(self.numbers[start].widen()) };
        let stride: usize = self.dims[axis + 1..].iter().product();
        if length * stride == 0 {
            return;
        }
        for place in shown(length, self.shorten).flatten() {
            self.for_each_shown(axis + 1, start + place * stride, see);
        }
    }

    /// Writes the part of the tensor that begins at `start` and spans the axes from `axis` on.
    fn write(&self, axis: usize, start: usize, text: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(&length) = self.dims.get(axis) else { return self.write_number(start, text) };
        let stride: usize = self.dims[axis + 1..].iter().product();
        let indent = OPENING.len() + axis + 1;
        let innermost = axis + 1 == self.dims.len();
        text.write_str("[")?;
        let mut column = indent;
        // Of an axis with nothing in it there is nothing to show.
        let shown_length = if length * stride == 0 { 0 } else { length };
        for (count, place) in shown(shown_length, self.shorten).enumerate() {
            let width = if place.is_some() { self.width } else { 3 };
            if count > 0 {
                text.write_str(",")?;
                // A number is followed by a comma or a bracket.
                if !innermost {
                    (axis + 1..self.dims.len()).try_for_each(|_| text.write_str("\n"))?;
                    write!(text, "{:indent$}", "")?;
                } else if column + 1 + width >= LINE {
                    write!(text, "\n{:indent$}", "")?;
                    column = indent;
                } else {
                    text.write_str(" ")?;
                    column += 1;
                }
            }
            match place {
                Some(place) => self.write(axis + 1, start + place * stride, text)?,
                None => text.write_str("...")?,
            }
            column += width + 1;
        }
        text.write_str("]")
    }

    fn write_number(&self, position: usize, text: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = self.numbers[position].widen();
        write!(text, "{:1$}", "", self.width - self.notation.width(number))?;
        self.notation.write(number, text)
    }
}

/// `tensor([[1.0000, -2.5000]], shape=[1, 2], f32)`. `{:.2}` sets the decimals.
///
/// ```
/// use nanotorch::{prelude::*, tensor};
///
/// let table = tensor![[1.0, -2.5], [f32::NAN, 10.0]];
/// assert_eq!(
///     format!("{table:.1}"),
///     "tensor([[ 1.0, -2.5],\n        [ NaN, 10.0]], shape=[2, 2], f32)"
/// );
/// ```
impl<S: Shape, T: Element> fmt::Display for View<S, T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dims = self.dims();
        let dims = &dims[..S::RANK];
        let page = Page::new(self.as_slice(), dims, formatter.precision());
        formatter.write_str(OPENING)?;
        page.write(0, 0, formatter)?;
        write!(formatter, ", shape={dims:?}, {})", T::NAME)
    }
}

impl<S: Shape, T: Element> fmt::Debug for View<S, T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl<S: Shape, T: Element> fmt::Display for Tensor<S, T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.view(), formatter)
    }
}

impl<S: Shape, T: Element> fmt::Debug for Tensor<S, T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.view(), formatter)
    }
}
