//! Images changed at random, so that a model doesn't learn what doesn't matter: shifted, mirrored, cropped.
//!
//! What is drawn depends on the seed, the epoch and the row of the sample, and on nothing else: not on the size of a batch, nor on
//! what was drawn before. So a run that is resumed sees the same images.

use alloc::vec;
use alloc::vec::Vec;
use core::marker::PhantomData;

use super::{Batch, Batches, Dataset, Normalization};
use crate::element::Float;
use crate::random::Random;
use crate::shape::{Dim, Shape};

/// A change of images of the shape `S`: one of [`Shift`], [`Flip`], [`Crop`], [`Normalization`], one of your own, or a tuple of
/// up to four, which are done one after the other; `()` is none. [`Trainer::augment`](crate::train::Trainer::augment) takes one.
///
/// ```
/// use nanotorch::data::{Crop, DataError, Dataset, Flip, Normalization, Shift};
/// use nanotorch::shape::{R3, Shape};
///
/// let images: Dataset<R3<1, 4, 4>> = Dataset::new((0..64).map(|x| x as f32).collect(), vec![0, 1, 2, 3])?;
/// let normalization = Normalization::standard_overall(&images);
/// let changes = (normalization, Shift { rows: 1, columns: 1 }, Flip::horizontal(0.5), Crop::<R3<1, 3, 3>>::random());
/// let mut batches = images.batches::<2>(7).augmented(changes, 7);
/// for epoch in 0..3 {
///     batches.start_epoch(epoch);
///     while let Some(batch) = batches.next_batch() {
///         assert_eq!(batch.inputs.len(), batch.len * R3::<1, 3, 3>::LEN);
///     }
/// }
/// # Ok::<(), DataError>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no change of images of the shape `{S}`",
    note = "images are `[height, width]` or `[channels, height, width]`; several changes stand in a tuple, each takes what the one before gives"
)]
pub trait Augmentation<S: Shape, T: Float> {
    /// The shape of the changed image, which has as many numbers at most.
    type Out: Shape;
    /// Whether there is anything to do.
    const CHANGES: bool = true;
    /// Changes the image in the first `S::LEN` numbers; the result is in the first `Out::LEN`.
    fn augment(&self, random: &mut Random, image: &mut [T]);
}

/// Moves the image by up to so many rows and columns either way, by each number as likely. What is left free is 0.
///
/// Source: torchvision's `RandomCrop` with as much padding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shift {
    /// The most rows, up or down.
    pub rows: usize,
    /// The most columns, to the left or right.
    pub columns: usize,
}

/// Mirrors the image with a probability.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Flip {
    probability: f64,
    upside_down: bool,
}

impl Flip {
    /// Left becomes right, with this probability.
    #[must_use]
    pub const fn horizontal(probability: f64) -> Self {
        Flip { probability, upside_down: false }
    }

    /// Above becomes below, with this probability.
    #[must_use]
    pub const fn vertical(probability: f64) -> Self {
        Flip { probability, upside_down: true }
    }
}

/// A part of the image, of the shape `R`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crop<R> {
    centred: bool,
    shape: PhantomData<R>,
}

impl<R: Shape> Crop<R> {
    /// At a random place, at each as likely.
    #[must_use]
    pub const fn random() -> Self {
        Crop { centred: false, shape: PhantomData }
    }

    /// The middle of the image: for the test set.
    #[must_use]
    pub const fn centre() -> Self {
        Crop { centred: true, shape: PhantomData }
    }
}

/// The number of planes, their height and width.
const fn planes<S: Shape>() -> [usize; 3] {
    if S::RANK == 2 { [1, S::DIMS[0], S::DIMS[1]] } else { [S::DIMS[0], S::DIMS[1], S::DIMS[2]] }
}

/// A number from `-most` to `most`.
fn offset(random: &mut Random, most: usize) -> isize {
    random.below(2 * most + 1) as isize - most as isize
}

/// Moves `line` by `by` places towards its end; what is left free is 0.
fn moved<T: Float>(line: &mut [T], by: isize) {
    let (length, distance) = (line.len(), by.unsigned_abs().min(line.len()));
    if by >= 0 {
        line.copy_within(..length - distance, distance);
        line[..distance].fill(T::ZERO);
    } else {
        line.copy_within(distance.., 0);
        line[length - distance..].fill(T::ZERO);
    }
}

