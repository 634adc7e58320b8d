//! Normalisation of the channels of a batch.

use super::Moments;
use crate::element::Float;
use crate::kernel::Accumulate;
use crate::op::channels::{BatchNormalization, BatchNormalizationBackward, BatchStatistics};
use crate::rule::unary::compute;
use crate::rule::{Derived, Edges, Graph, Kind, Layout, Places, Room, Rule};

/// `y = (x - mean(c)) / √(variance(c) + ε)`, with the mean and variance of each channel of the batch.
#[derive(Clone, Copy, Debug)]
pub struct NormalizeBatch {
    /// Channels: the lengths of the axis behind the first.
    pub channels: usize,
    /// Numbers of one channel of a sample.
    pub places: usize,
    /// What is added to the variance.
    pub epsilon: f64,
    /// The shape of operand and result.
    pub layout: Layout,
}

impl<T: Float> Rule<T> for NormalizeBatch {
    fn name(&self) -> &'static str {
        "BatchNormalization"
    }
    fn layout(&self) -> Layout {
        self.layout
    }
    fn kind(&self) -> Kind {
        Kind::Curved
    }
    fn kept(&self) -> usize {
        2 * self.channels
    }
    fn workspace(&self) -> usize {
        self.channels
    }
    fn backward_workspace(&self) -> usize {
        2 * self.channels
    }
    fn forward(&self, x: &[&[T]], y: &mut [T], room: Room<'_, T>) {
        let NormalizeBatch { channels, places, epsilon, .. } = *self;
        let (mean, scale) = room.kept.split_at_mut(channels);
        let variance = &mut room.workspace[..channels];
        compute(BatchStatistics { places, epsilon, x: x[0], mean, scale, variance });
        compute(BatchNormalization { places, mean, scale, weight: &[], bias: &[], x: Some(x[0]), y });
    }
    fn backward(&self, edges: Edges<'_, '_, T>, workspace: &mut [T]) {
        let Edges { x, kept, dy, dx, .. } = edges;
        let (mean, scale) = kept.split_at(self.channels);
        compute(BatchNormalizationBackward {
            places: self.places,
            mean,
            scale,
            weight: &[],
            x: x[0],
            dy,
            sums: &mut workspace[..2 * self.channels],
            dweight: &mut [],
            dbias: &mut [],
            accumulate: Accumulate::Replace,
            dx: Some(&mut *dx[0]),
        });
    }
    fn derive(&self, graph: &mut dyn Graph<T>, places: &Places<'_>) -> Derived {
        let rows = self.layout.len() / (self.channels * self.places).max(1);
        let sizes = [rows, self.channels, self.places];
        Moments { graph, layout: self.layout, sizes, along: [true, false, true] }.derive(
            places,
            true,
            self.epsilon,
        )
    }
}
