//! Functions as eight polynomials, each on a part of the line, in single precision.
//!
//! Every polynomial was fitted to the function in 50-digit arithmetic so that its *relative* error is least (by squares, at
//! Chebyshev's points). Coefficients were rounded one at a time, lowest power first, and the remaining ones fitted again. A
//! polynomial is centred near the middle of its part, where the function's value is almost a single-precision number; one that
//! falls far, near the lower end, so that all terms have one sign.

use crate::element::Float;
use crate::simd::Vector;

/// Eight polynomials of `COEFFICIENTS` coefficients.
pub(super) struct Pieces<const COEFFICIENTS: usize> {
    /// Which bits of a number say the part that it is in.
    shift: u32,
    /// Where each polynomial is centred: it is one of `x - middle`.
    middles: [f32; 8],
    /// A multiple of `x - middle` that is added exactly, so that what the polynomial adds to it may be rounded.
    slopes: Option<[f32; 8]>,
    /// The coefficients of each power, lowest first.
    coefficients: [[f32; 8]; COEFFICIENTS],
}

impl<const COEFFICIENTS: usize> Pieces<COEFFICIENTS> {
    /// The value at `x`, which is in the part that `place` says.
    #[inline(always)]
    pub(super) fn at<V: Vector>(&self, x: V, place: V) -> V {
        let row = |numbers: &[f32; 8]| {
            place.pick(self.shift, &numbers.map(|number| V::Scalar::from_f64(number.into())))
        };
        let x = x - row(&self.middles);
        let mut power = COEFFICIENTS - 1;
        let mut slope = row(&self.coefficients[power]);
        while power > 1 {
            power -= 1;
            slope = slope.mul_add(x, row(&self.coefficients[power]));
        }
        let value = row(&self.coefficients[0]);
        let value = self.slopes.as_ref().map_or(value, |slopes| x.mul_add(row(slopes), value));
        slope.mul_add(x, value)
    }
}

/// `erf(x)` for `x` from 0 to 5.25; `place` is `x + 0.75`: two parts to an octave.
#[rustfmt::skip]
pub(super) const ERF: Pieces<8> = Pieces {
    shift: 22,
    middles: [1.7541504, 2.7392578, 4.2646484, 0.0, 0.0, 0.0, 0.51342773, 0.98583984],
    slopes: Some([0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0]),
    coefficients: [
        [0.9868891, 0.9998929, 1.0, 0.0, 0.0, 0.0, 0.53222036, 0.8367392],
        [0.052012917, 0.0006219041, -2.697096e-08, 0.0, 0.0, 0.12837917, 0.8669051, 0.42694592],
        [-0.09123708, -0.0017036642, -3.1724727e-07, 0.0, 0.0, 9.8782266e-08, -0.44509268, -0.42090043],
        [0.08936533, 0.0029027965, 6.6076814e-07, 0.0, 0.0, -0.37612912, -0.13662356, 0.13430907],
        [-0.048001956, -0.0034050578, 1.0394555e-06, 0.0, 0.0, 2.934077e-05, 0.18339781, 0.07411184],
        [0.006761885, 0.0028748855, -1.0167054e-06, 0.0, 0.0, 0.11272263, 0.003470424, -0.06942317],
        [0.009083195, -0.0017364458, -2.6575008e-06, 0.0, 0.0, -5.7574918e-05, -0.04838646, 0.002587982],
        [-0.0055648345, 0.00060212665, 2.339791e-06, 0.0, 0.0, -0.025744233, 0.004637958, 0.014646266],
    ],
};

