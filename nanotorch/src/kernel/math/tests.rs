//! Every function against exact values: single precision over a sample of all bit patterns (or all of them, by hand), double
//! precision over values from 60-digit arithmetic.

use crate::element::Float;
use crate::kernel::map::{UnaryMap, map};
use crate::simd::{Isa, Simd, Vector, WithSimd, dispatch_on, for_each_isa};

/// The types that stand for the functions.
mod stand_in {
    use super::{Float, UnaryMap, Vector};
    macro_rules! functions {
        ($($name:ident $function:ident),*) => {
            $(
                #[derive(Clone, Copy)]
                pub(super) struct $name;
                impl<T: Float> UnaryMap<T> for $name {
                    #[inline(always)]
                    fn apply<V: Vector<Scalar = T>>(self, x: V) -> V {
                        super::super::$function(x)
                    }
                }
            )*
        };
    }
    functions!(
        Exp exp, Exp2 exp2, Expm1 expm1, Log log, Log1p log1p, Softplus softplus, Tanh tanh, Sigmoid sigmoid, Silu silu,
        GeluTanh gelu_tanh, GeluTanhDerivative gelu_tanh_derivative, Gelu gelu, GeluDerivative gelu_derivative, Erf erf
    );
}
use stand_in::*;

#[derive(Clone, Copy)]
struct Mapped<'a, F, T>(F, &'a [T]);
impl<F: UnaryMap<T>, T: Float> WithSimd for Mapped<'_, F, T> {
    type Output = Vec<T>;
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> Vec<T> {
        let mut y = vec![T::ZERO; self.1.len()];
        simd.vectorize(
            #[inline(always)]
            || map(simd, self.0, self.1, &mut y),
        );
        y
    }
}

/// How many units in the last place of a number with `fraction` bits `value` is away from `exact`.
fn ulps(value: f64, exact: f64, fraction: i32, least: i32) -> f64 {
    if value == exact || (value.is_nan() && exact.is_nan()) {
        return 0.0;
    }
    let exponent = if exact == 0.0 { least } else { libm::ilogb(exact).max(least) };
    libm::scalbn((value - exact).abs(), fraction - exponent)
}

/// The largest error of a function over the single-precision numbers with bit patterns `first, first + stride, ..`.
#[derive(Default, Clone, Copy, Debug)]
struct Worst {
    ulps: f64,
    x: f32,
    value: f32,
}

fn worst_of<F: UnaryMap<f32>>(isa: Isa, f: F, exact: fn(f64) -> f64, first: u32, stride: u32) -> Worst {
    let mut worst = Worst::default();
    let mut bits = Some(first);
    let mut chunk = Vec::with_capacity(4096);
    while bits.is_some() {
        chunk.clear();
        while let (Some(pattern), true) = (bits, chunk.len() < 4096) {
            chunk.push(f32::from_bits(pattern));
            bits = pattern.checked_add(stride);
        }
        let values = dispatch_on(isa, Mapped(f, &chunk[..])).unwrap();
        for (&x, &value) in chunk.iter().zip(&values) {
            let exact = exact(f64::from(x));
            // What is above the largest number by less than half its last place rounds to it.
            let rounded = exact as f32;
            let error = if rounded.is_infinite() {
                if value == rounded { 0.0 } else { f64::INFINITY }
            } else if exact.is_nan() {
                if value.is_nan() { 0.0 } else { f64::INFINITY }
            } else {
                ulps(f64::from(value), exact, 23, -126)
            };
            if error > worst.ulps {
                worst = Worst { ulps: error, x, value };
            }
        }
    }
    worst
}

fn sigmoid_exact(x: f64) -> f64 {
    if x < 0.0 { libm::exp(x) / (1.0 + libm::exp(x)) } else { 1.0 / (1.0 + libm::exp(-x)) }
}
/// `x * gate`, and its limit where x is minus infinity.
fn gate_exact(x: f64, gate: f64) -> f64 {
    if x == f64::NEG_INFINITY { -0.0 } else { x * gate }
}
fn softplus_exact(x: f64) -> f64 {
    x.max(0.0) + libm::log1p(libm::exp(-x.abs())) + if x.is_nan() { x } else { 0.0 }
}
fn gelu_exact(x: f64) -> f64 {
    gate_exact(x, 0.5 * libm::erfc(-x * core::f64::consts::FRAC_1_SQRT_2))
}
fn gelu_tanh_exact(x: f64) -> f64 {
    let slope = libm::sqrt(8.0 / core::f64::consts::PI);
    gate_exact(x, sigmoid_exact(slope * (x + 0.044715 * x * x * x)))
}

