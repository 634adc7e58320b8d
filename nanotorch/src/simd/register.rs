//! What the files of the instruction sets have in common: an operation of a register is a line there, its intrinsic.
//!
//! Each macro but [`register_mask`] stands inside `impl Vector for ..`. A vector or a mask exists only where the machine has its
//! instruction set, which is what every intrinsic asks for.

/// `name(x, y) = expression;`: a function of registers, the first of which is `self`, whose result is made of the expression.
macro_rules! lanewise {
    ($output:ident: $($name:ident($x:ident $(, $other:ident)*) = $value:expr;)*) => {$(
        #[inline(always)]
        fn $name(self $(, $other: Self)*) -> $output {
            let $x = self.0;
            $(let $other = $other.0;)*
            // SAFETY: a vector exists only where its instruction set does.
            $output(unsafe { $value })
        }
    )*};
}

/// What a register is: its lanes, how it is read and written, and how numbers travel between its lanes.
macro_rules! register {
    ($isa:ident, $lanes:literal of $scalar:ident, as $length:ident, mask $mask:ident, $set1:path, $load:path, $store:path,
     exchange $exchange:path, sum $sum:path, maximum $maximum:path) => {
        type Scalar = $scalar;
        type Isa = $isa;
        type Lanes = $length;
        type Mask = $mask;
        const LANES: usize = $lanes;

        #[inline(always)]
        fn isa(self) -> $isa {
            $isa(())
        }
        #[inline(always)]
        fn splat(_: $isa, number: $scalar) -> Self {
            // SAFETY: the token.
            Self(unsafe { $set1(number) })
        }
        #[inline(always)]
        unsafe fn load_pointer(_: $isa, source: *const $scalar) -> Self {
            // SAFETY: the token, and the caller's pointer.
            Self(unsafe { $load(source) })
        }
        #[inline(always)]
        unsafe fn store_pointer(self, target: *mut $scalar) {
            // SAFETY: a vector exists only where its instruction set does, and the caller's pointer.
            unsafe { $store(target, self.0) }
        }
        #[inline(always)]
        fn exchange(self, other: Self, width: usize) -> (Self, Self) {
            // SAFETY: a vector exists only where its instruction set does.
            let (even, odd) = unsafe { $exchange(self.0, other.0, width) };
            (Self(even), Self(odd))
        }
        #[inline(always)]
        fn sum(self) -> $scalar {
            // SAFETY: a vector exists only where its instruction set does.
            unsafe { $sum(self.0) }
        }
        #[inline(always)]
        fn maximum(self) -> $scalar {
            // SAFETY: a vector exists only where its instruction set does.
            unsafe { $maximum(self.0) }
        }
    };
}

/// A mask that is a register of all-ones and all-zeros lanes.
macro_rules! register_mask {
    ($mask:ident($register:ident), |$x:ident| any $any:expr, all $all:expr, not $not:expr, and $and:path, or $or:path) => {
        /// All bits of a lane set, or none.
        #[derive(Clone, Copy, Debug)]
        pub struct $mask($register);
        impl Mask for $mask {
            #[inline(always)]
            fn any(self) -> bool {
                let $x = self.0;
                // SAFETY: a mask exists only where its instruction set does.
                unsafe { $any }
            }
            #[inline(always)]
            fn all(self) -> bool {
                let $x = self.0;
                // SAFETY: a mask exists only where its instruction set does.
                unsafe { $all }
            }
        }
        impl core::ops::BitAnd for $mask {
            type Output = Self;
            #[inline(always)]
            fn bitand(self, other: Self) -> Self {
                // SAFETY: a mask exists only where its instruction set does.
                Self(unsafe { $and(self.0, other.0) })
            }
        }
        impl core::ops::BitOr for $mask {
            type Output = Self;
            #[inline(always)]
            fn bitor(self, other: Self) -> Self {
                // SAFETY: a mask exists only where its instruction set does.
                Self(unsafe { $or(self.0, other.0) })
            }
        }
        impl core::ops::Not for $mask {
            type Output = Self;
            #[inline(always)]
            fn not(self) -> Self {
                let $x = self.0;
                // SAFETY: a mask exists only where its instruction set does.
                Self(unsafe { $not })
            }
        }
    };
}

