//! Variables against tensors, gradients against differences, and the tape's own rules.

/// Hands the list of functions of one number to another macro.
macro_rules! every_function {
    ($then:ident! { $($first:tt)* }) => {
        $then! { $($first)*
            abs |x| x.abs();
            sign |x| x.sign();
            sqrt |x| x.sqrt();
            rsqrt |x| x.rsqrt();
            square |x| x.square();
            recip |x| x.recip();
            exp |x| x.exp();
            exp2 |x| x.exp2();
            expm1 |x| x.expm1();
            ln |x| x.ln();
            log2 |x| x.log2();
            log10 |x| x.log10();
            log1p |x| x.log1p();
            sin |x| x.sin();
            cos |x| x.cos();
            tan |x| x.tan();
            asin |x| x.asin();
            acos |x| x.acos();
            atan |x| x.atan();
            sinh |x| x.sinh();
            cosh |x| x.cosh();
            tanh |x| x.tanh();
            erf |x| x.erf();
            floor |x| x.floor();
            ceil |x| x.ceil();
            round |x| x.round();
            powf |x| x.powf(2.5);
            clamp |x| x.clamp(-1.0, 0.5);
            relu |x| x.relu();
            leaky_relu |x| x.leaky_relu();
            sigmoid |x| x.sigmoid();
            gelu |x| x.gelu();
            gelu_tanh |x| x.gelu_tanh();
            silu |x| x.silu();
            elu |x| x.elu();
            softplus |x| x.softplus();
        }
    };
}
pub(crate) use every_function;

mod bad_input;
mod derivatives;
mod golden;
mod memory;
mod rules;
mod shapes;
mod special;
mod windows;
