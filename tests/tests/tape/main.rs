//! Variables against tensors, gradients against differences, and the tape's own rules.

mod derivatives;
mod golden;
mod memory;
mod rules;
mod windows;
