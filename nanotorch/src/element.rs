//! The numbers that parameters and activations are made of.
