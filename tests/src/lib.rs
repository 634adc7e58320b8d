//! What the integration tests share.

pub mod every_isa;
pub mod golden;
