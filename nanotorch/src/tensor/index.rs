//! Single elements, by their place.

use core::marker::PhantomData;
use core::ops::{Index, IndexMut};

use super::{Tensor, View};
use crate::element::Element;
use crate::shape::Shape;

impl<S: Shape, T: Element> View<S, T> {
    /// Where the element at `index` lies in memory, if there is one.
    #[inline(always)]
    fn position(&self, index: S::Index) -> Option<usize> {
        let mut position = 0;
        for (axis, &place) in index.as_ref().iter().enumerate() {
            let length = if axis == 0 { self.row_count() } else { S::DIMS[axis] };
            if place >= length {
                return None;
            }
            position = position * length + place;
        }
        Some(position)
    }

    /// The element at `index`, if there is one.
    ///
    /// ```
    /// use nanotorch::{prelude::*, tensor};
    ///
    /// let table = tensor![[1.0, 2.0], [3.0, 4.0]];
    /// assert_eq!(table.get([1, 0]), Some(&3.0));
    /// assert_eq!(table.get([2, 0]), None);
    /// ```
    #[inline]
    pub fn get(&self, index: S::Index) -> Option<&T> {
        self.as_slice().get(self.position(index)?)
    }

    /// The element at `index`, to be changed, if there is one.
    #[inline]
    pub fn get_mut(&mut self, index: S::Index) -> Option<&mut T> {
        let position = self.position(index)?;
        self.as_mut_slice().get_mut(position)
    }

    /// The places of all elements, row by row.
    pub fn indices(&self) -> Indices<S> {
        Indices { next: S::Index::default(), rows: self.row_count(), left: self.len(), shape: PhantomData }
    }

    /// Each element with its place, row by row.
    ///
    /// ```
    /// use nanotorch::{prelude::*, tensor};
    ///
    /// let table = tensor![[1.0, 9.0], [3.0, 4.0]];
    /// let largest = table.indexed().max_by(|a, b| a.1.total_cmp(b.1));
    /// assert_eq!(largest, Some(([0, 1], &9.0)));
    /// ```
    pub fn indexed(&self) -> impl ExactSizeIterator<Item = (S::Index, &T)> {
        self.indices().zip(self.iter())
    }

    #[cold]
    #[inline(never)]
    #[track_caller]
    fn out_of_range(&self, index: S::Index) -> ! {
        panic!("index {index:?} is out of range of the shape {:?}", &self.dims()[..S::RANK])
    }
}

/// `view[[row, column]]`: an array with one number an axis.
impl<S: Shape, T: Element> Index<S::Index> for View<S, T> {
    type Output = T;
    #[inline]
    #[track_caller]
    fn index(&self, index: S::Index) -> &T {
        match self.get(index) {
            Some(element) => element,
            None => self.out_of_range(index),
        }
    }
}

impl<S: Shape, T: Element> IndexMut<S::Index> for View<S, T> {
    #[inline]
    #[track_caller]
    fn index_mut(&mut self, index: S::Index) -> &mut T {
        match self.position(index) {
            Some(position) => &mut self.as_mut_slice()[position],
            None => self.out_of_range(index),
        }
    }
}

impl<S: Shape, T: Element> Index<S::Index> for Tensor<S, T> {
    type Output = T;
    #[inline]
    #[track_caller]
    fn index(&self, index: S::Index) -> &T {
        &self.view()[index]
    }
}

impl<S: Shape, T: Element> IndexMut<S::Index> for Tensor<S, T> {
    #[inline]
    #[track_caller]
    fn index_mut(&mut self, index: S::Index) -> &mut T {
        &mut self.view_mut()[index]
    }
}

/// The places of a tensor's elements, row by row: see [`View::indices`].
#[derive(Clone, Debug)]
pub struct Indices<S: Shape> {
    next: S::Index,
    rows: usize,
    left: usize,
    shape: PhantomData<S>,
}

impl<S: Shape> Iterator for Indices<S> {
    type Item = S::Index;

    #[inline]
    fn next(&mut self) -> Option<S::Index> {
        self.left = self.left.checked_sub(1)?;
        let index = self.next;
        for (axis, place) in self.next.as_mut().iter_mut().enumerate().rev() {
            *place += 1;
            if *place < if axis == 0 { self.rows } else { S::DIMS[axis] } {
                break;
            }
            *place = 0;
        }
        Some(index)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl<S: Shape> ExactSizeIterator for Indices<S> {}
