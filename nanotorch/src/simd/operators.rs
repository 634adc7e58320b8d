//! The operators of `core::ops` for registers and masks: the same few lines for every instruction set.

/// `+ - * /` and unary `-` from four intrinsics and an expression, and the assigning forms.
macro_rules! vector_operators {
    ($vector:ident, $add:path, $sub:path, $mul:path, $div:path, |$x:ident| $negated:expr) => {
        $crate::simd::operators::vector_operators!(@binary $vector, Add, add, $add, AddAssign, add_assign);
        $crate::simd::operators::vector_operators!(@binary $vector, Sub, sub, $sub, SubAssign, sub_assign);
        $crate::simd::operators::vector_operators!(@binary $vector, Mul, mul, $mul, MulAssign, mul_assign);
        $crate::simd::operators::vector_operators!(@binary $vector, Div, div, $div, DivAssign, div_assign);
        impl core::ops::Neg for $vector {
            type Output = Self;
            #[inline(always)]
            fn neg(self) -> Self {
                let $x = self.0;
                // SAFETY: a vector exists only where its instruction set does.
                Self(unsafe { $negated })
            }
        }
    };
    (@binary $vector:ident, $operator:ident, $name:ident, $intrinsic:path, $assigning:ident, $assign:ident) => {
        impl core::ops::$operator for $vector {
            type Output = Self;
            #[inline(always)]
            fn $name(self, other: Self) -> Self {
                // SAFETY: a vector exists only where its instruction set does.
                Self(unsafe { $intrinsic(self.0, other.0) })
            }
        }
        impl core::ops::$assigning for $vector {
            #[inline(always)]
            fn $assign(&mut self, other: Self) {
                *self = core::ops::$operator::$name(*self, other);
            }
        }
    };
}
pub(super) use vector_operators;