fn shift<S: Shape, T: Float>(most: Shift, random: &mut Random, image: &mut [T]) {
    let [_, height, width] = planes::<S>();
    let (rows, columns) = (offset(random, most.rows), offset(random, most.columns));
    for plane in image[..S::LEN].chunks_exact_mut((height * width).max(1)) {
        moved(plane, rows.clamp(-(height as isize), height as isize) * width as isize);
        plane.chunks_exact_mut(width).for_each(|row| moved(row, columns));
    }
}

fn flip<S: Shape, T: Float>(flip: Flip, random: &mut Random, image: &mut [T]) {
    let [_, height, width] = planes::<S>();
    if random.uniform_f64() >= flip.probability {
        return;
    }
    for plane in image[..S::LEN].chunks_exact_mut((height * width).max(1)) {
        if flip.upside_down {
            for row in 0..height / 2 {
                let (above, below) = plane.split_at_mut((height - 1 - row) * width);
                above[row * width..][..width].swap_with_slice(&mut below[..width]);
            }
        } else {
            plane.chunks_exact_mut(width).for_each(<[T]>::reverse);
        }
    }
}

const fn is_part<S: Shape, R: Shape>() {
    let (whole, part) = (planes::<S>(), planes::<R>());
    assert!(S::RANK == R::RANK && whole[0] == part[0], "a crop has the image's axes and channels");
    assert!(part[1] <= whole[1] && part[2] <= whole[2], "a crop isn't larger than the image");
}

fn crop<S: Shape, R: Shape, T: Float>(centred: bool, random: &mut Random, image: &mut [T]) {
    const { is_part::<S, R>() };
    let ([planes, height, width], [_, rows, columns]) = (planes::<S>(), planes::<R>());
    let mut place = |free: usize| if centred { free / 2 } else { random.below(free + 1) };
    let (top, left) = (place(height - rows), place(width - columns));
    for line in 0..planes * rows {
        let (plane, row) = (line / rows, line % rows);
        let from = (plane * height + top + row) * width + left;
        // What is copied to lies before what is still to be copied.
        image.copy_within(from..from + columns, line * columns);
    }
}

macro_rules! images {
    ($($Axis:ident)*) => {
        impl<$($Axis: Dim,)* T: Float> Augmentation<($($Axis,)*), T> for Shift {
            type Out = ($($Axis,)*);
            fn augment(&self, random: &mut Random, image: &mut [T]) {
                shift::<($($Axis,)*), T>(*self, random, image);
            }
        }

        impl<$($Axis: Dim,)* T: Float> Augmentation<($($Axis,)*), T> for Flip {
            type Out = ($($Axis,)*);
            fn augment(&self, random: &mut Random, image: &mut [T]) {
                flip::<($($Axis,)*), T>(*self, random, image);
            }
        }

        impl<$($Axis: Dim,)* R: Shape, T: Float> Augmentation<($($Axis,)*), T> for Crop<R> {
            type Out = R;
            fn augment(&self, random: &mut Random, image: &mut [T]) {
                crop::<($($Axis,)*), R, T>(self.centred, random, image);
            }
        }
    };
}
images!(H W);
images!(C H W);

/// Nothing random: the same for every image.
impl<S: Shape, T: Float> Augmentation<S, T> for Normalization<S, T> {
    type Out = S;
    fn augment(&self, _: &mut Random, image: &mut [T]) {
        self.apply_to(&mut image[..S::LEN]);
    }
}

/// No change.
impl<S: Shape, T: Float> Augmentation<S, T> for () {
    type Out = S;
    const CHANGES: bool = false;
    fn augment(&self, _: &mut Random, _: &mut [T]) {}
}

macro_rules! one_after_the_other {
    ($First:ident $first:tt $($Name:ident $place:tt after $Before:ident)*) => {
        impl<S: Shape, T: Float, $First, $($Name),*> Augmentation<S, T> for ($First, $($Name,)*)
        where
            $First: Augmentation<S, T>,
            $($Name: Augmentation<$Before::Out, T>,)*
        {
            type Out = one_after_the_other!(@last $First $($Name)*);
            fn augment(&self, random: &mut Random, image: &mut [T]) {
                self.$first.augment(random, image);
                $(self.$place.augment(random, image);)*
            }
        }
    };
    (@last $Name:ident) => { $Name::Out };
    (@last $First:ident $($Name:ident)+) => { one_after_the_other!(@last $($Name)+) };
}
one_after_the_other!(A 0);
one_after_the_other!(A 0 B 1 after A);
one_after_the_other!(A 0 B 1 after A C 2 after B);
one_after_the_other!(A 0 B 1 after A C 2 after B D 3 after C);

