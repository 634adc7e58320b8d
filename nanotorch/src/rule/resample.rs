//! Linear maps of each sample of a batch, as layers have them.

use core::marker::PhantomData;

use super::unary::compute;
use super::{Edges, Kind, Layout, Room, Rule};
use crate::element::Float;
use crate::op::resample::{LinearMap, MapLinearly};

/// `y = A x`, sample by sample.
#[derive(Clone, Copy, Debug)]
pub struct Mapped<M> {
    map: PhantomData<M>,
    layout: Layout,
}

impl<M: LinearMap> Mapped<M> {
    /// The map, giving a batch of the shape `layout`.
    pub fn new(layout: Layout) -> Self {
        Mapped { map: PhantomData, layout }
    }
}

impl<T: Float, M: LinearMap> Rule<T> for Mapped<M> {
    fn name(&self) -> &'static str {
        M::NAME
    }
    fn layout(&self) -> Layout {
        self.layout
    }
    fn kind(&self) -> Kind {
        Kind::Linear
    }
    fn forward(&self, x: &[&[T]], y: &mut [T], _: Room<'_, T>) {
        compute(MapLinearly::<M, T>::forward(x[0], y));
    }
    fn backward(&self, edges: Edges<'_, '_, T>, _: &mut [T]) {
        compute(MapLinearly::<M, T>::backward(edges.dy, &mut *edges.dx[0]));
    }
}
