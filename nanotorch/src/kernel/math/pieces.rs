//! Functions as a polynomial for each quarter of an octave, where a register can look up the coefficients in registers.

use crate::element::Float;
use crate::simd::{Tables, Vector};

/// What stands in the tables for one piece: its centre, and the coefficients of a polynomial in the distance from there.
type Piece = [f32; 8];

/// One table for each coefficient, in the order of [`Vector::look_up`]; the last piece is that of all larger numbers too.
const fn tables<const PIECES: usize>(pieces: &[Piece; PIECES]) -> Tables<8> {
    let mut tables = [[0.0; 32]; 8];
    let mut entry = 0;
    while entry < 32 {
        let piece = if entry < PIECES { &pieces[entry] } else { &pieces[PIECES - 1] };
        let mut coefficient = 0;
        while coefficient < 8 {
            // As many quarters above 0 as in the bits of a number.
            tables[coefficient][(entry + 12) % 32] = piece[coefficient];
            coefficient += 1;
        }
        entry += 1;
    }
    Tables(tables)
}

/// `tanh(x)` for `x >= 0`, within 1.01 ulp; `None` where nothing can be looked up.
///
/// There is no division and no exponential in it, whose latencies add up: it takes less than half as long.
#[inline(always)]
pub(super) fn tanh<V: Vector>(x: V) -> Option<V> {
    static TABLES: Tables<8> = tables(&TANH);
    let [centre, c0, c1, c2, c3, c4, c5, c6] = x.look_up(&TABLES)?;
    // From the bound on the result is 1. Close to the centre, the difference is exact.
    let bound = V::splat(x.isa(), V::Scalar::from_f64(9.5));
    let t = bound.min(x) - centre;
    let square = t * t;
    let slope = c6.mul_add(t, c5).mul_add(square, c4.mul_add(t, c3)).mul_add(square, c2.mul_add(t, c1));
    Some(slope.mul_add(t, c0))
}

/// The pieces of `tanh`, the first up to 5/64, the second up to 6/64, and so on.
///
/// A centre is near the middle, at a number whose `tanh` is nearly one in single precision: so little is lost by rounding it.
/// The other coefficients were fitted to `(tanh(centre + t) - tanh(centre)) / t` at 400 Chebyshev nodes, for the least squares
/// of the relative errors of the result.
#[rustfmt::skip]
const TANH: [Piece; 29] = [
    [0.0, 0.0, 1.0, 0.0, -0.33333245, 0.0, 0.132872, 0.0],
    [0.08591008, 0.08569935, 0.99265563, -0.08506994, -0.32359478, 0.056088507, 0.12511195, -0.0313062],
    [0.10161865, 0.1012703, 0.9897443, -0.10023171, -0.3197643, 0.065793194, 0.12191438, -0.036501747],
    [0.1170221, 0.11649083, 0.98642987, -0.11491004, -0.315424, 0.07504735, 0.11831503, -0.041394398],
    [0.14028764, 0.13937451, 0.9805747, -0.13666712, -0.30781034, 0.08845664, 0.11204853, -0.04818653],
    [0.17188764, 0.17021458, 0.971027, -0.16528295, -0.2955421, 0.105399884, 0.10213766, -0.05616274],
    [0.20307338, 0.20032717, 0.959869, -0.19228785, -0.28143585, 0.120475195, 0.09099678, -0.06264554],
    [0.23404872, 0.2298667, 0.9471613, -0.21772084, -0.26567367, 0.13364315, 0.07887784, -0.067535006],
    [0.28053045, 0.27339596, 0.92525464, -0.2529609, -0.23925973, 0.14973293, 0.059365418, -0.07173315],
    [0.34413266, 0.33116186, 0.8903318, -0.29484394, -0.19913621, 0.16422763, 0.03178964, -0.071791515],
    [0.40602255, 0.38509026, 0.8517055, -0.3279835, -0.1575986, 0.17001748, 0.0060186815, -0.06621918],
    [0.46918178, 0.43753797, 0.80856055, -0.35377592, -0.1147298, 0.16812404, -0.01730481, -0.05637444],
    [0.56176233, 0.50928384, 0.74063, -0.3771909, -0.05477985, 0.15362827, -0.043312237, -0.037345216],
    [0.68695736, 0.5960238, 0.64475566, -0.3842897, 0.01412691, 0.11967635, -0.06153045, -0.011667763],
    [0.8142662, 0.671937, 0.54850066, -0.3685579, 0.06481391, 0.0793027, -0.062592134, 0.0072346516],
    [0.936152, 0.7334493, 0.46205217, -0.33889183, 0.09454249, 0.0436217, -0.05319699, 0.016958723],
    [1.1243534, 0.80907786, 0.34539303, -0.27944985, 0.11096622, 0.0033710643, -0.032110196, 0.018482503],
    [1.3762865, 0.880117, 0.22539407, -0.19837315, 0.09946124, -0.021413205, -0.009429279, 0.010972046],
    [1.6242704, 0.9252413, 0.14392856, -0.13316864, 0.075237565, -0.025222888, 0.0013769326, 0.0041219085],
    [1.876132, 0.9541468, 0.08960388, -0.085495256, 0.051707316, -0.020838048, 0.0046054013, 0.0006488102],
    [2.2435417, 0.9777436, 0.0440174, -0.04303773, 0.027407784, -0.012451917, 0.0040046284, -0.0007177195],
    [2.7447128, 0.99177355, 0.016385237, -0.016250437, 0.010654655, -0.005150777, 0.0019321326, -0.00054606114],
    [3.2558327, 0.9970324, 0.005926387, -0.005908801, 0.003915592, -0.0019343703, 0.0007619783, -0.00024309407],
    [3.7514362, 0.9988976, 0.0022035611, -0.002201132, 0.0014640952, -0.00072881696, 0.00029182291, -9.5561016e-5],
    [4.4960823, 0.99975127, 0.0004974094, -0.00049727666, 0.00033100502, -0.00016544519, 6.88341e-5, -2.2533568e-5],
    [5.513939, 0.9999675, 6.496943e-5, -6.496781e-5, 4.3261844e-5, -2.1615198e-5, 9.023539e-6, -3.057593e-6],
    [6.512306, 0.9999956, 8.821663e-6, -8.821669e-6, 5.8746405e-6, -2.9358555e-6, 1.2258835e-6, -4.1440262e-7],
    [7.5130463, 0.9999994, 1.192121e-6, -1.1921278e-6, 7.938828e-7, -3.9672818e-7, 1.6566769e-7, -5.6079905e-8],
    [8.719482, 0.99999994, 1.0678768e-7, -1.067494e-7, 7.079624e-8, -3.5631306e-8, 1.5587421e-8, -4.8629696e-9],
];
