//! Borrowed numbers with a shape.

use alloc::borrow::ToOwned;
use alloc::vec::Vec;
use core::marker::PhantomData;

use generic_array::GenericArray;

use super::{ShapeText, Tensor, TensorError};
use crate::element::Element;
use crate::message::Text;
use crate::shape::{Dim, Shape, is_exact};

/// Numbers with a shape, in memory that is somebody else's: always behind a reference, as `&View<S, T>` or `&mut View<S, T>`.
///
/// ```
/// use nanotorch::prelude::*;
///
/// fn brightness<T: Float>(image: &View<R2<2, 2>, T>) -> T {
///     image.iter().fold(T::ZERO, |sum, &pixel| sum + pixel) / T::from_usize(image.len())
/// }
/// let pixels = [0.0, 0.5, 0.5, 1.0];
/// assert_eq!(brightness(View::from_slice(&pixels)?), 0.5); // of a slice
/// assert_eq!(brightness(&Tensor::<R2<2, 2>>::ones()), 1.0); // of a tensor
/// # Ok::<(), nanotorch::tensor::TensorError>(())
/// ```
#[repr(transparent)]
pub struct View<S: Shape, T: Element = f32> {
    shape: PhantomData<S>,
    numbers: [T],
}

/// Refuses shapes that a tensor can't have.
const fn is_sound<S: Shape>() {
    assert!(S::RANK == 0 || is_exact::<S::Rest>(), "only the leading dimension of a tensor can be `UpTo`");
    assert!(
        S::First::EXACT || <S::Rest as Shape>::LEN > 0,
        "behind a leading `UpTo` a tensor can't have an axis of length 0"
    );
}

/// Refuses a change of shape from `S` to `R` that would need more or fewer numbers.
pub(crate) const fn can_become<S: Shape, R: Shape>() {
    if S::LEN != R::LEN {
        let text = Text::new("the shape ").shape::<S>().text(" has ").number(S::LEN).text(" elements, but ");
        let text = text.shape::<R>().text(" has ").number(R::LEN);
        panic!("{}", text.as_str());
    }
    is_sound::<R>();
    assert!(
        S::First::EXACT == R::First::EXACT && (S::First::EXACT || S::First::N == R::First::N),
        "a leading `UpTo` stays as it is in a reshape"
    );
}

impl<S: Shape, T: Element> View<S, T> {
    /// `numbers` as a view. Their number must have been checked.
    #[inline(always)]
    pub(super) fn wrap(numbers: &[T]) -> &Self {
        const { is_sound::<S>() };
        // SAFETY: a view is a slice and nothing else in memory (`repr(transparent)`), so the pointers are of one kind, with the
        // same length; the borrow is that of the slice.
        unsafe { &*(core::ptr::from_ref(numbers) as *const Self) }
    }

    /// `numbers` as a view. Their number must have been checked.
    #[inline(always)]
    pub(super) fn wrap_mut(numbers: &mut [T]) -> &mut Self {
        const { is_sound::<S>() };
        // SAFETY: as in `wrap`; the borrow is unique as that of the slice is.
        unsafe { &mut *(core::ptr::from_mut(numbers) as *mut Self) }
    }

    pub(super) fn check(given: usize) -> Result<(), TensorError> {
        const { is_sound::<S>() };
        let fits = if S::First::EXACT {
            given == S::LEN
        } else {
            given <= S::LEN && given.is_multiple_of(<S::Rest as Shape>::LEN)
        };
        if fits { Ok(()) } else { Err(TensorError::Length { given, shape: ShapeText::new::<S>() }) }
    }

    /// The numbers of a slice, row by row, with a shape. Nothing is copied.
    ///
    /// ```
    /// use nanotorch::prelude::*;
    ///
    /// let numbers = [1.0_f32, 2.0, 3.0, 4.0, 5.0, 6.0];
    /// assert_eq!(View::<R2<2, 3>>::from_slice(&numbers)?[[1, 0]], 4.0);
    /// let error = View::<R2<2, 4>>::from_slice(&numbers).unwrap_err();
    /// assert_eq!(error.to_string(), "6 numbers don't make the shape [2, 4], which takes 8");
    /// # Ok::<(), nanotorch::tensor::TensorError>(())
    /// ```
    ///
    /// # Errors
    /// There are not as many numbers as the shape has elements; behind a leading [`UpTo`](crate::shape::UpTo), not a whole
    /// number of rows, or too many.
    pub fn from_slice(numbers: &[T]) -> Result<&Self, TensorError> {
        Self::check(numbers.len())?;
        Ok(Self::wrap(numbers))
    }

    /// As [`View::from_slice`], for numbers that are to be changed.
    ///
    /// # Errors
    /// As of [`View::from_slice`].
    pub fn from_mut_slice(numbers: &mut [T]) -> Result<&mut Self, TensorError> {
        Self::check(numbers.len())?;
        Ok(Self::wrap_mut(numbers))
    }

    /// The numbers, row by row.
    #[inline(always)]
    pub fn as_slice(&self) -> &[T] {
        &self.numbers
    }

    /// The numbers, row by row, to be changed.
    #[inline(always)]
    pub fn as_mut_slice(&mut self) -> &mut [T] {
        &mut self.numbers
    }

