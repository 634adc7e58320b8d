//! What the integration tests share.

pub mod every_isa;
pub mod golden;
pub mod layer_cases;
pub mod random_forward;

/// Every program in the README is compiled, and run where it doesn't need files.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;
