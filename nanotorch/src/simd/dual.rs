//! Dual numbers: a value and how fast it changes, carried through any function of registers.
//!
//! `(a, a') (b, b') = (a b, a' b + a b')`, and so on for each operation of a register (Clifford, 1871; Wengert, 1964). A function
//! that is written for any [`Vector`] is so differentiated as it stands: the derivative that is written beside a function has a
//! derivative of its own without a line more.

use generic_array::GenericArray;

use super::Vector;
use crate::element::Float;

/// A register of values with a register of their rates of change.
#[derive(Clone, Copy, Debug)]
pub struct Dual<V> {
    value: V,
    tangent: V,
}

impl<V: Vector> Dual<V> {
    /// The variable itself: its rate of change is 1.
    #[inline(always)]
    pub fn variable(value: V) -> Self {
        Dual { value, tangent: V::splat(value.isa(), V::Scalar::ONE) }
    }

    /// What doesn't change.
    #[inline(always)]
    pub fn fixed(value: V) -> Self {
        Dual { value, tangent: V::zero(value.isa()) }
    }

    /// The rates of change.
    #[inline(always)]
    pub fn tangent(self) -> V {
        self.tangent
    }

    #[inline(always)]
    fn either(mask: V::Mask, yes: Self, no: Self) -> Self {
        Dual {
            value: V::select(mask, yes.value, no.value),
            tangent: V::select(mask, yes.tangent, no.tangent),
        }
    }

    /// 1 or -1 as the sign bit says.
    #[inline(always)]
    fn sign(value: V) -> V {
        V::splat(value.isa(), V::Scalar::ONE).copysign(value)
    }
}

macro_rules! operator {
    ($Trait:ident $method:ident, |$a:ident, $b:ident| $value:expr, $tangent:expr) => {
        impl<V: Vector> core::ops::$Trait for Dual<V> {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                let ($a, $b) = (self, other);
                Dual { value: $value, tangent: $tangent }
            }
        }
    };
}
operator!(Add add, |a, b| a.value + b.value, a.tangent + b.tangent);
operator!(Sub sub, |a, b| a.value - b.value, a.tangent - b.tangent);
operator!(Mul mul, |a, b| a.value * b.value, product(a.tangent, b.value) + product(b.tangent, a.value));
operator!(Div div, |a, b| a.value / b.value, {
    let quotient = a.value / b.value;
    (a.tangent - product(b.tangent, quotient)) / b.value
});

/// `tangent * factor`; a tangent of 0 stays 0 where the factor is infinite or NaN: what doesn't change doesn't change.
#[inline(always)]
fn product<V: Vector>(tangent: V, factor: V) -> V {
    let zero = V::zero(tangent.isa());
    // Infinity and NaN times 0 are NaN.
    let finite = (factor * zero).eq(zero);
    V::select(tangent.eq(zero) & !finite, zero, tangent * factor)
}

impl<V: Vector> core::ops::Neg for Dual<V> {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        Dual { value: -self.value, tangent: -self.tangent }
    }
}

macro_rules! assign {
    ($Trait:ident $method:ident $operator:tt) => {
        impl<V: Vector> core::ops::$Trait for Dual<V> {
            #[inline(always)]
            fn $method(&mut self, other: Self) {
                *self = *self $operator other;
            }
        }
    };
}
assign!(AddAssign add_assign +);
assign!(SubAssign sub_assign -);
assign!(MulAssign mul_assign *);

impl<V: Vector> Vector for Dual<V> {
    type Scalar = V::Scalar;
    type Isa = V::Isa;
    type Lanes = V::Lanes;
    type Mask = V::Mask;
    const LANES: usize = V::LANES;

    #[inline(always)]
    fn isa(self) -> V::Isa {
        self.value.isa()
    }
    #[inline(always)]
    fn splat(simd: V::Isa, number: V::Scalar) -> Self {
        Dual::fixed(V::splat(simd, number))
    }
    #[inline(always)]
    fn load(simd: V::Isa, source: &[V::Scalar]) -> Self {
        Dual::fixed(V::load(simd, source))
    }
    #[inline(always)]
    fn to_array(self) -> GenericArray<V::Scalar, V::Lanes> {
        self.value.to_array()
    }