/// Checks each function (those named in `only`, if any) with its bound over every `stride`th number, and prints the largest errors.
fn check_single(isa: Isa, only: &str, stride: u32) {
    let mut beyond = Vec::new();
    macro_rules! check {
        ($($f:expr, $exact:expr, $bound:expr;)*) => {
            $(if only.is_empty() || only.split(',').any(|name| name == stringify!($f)) {
                let Worst { ulps, x, value } = worst_of(isa, $f, $exact, 0, stride);
                let line = format!("{} {}({x:?}) = {value:?}: {ulps:.3} ulp", isa.name(), stringify!($f));
                println!("{line}");
                if ulps > $bound {
                    beyond.push(line);
                }
            })*
        };
    }
    check! {
        Exp, libm::exp, 1.1;
        Exp2, libm::exp2, 2.0;
        Expm1, libm::expm1, 2.0;
        Log, libm::log, 1.0;
        Log1p, libm::log1p, 2.0;
        Softplus, softplus_exact, 2.0;
        Tanh, libm::tanh, 2.0;
        Sigmoid, sigmoid_exact, 2.0;
        Silu, |x| gate_exact(x, sigmoid_exact(x)), 4.0;
        Erf, libm::erf, 4.0;
        Gelu, gelu_exact, 4.0;
        GeluTanh, gelu_tanh_exact, 4.0;
    }
    assert!(beyond.is_empty(), "beyond their bounds: {beyond:#?}");
}

/// Every so manieth number: a prime, so that all exponents and last digits have their turn. Without optimization a number takes
/// a hundred times as long.
const STRIDE: u32 = if cfg!(debug_assertions) { 300_007 } else { 9_973 };

#[test]
fn single_precision_is_within_its_bounds() {
    for isa in Isa::ALL.into_iter().filter(|isa| isa.is_available()) {
        check_single(isa, "", STRIDE);
    }
}

/// All 2^32 numbers: a minute a function in a release build. `NANOTORCH_ISA=avx2` and `NANOTORCH_FUNCTIONS=Exp,Tanh` choose.
#[test]
#[ignore = "2^32 values a function"]
fn single_precision_is_within_its_bounds_everywhere() {
    let only = std::env::var("NANOTORCH_FUNCTIONS").unwrap_or_default();
    let chosen = std::env::var("NANOTORCH_ISA").ok().and_then(|name| Isa::from_name(&name));
    check_single(chosen.unwrap_or(Isa::Scalar), &only, 1);
}

#[test]
fn double_precision_is_within_its_bounds() {
    fn check<F: UnaryMap<f64>>(name: &str, f: F, bound: f64, table: &[(f64, f64)]) {
        let x: Vec<f64> = table.iter().map(|&(x, _)| x).collect();
        for_each_isa(Mapped(f, &x[..]), |isa, values| {
            let mut worst = 0.0;
            for (&(x, exact), value) in table.iter().zip(values) {
                let error = ulps(value, exact, 52, -1022);
                assert!(error <= bound, "{isa} {name}({x:?}) = {value:?}, not {exact:?}: {error} ulp");
                worst = f64::max(worst, error);
            }
            println!("{:8} {name:10} {worst}", isa.name());
        });
    }
    check("exp", Exp, 1.0, EXP);
    check("exp2", Exp2, 1.0, EXP2);
    check("expm1", Expm1, 2.0, EXPM1);
    check("log", Log, 1.0, LOG);
    check("log1p", Log1p, 2.0, LOG1P);
    check("tanh", Tanh, 2.0, TANH);
    check("sigmoid", Sigmoid, 2.0, SIGMOID);
    check("silu", Silu, 4.0, SILU);
    check("softplus", Softplus, 2.0, SOFTPLUS);
    check("erf", Erf, 4.0, ERF);
    check("gelu", Gelu, 4.0, GELU);
    check("gelu_tanh", GeluTanh, 4.0, GELU_TANH);
}

/// Derivatives against central differences of the functions in double precision.
#[test]
fn derivatives_are_slopes() {
    let x: Vec<f64> = (-4000..=4000).map(|i| f64::from(i) * 0.004).collect();
    fn check(x: &[f64], f: impl UnaryMap<f64>, derivative: impl UnaryMap<f64>) {
        let step = 1e-5;
        let [left, right] = [-step, step].map(|step| x.iter().map(|x| x + step).collect::<Vec<_>>());
        for_each_isa(Mapped(derivative, x), |isa, slopes| {
            let left = dispatch_on(isa, Mapped(f, &left[..])).unwrap();
            let right = dispatch_on(isa, Mapped(f, &right[..])).unwrap();
            for i in 0..x.len() {
                let difference = (right[i] - left[i]) / (2.0 * step);
                assert!((difference - slopes[i]).abs() < 1e-9, "{isa} {}: {} {difference}", x[i], slopes[i]);
            }
        });
    }
    check(&x, Gelu, GeluDerivative);
    check(&x, GeluTanh, GeluTanhDerivative);
}