/// [`Batches`] of changed images. Memory is taken when it is made, and never after.
#[derive(Clone, Debug)]
pub struct AugmentedBatches<'a, const B: usize, S, A, Y = u32, T = f32>
where
    S: Shape,
{
    batches: Batches<'a, B, S, Y, T>,
    augmentation: A,
    random: Random,
    epoch: u64,
    image: Vec<T>,
    inputs: Vec<T>,
}

impl<'a, const B: usize, S: Shape, Y: Copy, T: Float> Batches<'a, B, S, Y, T> {
    /// These batches with each image changed, by what is drawn from `seed`, the epoch and the image's row.
    #[must_use]
    pub fn augmented<A>(self, augmentation: A, seed: u64) -> AugmentedBatches<'a, B, S, A, Y, T>
    where
        A: Augmentation<S, T>,
    {
        const { assert!(<A::Out as Shape>::LEN <= S::LEN, "a changed image hasn't more numbers than the image") };
        let rows = B.min(self.dataset().len());
        AugmentedBatches {
            batches: self,
            augmentation,
            random: Random::new(seed),
            epoch: 0,
            image: vec![T::ZERO; if A::CHANGES { S::LEN } else { 0 }],
            inputs: vec![T::ZERO; if A::CHANGES { rows * <A::Out as Shape>::LEN } else { 0 }],
        }
    }
}

impl<const B: usize, S: Shape, A: Augmentation<S, T>, Y: Copy, T: Float> AugmentedBatches<'_, B, S, A, Y, T> {
    /// As [`Batches::start_epoch`].
    pub fn start_epoch(&mut self, epoch: u64) {
        self.epoch = epoch;
        self.batches.start_epoch(epoch);
    }

    /// As [`Batches::skip`].
    pub fn skip(&mut self, batches: usize) {
        self.batches.skip(batches);
    }

    /// As [`Batches::len`].
    #[must_use]
    pub fn len(&self) -> usize {
        self.batches.len()
    }

    /// As [`Batches::is_empty`].
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.batches.is_empty()
    }

    /// As [`Batches::rows`].
    #[must_use]
    pub fn rows(&self) -> &[usize] {
        self.batches.rows()
    }

    /// The next batch of this epoch, or `None` at its end.
    pub fn next_batch(&mut self) -> Option<Batch<'_, Y, T>> {
        if !A::CHANGES {
            return self.batches.next_batch();
        }
        let len = self.batches.next_batch()?.len;
        let random = self.random.fork(self.epoch);
        let each = <A::Out as Shape>::LEN;
        for (place, &row) in self.batches.rows().iter().enumerate() {
            let image = &self.batches.dataset().inputs()[row * S::LEN..][..S::LEN];
            self.image.copy_from_slice(image);
            self.augmentation.augment(&mut random.fork(row as u64), &mut self.image);
            self.inputs[place * each..][..each].copy_from_slice(&self.image[..each]);
        }
        Some(Batch { inputs: &self.inputs[..len * each], targets: self.batches.targets(), len })
    }
}

impl<S: Shape, Y: Clone, T: Float> Dataset<S, Y, T> {
    /// The data set with each image changed once: the middle of each, say, for a test.
    ///
    /// ```
    /// use nanotorch::data::{Crop, DataError, Dataset};
    /// use nanotorch::shape::R2;
    ///
    /// let images: Dataset<R2<3, 3>> = Dataset::new((0..9).map(|x| x as f32).collect(), vec![0])?;
    /// assert_eq!(images.augmented(&Crop::<R2<1, 1>>::centre(), 0).inputs(), [4.0]);
    /// # Ok::<(), DataError>(())
    /// ```
    #[must_use]
    pub fn augmented<A: Augmentation<S, T>>(&self, augmentation: &A, seed: u64) -> Dataset<A::Out, Y, T> {
        let (random, each) = (Random::new(seed), <A::Out as Shape>::LEN);
        let mut inputs = Vec::with_capacity(self.len() * each);
        let mut image = vec![T::ZERO; S::LEN];
        for (row, sample) in self.inputs().chunks_exact(S::LEN).enumerate() {
            image.copy_from_slice(sample);
            augmentation.augment(&mut random.fork(row as u64), &mut image);
            inputs.extend_from_slice(&image[..each]);
        }
        self.with_inputs(inputs)
    }
}
