//! The macros of nanotorch.