/// `a Φ(-a)` for `a` from 0 to 5.5; `place` is `a / 0.7333` rounded to a whole number by an addition.
#[rustfmt::skip]
pub(super) const GELU: Pieces<10> = Pieces {
    shift: 0,
    middles: [0.0, 0.74609375, 1.8022461, 2.5354004, 3.2729492, 4.0146484, 4.7495117, 5.4648438],
    slopes: None,
    coefficients: [
        [0.0, 0.16996418, 0.06443633, 0.014238665, 0.0017417261, 0.00011950498, 4.8423262e-06, 1.2659713e-07],
        [0.5, 0.0024711576, -0.1059598, -0.03503576, -0.005629895, -0.00047688294, -2.2923628e-05, -6.9049247e-07],
        [-0.3989423, -0.21795844, 0.049069572, 0.035500538, 0.008201321, 0.00089081074, 5.1818017e-05, 1.8194261e-06],
        [6.0209817e-07, 0.12931721, 0.017757984, -0.016452396, -0.0068934197, -0.0010232133, -7.405373e-05, -3.0764504e-06],
        [0.06647861, 0.005201036, -0.026836134, 0.00021307122, 0.0034339875, 0.0007937649, 7.458811e-05, 3.7359057e-06],
        [0.00011435569, -0.022883534, 0.008404148, 0.0038380804, -0.00076315465, -0.00042400614, -5.5390632e-05, -3.4709847e-06],
        [-0.010585151, 0.002345419, 0.0012341652, -0.0019590724, -0.00020130447, 0.00014737494, 3.216663e-05, 2.4498233e-06],
        [0.0018289642, 0.002795292, -0.0018537793, 0.00013080638, 0.00021909081, -1.7542834e-05, -1.1131496e-05, -1.6437059e-06],
        [-0.0016638706, -0.00052097114, 3.5328223e-06, 0.00014132465, -9.3191535e-05, -3.8830717e-06, 6.252426e-06, 3.9908016e-07],
        [0.0017510193, -0.00023180062, 0.00011939772, -6.8041554e-05, -2.2004331e-05, 1.1213997e-05, 9.905087e-07, -4.7441426e-07],
    ],
};

/// `a sigmoid(-2 u)`, `u = sqrt(2 / π) (a + 0.044715 a³)`, for `a` from 0 to 5.25; `place` is `a / 0.7`, rounded likewise.
#[rustfmt::skip]
pub(super) const GELU_TANH: Pieces<10> = Pieces {
    shift: 0,
    middles: [0.0, 0.703125, 1.7189941, 2.4333496, 3.1293945, 3.8205566, 4.5236816, 5.217041],
    slopes: None,
    coefficients: [
        [0.0, 0.16950145, 0.073707424, 0.017787918, 0.0023803962, 0.00016075316, 4.4847384e-06, 5.0298894e-08],
        [0.5, 0.022175077, -0.1143228, -0.043249518, -0.00802138, -0.0007167104, -2.581081e-05, -3.6368073e-07],
        [-0.3989423, -0.23423359, 0.042717885, 0.041349404, 0.011787831, 0.0014606622, 6.98214e-05, 1.2576805e-06],
        [6.318436e-07, 0.1278334, 0.027839854, -0.015853172, -0.009493664, -0.0017738411, -0.00011716478, -2.759427e-06],
        [0.06680652, 0.009656139, -0.029557507, -0.0026620827, 0.0040434846, 0.0013889632, 0.00013526953, 4.2926245e-06],
        [0.00013212478, -0.023461204, 0.007110239, 0.0051059076, -0.0003358671, -0.000690249, -0.000111614034, -5.010819e-06],
        [-0.010943315, 0.0017580936, 0.0018325535, -0.0016862733, -0.0006099204, 0.00016969068, 6.809817e-05, 4.4770677e-06],
        [0.0023306967, 0.003049627, -0.001967769, 9.571037e-05, 0.0002466498, 1.3566709e-05, -2.2832512e-05, -3.2602625e-06],
        [-0.0025847368, -0.00051854784, -0.00016149355, 0.000299168, -8.961952e-05, -4.4800872e-05, 1.1570673e-05, 1.4645317e-06],
        [0.002506697, -0.00031860388, 8.2344464e-05, -1.5986093e-06, -4.563011e-05, 3.7423747e-06, 5.474135e-06, -9.7032e-07],
    ],
};
