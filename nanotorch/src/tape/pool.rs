//! Buffers that are used again.

use alloc::vec::Vec;

use crate::element::Element;
use crate::storage::Block;

/// Blocks of numbers that nobody uses, by their length.
pub(super) struct Pool<T> {
    blocks: Vec<Block<T>>,
}

impl<T: Element> Pool<T> {
    pub(super) fn new() -> Self {
        Pool { blocks: Vec::new() }
    }

    /// A block of `length` numbers, whatever they are.
    pub(super) fn take(&mut self, length: usize) -> Block<T> {
        match self.blocks.iter().rposition(|block| block.as_slice().len() == length) {
            Some(place) => self.blocks.swap_remove(place),
            None => Block::zeros(length),
        }
    }

    pub(super) fn give(&mut self, block: Block<T>) {
        if !block.as_slice().is_empty() {
            self.blocks.push(block);
        }
    }
}
