//! A model as one flat block of numbers, and the names, shapes and places of the tensors in it.
//!
//! Everything that treats a model as data stands on this: the optimizer's pass, checkpoints, copies, gradient checks.

use core::fmt;

use crate::element::Float;
use crate::shape::{Dims, MAX_RANK};

/// A value that is nothing but numbers of one type, in a fixed order, without padding: a layer, a model, a gradient.
///
/// Implemented by `#[layer]` and `#[model]`, which prove the layout in a constant; for scalars; and for arrays.
///
/// # Safety
/// `Self` must consist of [`Parameters::Element`]s alone: its size is a multiple of the element's, its alignment is the
/// element's (or 1 if it is empty), it has no padding, and any bits that are valid for the elements are valid for it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not made of parameters",
    note = "put `#[layer]` on a struct of arrays, or `#[model]` on a struct of layers",
    note = "a model on the heap, such as `net: Box<Net>`, is borrowed as `&*net` or `&mut *net`"
)]
pub unsafe trait Parameters: Sized + 'static {
    /// The type of its numbers.
    type Element: Float;
    /// Whether this is a tensor (a scalar, an array of scalars, an array of those), rather than a structure of tensors.
    const IS_TENSOR: bool = false;
    /// The number of axes of a tensor.
    const RANK: usize = 0;
    /// The lengths of a tensor's axes.
    const DIMS: Dims = [0; MAX_RANK];
    /// How many numbers it holds.
    const PARAMS: usize = size_of::<Self>() / size_of::<Self::Element>();
    /// How many of them follow the data rather than a gradient, such as a running mean.
    const BUFFERS: usize = 0;
    /// Whether there may be layers in it; in tensors, and in a layer that is made of such, there are none.
    const LAYERS: bool = true;

    /// Shows the visitor of `walk` each tensor in order of place, under the name `path`.
    fn describe(path: &Path<'_>, walk: &mut Walk<'_>);

    /// All numbers, in order.
    #[inline(always)]
    fn values(&self) -> &[Self::Element] {
        // What holds no numbers may lie where an element can't.
        if Self::PARAMS == 0 {
            return &[];
        }
        // SAFETY: the trait's contract says that `Self` is `PARAMS` elements without padding, aligned as they are.
        unsafe { core::slice::from_raw_parts((&raw const *self).cast(), Self::PARAMS) }
    }

    /// All numbers, in order, to be changed.
    #[inline(always)]
    fn values_mut(&mut self) -> &mut [Self::Element] {
        if Self::PARAMS == 0 {
            return &mut [];
        }
        // SAFETY: as in `values`; any element bits are valid for `Self`, so no write through the slice can break it.
        unsafe { core::slice::from_raw_parts_mut((&raw mut *self).cast(), Self::PARAMS) }
    }

    /// A value of zeros on the heap, made in place: however large it is, it never lies on the stack.
    #[cfg(feature = "alloc")]
    fn zeroed() -> alloc::boxed::Box<Self> {
        let zeroed = alloc::boxed::Box::<Self>::new_zeroed();
        // SAFETY: zero bits are a valid element (`Element` is `Pod`), and the trait's contract extends that to `Self`.
        unsafe { zeroed.assume_init() }
    }

    /// A copy on the heap, made in place.
    #[cfg(feature = "alloc")]
    fn boxed_copy(&self) -> alloc::boxed::Box<Self> {
        let mut copy = Self::zeroed();
        copy.values_mut().copy_from_slice(self.values());
        copy
    }
}

// SAFETY: a scalar is one element.
#[diagnostic::do_not_recommend]
unsafe impl<T: Float> Parameters for T {
    type Element = T;
    const IS_TENSOR: bool = true;
    const LAYERS: bool = false;

    fn describe(path: &Path<'_>, walk: &mut Walk<'_>) {
        walk.tensor::<T>(path);
    }
}

// SAFETY: an array is its items one after the other, without padding between them.
#[diagnostic::do_not_recommend]
unsafe impl<P: Parameters, const N: usize> Parameters for [P; N] {
    type Element = P::Element;
    const BUFFERS: usize = N * P::BUFFERS;
    const LAYERS: bool = !Self::IS_TENSOR;
    const IS_TENSOR: bool = P::IS_TENSOR && P::RANK < MAX_RANK;
    const RANK: usize = if Self::IS_TENSOR { P::RANK + 1 } else { 0 };
    const DIMS: Dims = {
        let mut dims = [0; MAX_RANK];
        if Self::IS_TENSOR {
            dims[0] = N;
            let mut axis = 0;
            while axis < P::RANK {
                dims[axis + 1] = P::DIMS[axis];
                axis += 1;
            }
        }
        dims
    };

    fn describe(path: &Path<'_>, walk: &mut Walk<'_>) {
        if Self::IS_TENSOR {
            walk.tensor::<Self>(path);
        } else {
            for index in 0..N {
                P::describe(&path.index(index), walk);
            }
        }
    }
}

/// A place in a tree of fields, such as `blocks.2.fc1.weight`: PyTorch's naming. It lives on the stack.
#[derive(Clone, Copy)]
pub struct Path<'a> {
    parent: Option<&'a Path<'a>>,
    segment: Segment,
}