    /// A copy of the numbers, row by row.
    pub fn to_vec(&self) -> Vec<T> {
        self.numbers.to_vec()
    }

    /// How many numbers there are.
    #[inline(always)]
    pub fn len(&self) -> usize {
        if S::First::EXACT { S::LEN } else { self.numbers.len() }
    }

    /// Whether there are no numbers.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The length of each axis; of a leading [`UpTo`](crate::shape::UpTo) the one that it has now.
    ///
    /// ```
    /// use nanotorch::prelude::*;
    ///
    /// let numbers = [0.0; 6];
    /// assert_eq!(View::<(UpTo<8>, Const<3>)>::from_slice(&numbers)?.dims().as_slice(), [2, 3]);
    /// # Ok::<(), nanotorch::tensor::TensorError>(())
    /// ```
    pub fn dims(&self) -> GenericArray<usize, S::Rank> {
        let mut dims = S::dims();
        if let Some(first) = dims.first_mut() {
            *first = self.row_count();
        }
        dims
    }

    /// How far apart neighbours along each axis lie, in elements.
    ///
    /// ```
    /// use nanotorch::prelude::*;
    ///
    /// assert_eq!(Tensor::<R3<2, 3, 4>>::zeros().strides().as_slice(), [12, 4, 1]);
    /// ```
    pub fn strides(&self) -> GenericArray<usize, S::Rank> {
        S::strides()
    }

    /// The numbers, row by row.
    pub fn iter(&self) -> core::slice::Iter<'_, T> {
        self.numbers.iter()
    }

    /// The numbers, row by row, to be changed.
    pub fn iter_mut(&mut self) -> core::slice::IterMut<'_, T> {
        self.numbers.iter_mut()
    }

    /// The same numbers, in the same order, with another shape of as many: [`Tensor::reshape`] for a view.
    ///
    /// ```
    /// use nanotorch::prelude::*;
    ///
    /// let images = Tensor::<R3<10, 8, 8>>::zeros();
    /// let rows: &View<R2<10, 64>> = images.view().reshape();
    /// assert_eq!(rows.row(3).len(), 64);
    /// ```
    pub fn reshape<R: Shape>(&self) -> &View<R, T> {
        const { can_become::<S, R>() };
        View::wrap(&self.numbers)
    }

    /// As [`View::reshape`], for numbers that are to be changed.
    pub fn reshape_mut<R: Shape>(&mut self) -> &mut View<R, T> {
        const { can_become::<S, R>() };
        View::wrap_mut(&mut self.numbers)
    }

    /// `y[i] = f(x[i])` for every element.
    ///
    /// ```
    /// use nanotorch::prelude::*;
    ///
    /// let fired = Tensor::<R1<4>>::linspace(-1.0, 2.0).map(|x| u8::from(x > 0.0));
    /// assert_eq!(fired.as_slice(), [0, 0, 1, 1]);
    /// ```
    #[must_use]
    pub fn map<U: Element>(&self, mut f: impl FnMut(T) -> U) -> Tensor<S, U> {
        let mut mapped = Tensor::to_fill_like(self);
        for (y, &x) in mapped.as_mut_slice().iter_mut().zip(&self.numbers) {
            *y = f(x);
        }
        mapped
    }

    /// The numbers as another type, by the rules of Rust's `as` (see [`Element::narrow`]).
    ///
    /// ```
    /// use nanotorch::prelude::*;
    ///
    /// let pixels = Tensor::<R1<3>, u8>::from([0, 128, 255]);
    /// assert_eq!(pixels.cast::<f32>().as_slice(), [0.0, 128.0, 255.0]);
    /// assert_eq!(Tensor::<R1<3>>::from([-1.5, 2.7, 300.0]).cast::<u8>().as_slice(), [0, 2, 255]);
    /// ```
    #[must_use]
    pub fn cast<U: Element>(&self) -> Tensor<S, U> {
        self.map(|x| U::narrow(x.widen()))
    }
}

impl<S: Shape, T: Element> ToOwned for View<S, T> {
    type Owned = Tensor<S, T>;
    fn to_owned(&self) -> Tensor<S, T> {
        let mut owned = Tensor::to_fill_like(self);
        owned.as_mut_slice().copy_from_slice(&self.numbers);
        owned
    }
}

impl<S: Shape, T: Element> AsRef<[T]> for View<S, T> {
    fn as_ref(&self) -> &[T] {
        &self.numbers
    }
}

impl<S: Shape, T: Element> AsMut<[T]> for View<S, T> {
    fn as_mut(&mut self) -> &mut [T] {
        &mut self.numbers
    }
}

impl<S: Shape, T: Element> PartialEq for View<S, T> {
    fn eq(&self, other: &Self) -> bool {
        self.numbers == other.numbers
    }
}

impl<S: Shape, T: Element> PartialEq<Tensor<S, T>> for View<S, T> {
    fn eq(&self, other: &Tensor<S, T>) -> bool {
        self == other.view()
    }
}

impl<'a, S: Shape, T: Element> IntoIterator for &'a View<S, T> {
    type Item = &'a T;
    type IntoIter = core::slice::Iter<'a, T>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'a, S: Shape, T: Element> IntoIterator for &'a mut View<S, T> {
    type Item = &'a mut T;
    type IntoIter = core::slice::IterMut<'a, T>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter_mut()
    }
}