    #[inline(always)]
    fn mul_add(self, factor: Self, addend: Self) -> Self {
        self * factor + addend
    }
    #[inline(always)]
    fn neg_mul_add(self, factor: Self, addend: Self) -> Self {
        addend - self * factor
    }
    #[inline(always)]
    fn abs(self) -> Self {
        Dual { value: self.value.abs(), tangent: self.tangent * Self::sign(self.value) }
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        let root = self.value.sqrt();
        let zero = V::zero(root.isa());
        let tangent = V::select(self.tangent.eq(zero) & root.eq(zero), zero, self.tangent / (root + root));
        Dual { value: root, tangent }
    }
    #[inline(always)]
    fn max(self, other: Self) -> Self {
        Self::either(self.value.gt(other.value), self, other)
    }
    #[inline(always)]
    fn min(self, other: Self) -> Self {
        Self::either(self.value.lt(other.value), self, other)
    }
    #[inline(always)]
    fn floor(self) -> Self {
        Dual::fixed(self.value.floor())
    }
    #[inline(always)]
    fn round_ties_even(self) -> Self {
        Dual::fixed(self.value.round_ties_even())
    }
    #[inline(always)]
    fn copysign(self, sign: Self) -> Self {
        let tangent = self.tangent * Self::sign(self.value) * Self::sign(sign.value);
        Dual { value: self.value.copysign(sign.value), tangent }
    }

    #[inline(always)]
    fn lt(self, other: Self) -> V::Mask {
        self.value.lt(other.value)
    }
    #[inline(always)]
    fn le(self, other: Self) -> V::Mask {
        self.value.le(other.value)
    }
    #[inline(always)]
    fn gt(self, other: Self) -> V::Mask {
        self.value.gt(other.value)
    }
    #[inline(always)]
    fn ge(self, other: Self) -> V::Mask {
        self.value.ge(other.value)
    }
    #[inline(always)]
    fn eq(self, other: Self) -> V::Mask {
        self.value.eq(other.value)
    }
    #[inline(always)]
    fn select(mask: V::Mask, yes: Self, no: Self) -> Self {
        Self::either(mask, yes, no)
    }

    #[inline(always)]
    fn constant(self) -> Self {
        Dual::fixed(self.value.constant())
    }
    #[inline(always)]
    fn scale_by_power_of_two(self, n: Self) -> Self {
        Dual {
            value: self.value.scale_by_power_of_two(n.value),
            tangent: self.tangent.scale_by_power_of_two(n.value),
        }
    }
    #[inline(always)]
    fn scale_by_shifted(self, shifted: Self) -> Self {
        let value = self.value.scale_by_shifted(shifted.value);
        Dual {
            value,
            tangent: self.tangent * V::splat(value.isa(), V::Scalar::ONE).scale_by_shifted(shifted.value),
        }
    }
    #[inline(always)]
    fn scale_down_by_shifted(self, shifted: Self) -> Self {
        let power = V::splat(self.isa(), V::Scalar::ONE).scale_down_by_shifted(shifted.value);
        Dual { value: self.value.scale_down_by_shifted(shifted.value), tangent: self.tangent * power }
    }
    #[inline(always)]
    fn pick(self, shift: u32, table: &[V::Scalar; 8]) -> Self {
        Dual::fixed(self.value.pick(shift, table))
    }
    #[inline(always)]
    fn split_near_one(self) -> (Self, Self) {
        let (fraction, exponent) = self.value.split_near_one();
        let places = V::splat(exponent.isa(), V::Scalar::EPSILON);
        let tangent = self.tangent.scale_by_power_of_two(-(exponent * places));
        (Dual { value: fraction, tangent }, Dual::fixed(exponent))
    }
    #[inline(always)]
    fn split_exponent(self) -> (Self, Self) {
        let (fraction, exponent) = self.value.split_exponent();
        let tangent = self.tangent.scale_by_power_of_two(-exponent);
        (Dual { value: fraction, tangent }, Dual::fixed(exponent))
    }

    #[inline(always)]
    fn exchange(self, other: Self, width: usize) -> (Self, Self) {
        let (even, odd) = self.value.exchange(other.value, width);
        let (even_tangent, odd_tangent) = self.tangent.exchange(other.tangent, width);
        (Dual { value: even, tangent: even_tangent }, Dual { value: odd, tangent: odd_tangent })
    }
    #[inline(always)]
    fn sum(self) -> V::Scalar {
        self.value.sum()
    }
    #[inline(always)]
    fn maximum(self) -> V::Scalar {
        self.value.maximum()
    }

    #[inline(always)]
    unsafe fn load_pointer(simd: V::Isa, source: *const V::Scalar) -> Self {
        // SAFETY: the caller's.
        Dual::fixed(unsafe { V::load_pointer(simd, source) })
    }
    #[inline(always)]
    unsafe fn store_pointer(self, target: *mut V::Scalar) {
        // SAFETY: the caller's.
        unsafe { self.value.store_pointer(target) }
    }
    #[inline(always)]
    unsafe fn load_partial_pointer(simd: V::Isa, source: *const V::Scalar, count: usize, fill: Self) -> Self {
        // SAFETY: the caller's.
        Dual::fixed(unsafe { V::load_partial_pointer(simd, source, count, fill.value) })
    }
    #[inline(always)]
    unsafe fn store_partial_pointer(self, target: *mut V::Scalar, count: usize) {
        // SAFETY: the caller's.
        unsafe { self.value.store_partial_pointer(target, count) }
    }
}