const EXP: &[(f64, f64)] = &[
    (-270.76632375674774, 2.556699621899741e-118),
    (-521.4195469833967, 3.5511415893271233e-227),
    (203.20405143474807, 1.7799108010381677e+88),
    (-635.0398206187306, 1.6058690072974262e-276),
    (0.1435280172267568, 1.1543391517358224),
    (-0.5372443323496578, 0.5843563275240815),
    (-1.7680043009011728, 0.17067326164585245),
    (0.02974293275768103, 1.0301896718932766),
    (-2.0268272028787564e-14, 0.9999999999999797),
    (1.1284973776694937e-14, 1.0000000000000113),
    (-4.542471580005104e-07, 0.9999995457529451),
    (-0.010378462508486555, 0.9896752079009513),
];
const EXP2: &[(f64, f64)] = &[
    (-802.1205149252883, 3.448775066484172e-242),
    (-594.9932367235888, 7.747980677998156e-180),
    (246.9434022708424, 2.1745595979902685e+74),
    (914.0777271379427, 1.461551883259316e+275),
    (0.30841179446999467, 1.2383437060118023),
    (-0.41327810139687937, 0.7509151992002326),
    (1.9050204223716802, 3.7451420045044292),
    (-1.8136692775289749, 0.2844665104117142),
    (-3.353567350125125e-11, 0.9999999999767548),
    (-3.115590565879016e-07, 0.9999997840437417),
    (6.35108776822201e-07, 1.0000004402239548),
    (-3.777464590260169e-14, 0.9999999999999738),
];
const EXPM1: &[(f64, f64)] = &[
    (387.8320891674324, 2.7122906724256474e+168),
    (100.71539906357049, 5.497206558866951e+43),
    (32.975501420055295, 209449006525229.22),
    (493.37096354386904, 1.85475691276956e+214),
    (0.2574731725335466, 0.29365710497219505),
    (0.47603837269421545, 0.6096847827153011),
    (-0.01434201954603287, -0.014239662702597253),
    (0.12688098632074274, 0.13528189566555854),
    (2.0272481776026403e-08, 2.027248198151316e-08),
    (4.6022987480568626e-10, 4.60229874911592e-10),
    (-0.003183705886433085, -0.0031786432689009463),
    (-1.7463968039596757e-14, -1.7463968039596606e-14),
];
const LOG: &[(f64, f64)] = &[
    (6.962923541447192e-73, -166.14811235335642),
    (0.017212869879180377, -4.0620979261717345),
    (2.869360742989413e-57, -130.19326103333313),
    (3.2890303392881217e-19, -42.55852397525058),
    (5.8917650569508745e-06, -12.041954935082392),
    (3.02479702451252e-17, -38.03710259100194),
    (5.317407030827655e-08, -16.749694959637274),
    (2.5959609441402965e-15, -33.5848196408121),
    (1.2235506766316162, 0.20175702243932853),
    (2.819829572887721, 1.036676447977547),
    (1.4385855570872097, 0.3636603788394887),
    (2.897451525212696, 1.0638315662256277),
];
const LOG1P: &[(f64, f64)] = &[
    (3.748234892040569e-17, 3.748234892040569e-17),
    (4.989168345777309e-07, 4.989167101187684e-07),
    (0.036818942585958594, 0.03615731669006098),
    (0.15227320105248182, 0.1417366878485985),
    (1.2743613322310361e-11, 1.2743613322229162e-11),
    (2.0758413454251057e-11, 2.0758413454035602e-11),
    (2.536185781353644e-08, 2.536185749192453e-08),
    (0.0537511081207991, 0.0523562819308121),
    (0.4856599633985235, 0.3958590933264197),
    (0.5527091894346398, 0.44000126934558514),
    (1.0288360482459178, 0.7074622533629308),
    (2.182013583132706, 1.157514198647121),
];
const TANH: &[(f64, f64)] = &[
    (-17.400000971356206, -0.9999999999999984),
    (9.246373385635618, 0.999999981390611),
    (-7.61570493962501, -0.9999995145856309),
    (3.1178492287087245, 0.9960911326331192),
    (0.7249486989356511, 0.6199652858304329),
    (-0.21743693099631312, -0.21407379825279904),
    (0.8665111775932144, 0.6995972089720314),
    (1.548161168952367, 0.9134815798898247),
    (2.0187680319335776e-15, 2.0187680319335776e-15),
    (3.6836773427111433e-10, 3.6836773427111433e-10),
    (-5.634575692193308e-08, -5.634575692193302e-08),
    (-0.0012294526551858739, -0.001229452035724958),
];
const SIGMOID: &[(f64, f64)] = &[
    (-639.1146268254263, 2.7292559517916078e-278),
    (-546.8604297164069, 3.1734598123566764e-238),
    (-435.05923155608286, 1.1380895460146014e-189),
    (-60.29086018148644, 6.546544343962024e-27),
    (-1.6776747951994455, 0.15740360987547683),
    (-0.20325039620267615, 0.4493616067639298),
    (0.1977596365761496, 0.5492794085503809),
    (1.53353530576605, 0.8225229829272479),
    (0.04008439915011445, 0.5100197582120182),
    (0.00012955274895525955, 0.5000323881871935),
    (5.4740214665097026e-05, 0.5000136850536628),
    (1.214942644497856, 0.7711723244418308),
];
const SILU: &[(f64, f64)] = &[
    (-622.281693482935, -3.4712137376439973e-268),
    (-602.5501717775112, -1.246747602577042e-259),
    (-559.0736438807621, -8.807862050573622e-241),
    (-557.9978547289284, -2.5777649046678186e-240),
    (-0.06014907863457353, -0.02917033399695076),
    (0.35649401492902255, 0.20968673860979153),
    (-0.9490135228058483, -0.2648537818226035),
    (-1.9836255864597443, -0.23988555224254482),
    (2.495834350192694e-07, 1.2479173308260748e-07),
    (1.0264341603245897, 0.7556854628929801),
    (-1.4632945221733868e-08, -7.316472557336162e-09),
    (1.7362906346072503e-09, 8.681453180573015e-10),
];
const SOFTPLUS: &[(f64, f64)] = &[
    (-148.23197763449014, 4.204071288286995e-65),
    (-25.868054568727416, 5.829705865472879e-12),
    (-139.38031727711154, 2.936955191439643e-61),
    (-433.14664740646896, 7.705506240011831e-189),
    (1.9386704030264372, 2.0731096354832363),
    (-0.23749252670099796, 0.5814347476901413),
    (-1.5602867799981341, 0.19068301633899637),
    (0.4029090420179249, 0.9147578763702863),
    (-8.957504219440762e-16, 0.6931471805599448),
    (-2.6869654719637933e-07, 0.6931470462116808),
    (4.4468226742001406e-06, 0.6931494039737542),
    (-0.058413668905841105, 0.6643668050705421),
];
const ERF: &[(f64, f64)] = &[
    (1.3688278534617453, 0.9471096264712774),
    (-4.217394176029303, -0.9999999975430905),
    (-2.9729069213150727, -0.9999738137883839),
    (-1.8313254473555816, -0.9903992080560685),
    (-0.5433462418868702, -0.5577549478516299),
    (-1.5086310769512203, -0.967118442264333),
    (1.3957477059384598, 0.9516052173981036),
    (1.9724108868188557, 0.9947195866569783),
    (3.472964710845142e-08, 3.918821027775548e-08),
    (2.0222173390678366e-14, 2.2818279167434694e-14),
    (-0.0006257529567318572, -0.0007060865079646434),
    (3.2559460467804275e-08, 3.673941688374024e-08),
];
const GELU: &[(f64, f64)] = &[
    (-4.781275095425151, -4.164175142496338e-06),
    (-13.215943089808569, -4.6910600038984906e-39),
    (-28.149679678326045, -3.403456502951262e-173),
    (7.6970054608311855, 7.697005460831132),
    (-0.5529901639639578, -0.16044184143786216),
    (0.7602703435174352, 0.59031456725366),
    (1.6565831311655783, 1.5757387391577726),
    (1.032571838143749, 0.8767545210649338),
    (2.5870631001944995, 2.574541991079852),
    (-8.938121986418318e-05, -4.468742278123455e-05),
    (1.3844679572251486e-07, 6.922340550798968e-08),
    (-3.714916708154501e-10, -1.857458353526686e-10),
];
const GELU_TANH: &[(f64, f64)] = &[
    (-14.093424562287598, -4.3077430663767054e-96),
    (-4.2114191938139385, -2.4608175996788722e-05),
    (-5.4163922800152395, -1.1369518559629393e-08),
    (-1.270300314468951, -0.12978319529757848),
    (0.4529128912541638, 0.30556575328793534),
    (1.1535970564164533, 1.009965219263694),
    (1.0332896963545322, 0.877373299031779),
    (-1.2194158790684169, -0.13599149452218798),
    (-0.007611937991982755, -0.00378285386628605),
    (-1.282386610058199e-12, -6.411933050284435e-13),
    (3.6968960419967364e-10, 1.8484480215436043e-10),
    (-3.8749784897318342, -0.00012580049975784936),
];
