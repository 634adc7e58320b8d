//! Numbers as bytes of a file: little-endian, in the element types that parameters come in.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use crate::element::{Element, Float};

/// The element type of parameters of type `T`, as safetensors calls it.
pub(super) fn element_of<T: Float>() -> &'static str {
    if T::NAME == f64::NAME { "F64" } else { "F32" }
}

/// The bytes of numbers: themselves, where the machine is little-endian too.
pub(super) fn bytes_of<T: Float>(numbers: &[T]) -> Cow<'_, [u8]> {
    let bytes: &[u8] = bytemuck::cast_slice(numbers);
    if cfg!(target_endian = "little") {
        return Cow::Borrowed(bytes);
    }
    let reversed: Vec<u8> =
        bytes.chunks_exact(size_of::<T>()).flat_map(|number| number.iter().rev().copied()).collect();
    Cow::Owned(reversed)
}

/// Numbers from bytes of their own element type, bit for bit.
pub(super) fn read<T: Float>(bytes: &[u8], numbers: &mut [T]) {
    let target: &mut [u8] = bytemuck::cast_slice_mut(numbers);
    target.copy_from_slice(bytes);
    if cfg!(target_endian = "big") {
        target.chunks_exact_mut(size_of::<T>()).for_each(<[u8]>::reverse);
    }
}

/// How the numbers of an element type are made `f64`; `None` of types that parameters don't come in.
#[derive(Clone, Copy)]
pub(super) enum Source {
    F64,
    F32,
    F16,
    Bf16,
}

impl Source {
    /// The element type that safetensors calls so.
    pub(super) fn named(element: &str) -> Option<Source> {
        Some(match element {
            "F64" => Source::F64,
            "F32" => Source::F32,
            "F16" => Source::F16,
            "BF16" => Source::Bf16,
            _ => return None,
        })
    }

    /// How many bytes a number has.
    pub(super) fn size(self) -> usize {
        match self {
            Source::F64 => 8,
            Source::F32 => 4,
            Source::F16 | Source::Bf16 => 2,
        }
    }

    /// The number that these bytes are.
    pub(super) fn number(self, bytes: &[u8]) -> f64 {
        let mut bits = 0_u64;
        for &byte in bytes.iter().rev() {
            bits = bits << 8 | u64::from(byte);
        }
        match self {
            Source::F64 => f64::from_bits(bits),
            Source::F32 => f32::from_bits(bits as u32).into(),
            Source::Bf16 => f32::from_bits((bits as u32) << 16).into(),
            Source::F16 => half(bits as u16),
        }
    }
}

/// A number of 1 sign bit, 5 bits of exponent, 10 of fraction (IEEE 754 binary16).
fn half(bits: u16) -> f64 {
    let (exponent, fraction) = (bits >> 10 & 0x1F, f64::from(bits & 0x3FF));
    let magnitude = match exponent {
        0 => fraction * exponent_of_two(-24),
        0x1F if fraction == 0.0 => f64::INFINITY,
        0x1F => f64::NAN,
        _ => (fraction + 1024.0) * exponent_of_two(i32::from(exponent) - 25),
    };
    if bits >> 15 == 1 { -magnitude } else { magnitude }
}

/// `2^exponent`, of a normal number.
fn exponent_of_two(exponent: i32) -> f64 {
    f64::from_bits(((exponent + 1023) as u64) << 52)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_are_the_numbers_that_the_standard_says() {
        let known = [
            (0x0000, 0.0),
            (0x0001, 5.960464477539063e-8),
            (0x03FF, 6.097555160522461e-5),
            (0x0400, 6.103515625e-5),
            (0x3555, 0.333251953125),
            (0x3C00, 1.0),
            (0xC000, -2.0),
            (0x7BFF, 65504.0),
            (0x7C00, f64::INFINITY),
            (0xFC00, f64::NEG_INFINITY),
        ];
        for (bits, number) in known {
            assert_eq!(half(bits), number, "{bits:#06x}");
        }
        assert!(half(0x7E00).is_nan());
        assert!(half(0x8000).is_sign_negative());
    }

    #[test]
    fn bytes_are_little_endian() {
        assert_eq!(*bytes_of(&[1.0_f32]), [0, 0, 0x80, 0x3F]);
        let mut numbers = [0.0_f64; 2];
        read(&bytes_of(&[f64::MIN_POSITIVE, -3.5]), &mut numbers);
        assert_eq!(numbers, [f64::MIN_POSITIVE, -3.5]);
        assert_eq!([[0x80, 0x3F], [0x00, 0xC0]].map(|bytes| Source::Bf16.number(&bytes)), [1.0, -2.0]);
    }
}