#[derive(Clone, Copy)]
enum Segment {
    Root,
    Field(&'static str),
    Index(usize),
}

impl<'a> Path<'a> {
    /// The model itself.
    pub const ROOT: Path<'static> = Path { parent: None, segment: Segment::Root };

    /// The field `name` of this place.
    pub fn field(&'a self, name: &'static str) -> Path<'a> {
        Path { parent: Some(self), segment: Segment::Field(name) }
    }

    /// The item `index` of this place.
    pub fn index(&'a self, index: usize) -> Path<'a> {
        Path { parent: Some(self), segment: Segment::Index(index) }
    }

    /// Whether the last part of the path is the field `name`.
    pub fn ends_with(&self, name: &str) -> bool {
        matches!(self.segment, Segment::Field(field) if field == name)
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent
            && !matches!(parent.segment, Segment::Root)
        {
            parent.fmt(formatter)?;
            formatter.write_str(".")?;
        }
        match self.segment {
            Segment::Root => Ok(()),
            Segment::Field(name) => formatter.write_str(name),
            Segment::Index(index) => write!(formatter, "{index}"),
        }
    }
}

/// What the optimizer does with a tensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It has a gradient and is changed by the optimizer.
    Trained,
    /// It is kept as it is: it has no gradient and no moments.
    Frozen,
    /// It follows the data rather than a gradient, such as a running mean.
    Buffer,
}

/// One tensor of a model.
#[derive(Clone, Copy)]
pub struct Parameter<'a> {
    /// Its name.
    pub path: &'a Path<'a>,
    /// The lengths of its axes.
    pub dims: &'a [usize],
    /// Where it begins among the model's numbers.
    pub offset: usize,
    /// Where its gradient begins among the gradient's numbers; meaningless unless it is trained.
    pub gradient_offset: usize,
    /// What the optimizer does with it.
    pub role: Role,
}

impl Parameter<'_> {
    /// How many numbers it holds.
    pub fn len(&self) -> usize {
        self.dims.iter().product()
    }

    /// Whether it holds no numbers.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Its numbers' places among the model's.
    pub fn range(&self) -> core::ops::Range<usize> {
        self.offset..self.offset + self.len()
    }

    /// Its gradient's places among the gradient's numbers, if it has one.
    pub fn gradient_range(&self) -> Option<core::ops::Range<usize>> {
        (self.role == Role::Trained).then(|| self.gradient_offset..self.gradient_offset + self.len())
    }
}

/// A walk over the tensors of a model in order of place.
pub struct Walk<'v> {
    offset: usize,
    gradient_offset: usize,
    role: Role,
    visit: &'v mut dyn FnMut(&Parameter<'_>),
}

impl Walk<'_> {
    /// Shows a tensor of the type `P` to the visitor and moves on.
    pub fn tensor<P: Parameters>(&mut self, path: &Path<'_>) {
        self.show(path, &P::DIMS[..P::RANK], P::PARAMS);
    }

    fn show(&mut self, path: &Path<'_>, dims: &[usize], length: usize) {
        let parameter = Parameter {
            path,
            dims,
            offset: self.offset,
            gradient_offset: self.gradient_offset,
            role: self.role,
        };
        (self.visit)(&parameter);
        self.offset += length;
        if self.role == Role::Trained {
            self.gradient_offset += length;
        }
    }

    /// Walks over a part whose tensors play another role.
    pub fn with_role<P: Parameters>(&mut self, role: Role, path: &Path<'_>) {
        let outer = self.role;
        if outer == Role::Trained {
            self.role = role;
        }
        P::describe(path, self);
        self.role = outer;
    }
}

/// Calls `visit` with each tensor of `P` in order of place.
pub fn for_each_parameter<P: Parameters>(mut visit: impl FnMut(&Parameter<'_>)) {
    visit_each(P::describe, &mut visit);
}

/// Calls `visit` with each tensor of what `describe` walks over.
pub(crate) fn visit_each(describe: fn(&Path<'_>, &mut Walk<'_>), visit: &mut dyn FnMut(&Parameter<'_>)) {
    describe(&Path::ROOT, &mut Walk { offset: 0, gradient_offset: 0, role: Role::Trained, visit });
}

/// Copies the numbers of `from` into `to`, converting their type: an f32 model into its f64 twin, say.
///
/// Copies as many as both have; of a model and its [`With`](super::Module::With) twin that is all.
pub fn convert<A: Parameters, B: Parameters>(from: &A, to: &mut B) {
    for (to, from) in to.values_mut().iter_mut().zip(from.values()) {
        *to = B::Element::from_f64(from.to_f64());
    }
}

/// The gradient of a frozen field: there is none.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Frozen<T>([T; 0]);

// SAFETY: it is an empty array of elements.
unsafe impl<T: Float> Parameters for Frozen<T> {
    type Element = T;
    const LAYERS: bool = false;
    fn describe(_: &Path<'_>, _: &mut Walk<'_>) {}
}

/// No parameters.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Nothing<T>([T; 0]);

// SAFETY: it is an empty array of elements.
unsafe impl<T: Float> Parameters for Nothing<T> {
    type Element = T;
    const LAYERS: bool = false;
    fn describe(_: &Path<'_>, _: &mut Walk<'_>) {}
}
