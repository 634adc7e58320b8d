//! The outer axis: a tensor as a sequence of smaller ones.

use super::View;
use crate::element::Element;
use crate::shape::{Dim, Shape};
use crate::storage::take;

impl<S: Shape, T: Element> View<S, T> {
    /// How many numbers lie between one row and the next.
    const ROW: usize = {
        assert!(S::RANK > 0, "a scalar has no rows");
        <S::Rest as Shape>::LEN
    };

    /// The length of the outer axis; 0 for a scalar, which has none.
    #[inline(always)]
    pub fn row_count(&self) -> usize {
        if S::First::EXACT { S::First::N } else { self.as_slice().len() / <S::Rest as Shape>::LEN }
    }

    /// Row `index`: what lies at that place of the outer axis, with one axis less.
    ///
    /// ```
    /// use nanotorch::prelude::*;
    ///
    /// let images = Tensor::<R1<24>>::arange(0.0, 1.0).reshape::<R3<2, 3, 4>>();
    /// assert_eq!(images.row(1).row(2).as_slice(), [20.0, 21.0, 22.0, 23.0]);
    /// ```
    ///
    /// # Panics
    /// There is no such row, as with a slice's index; [`View::get_row`] asks.
    #[inline]
    #[track_caller]
    pub fn row(&self, index: usize) -> &View<S::Rest, T> {
        match self.get_row(index) {
            Some(row) => row,
            None => panic!("row {index} is out of range: there are {}", self.row_count()),
        }
    }

    /// Row `index`, to be changed.
    ///
    /// # Panics
    /// As [`View::row`].
    #[inline]
    #[track_caller]
    pub fn row_mut(&mut self, index: usize) -> &mut View<S::Rest, T> {
        let count = self.row_count();
        match self.get_row_mut(index) {
            Some(row) => row,
            None => panic!("row {index} is out of range: there are {count}"),
        }
    }

    /// Row `index`, if there is one.
    #[inline]
    pub fn get_row(&self, index: usize) -> Option<&View<S::Rest, T>> {
        let row = const { Self::ROW };
        (index < self.row_count()).then(|| View::wrap(&self.as_slice()[index * row..][..row]))
    }

    /// Row `index`, to be changed, if there is one.
    #[inline]
    pub fn get_row_mut(&mut self, index: usize) -> Option<&mut View<S::Rest, T>> {
        let row = const { Self::ROW };
        (index < self.row_count()).then(|| View::wrap_mut(&mut self.as_mut_slice()[index * row..][..row]))
    }

    /// All rows, first to last.
    ///
    /// ```
    /// use nanotorch::{prelude::*, tensor};
    ///
    /// let table = tensor![[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]];
    /// let sums: Vec<f32> = table.rows().map(|row| row.iter().sum()).collect();
    /// assert_eq!(sums, [3.0, 7.0, 11.0]);
    /// ```
    pub fn rows(&self) -> impl DoubleEndedIterator<Item = &View<S::Rest, T>> + ExactSizeIterator {
        let row = const { Self::ROW };
        (0..self.row_count()).map(move |index| View::wrap(&self.as_slice()[index * row..][..row]))
    }

    /// All rows, first to last, to be changed.
    pub fn rows_mut(&mut self) -> impl ExactSizeIterator<Item = &mut View<S::Rest, T>> {
        let row = const { Self::ROW };
        let count = self.row_count();
        let mut rest = self.as_mut_slice();
        (0..count).map(move |_| View::wrap_mut(take(&mut rest, row)))
    }
}