/// Powers of two, made and taken apart as integers, for instruction sets that have no instruction for it.
macro_rules! exponents_by_integers {
    ($scalar:ident, $bits:ident, $set1:path, [$set:path, $and:path, $or:path, $shift_left:ident, $shift_right:ident, $add:path,
     $from:path, $to:path]) => {
        #[inline(always)]
        fn scale_by_power_of_two(self, n: Self) -> Self {
            // Two factors, since 2^n alone may be out of range where the product isn't; the bounds of n are what two
            // normal powers of two can reach.
            const MOST: $scalar = 2.0 * ($scalar::MAX_EXP - 1) as $scalar;
            const SHIFT: i32 = $scalar::MANTISSA_DIGITS as i32 - 1;
            let simd = self.isa();
            let n = n.max(Self::splat(simd, 2.0 - MOST)).min(Self::splat(simd, MOST));
            let half = (n * Self::splat(simd, 0.5)).round_ties_even();
            // Added to 1.5 * 2^fraction, an integer stands in the low bits of the sum.
            let shift = Self::splat(simd, 1.5 / $scalar::EPSILON + ($scalar::MAX_EXP - 1) as $scalar);
            let (first, second) = (half + shift, n - half + shift);
            // SAFETY: a vector exists only where its instruction set does.
            let (first, second) = unsafe {
                ($from($shift_left::<SHIFT>($to(first.0))), $from($shift_left::<SHIFT>($to(second.0))))
            };
            self * Self(first) * Self(second)
        }
        #[inline(always)]
        fn scale_by_shifted(self, shifted: Self) -> Self {
            const SHIFT: i32 = $scalar::MANTISSA_DIGITS as i32 - 1;
            // SAFETY: a vector exists only where its instruction set does.
            let power = unsafe { $from($add($shift_left::<SHIFT>($to(shifted.0)), $to($set1(1.0)))) };
            self * Self(power)
        }
        #[inline(always)]
        fn scale_down_by_shifted(self, shifted: Self) -> Self {
            // By a normal power of two, and then by one that rounds.
            const DOWN: $scalar = $scalar::EPSILON * $scalar::EPSILON;
            const SHIFT: i32 = $scalar::MANTISSA_DIGITS as i32 - 1;
            // SAFETY: a vector exists only where its instruction set does.
            let power = unsafe { $from($add($shift_left::<SHIFT>($to(shifted.0)), $to($set1(1.0 / DOWN)))) };
            self * Self(power) * Self::splat(self.isa(), DOWN)
        }
        #[inline(always)]
        fn split_exponent(self) -> (Self, Self) {
            const BIAS: i32 = $scalar::MAX_EXP - 1;
            const SHIFT: i32 = $scalar::MANTISSA_DIGITS as i32 - 1;
            const ONE: $bits = $scalar::to_bits(1.0) as $bits;
            const FRACTION: $bits = (1 << SHIFT) - 1;
            let simd = self.isa();
            // A subnormal is made normal first.
            let subnormal = self.lt(Self::splat(simd, $scalar::MIN_POSITIVE));
            let lifted = self * Self::splat(simd, 2.0 / $scalar::EPSILON);
            let normal = Self::select(subnormal, lifted, self);
            let lift = Self::select(subnormal, Self::splat(simd, (SHIFT + 1) as $scalar), Self::zero(simd));
            // SAFETY: a vector exists only where its instruction set does.
            unsafe {
                let bits = $to(normal.0);
                let mantissa = Self($from($or($and(bits, $set(FRACTION)), $set(ONE))));
                // The exponent's bits below those of 2^fraction make a number that is larger by just the exponent.
                let offset = 1.0 / $scalar::EPSILON;
                let field = $or($shift_right::<SHIFT>(bits), $to($set1(offset)));
                let exponent = Self($from(field)) - Self::splat(simd, offset + BIAS as $scalar);
                (mantissa, exponent - lift)
            }
        }
    };
}

pub(super) use {exponents_by_integers, lanewise, register, register_mask};
