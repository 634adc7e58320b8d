//! A test for each file of models, and the figures of their plans.
// Written by `cargo run -p nanotorch-tests --bin random_forward`.

use nanotorch::model::program::Memory;

use crate::check::{check, check_detached};
use crate::models_1;
use crate::models_2;
use crate::models_3;
use crate::models_4;
use crate::models_5;
use crate::models_6;
use crate::models_7;
use crate::models_8;

/// Each model with what training it takes.
pub(crate) fn plans() -> Vec<(&'static str, Memory)> {
    vec![
        ("Net1", models_1::Net1::explain().memory),
        ("Net2", models_1::Net2::explain().memory),
        ("Net3", models_1::Net3::explain().memory),
        ("Net4", models_1::Net4::explain().memory),
        ("Net5", models_1::Net5::explain().memory),
        ("Net6", models_1::Net6::explain().memory),
        ("Net7", models_1::Net7::explain().memory),
        ("Net8", models_1::Net8::explain().memory),
        ("Net9", models_2::Net9::explain().memory),
        ("Net10", models_2::Net10::explain().memory),
        ("Net11", models_2::Net11::explain().memory),
        ("Net12", models_2::Net12::explain().memory),
        ("Net13", models_2::Net13::explain().memory),
        ("Net14", models_2::Net14::explain().memory),
        ("Net15", models_2::Net15::explain().memory),
        ("Net16", models_2::Net16::explain().memory),
        ("Net17", models_3::Net17::explain().memory),
        ("Net18", models_3::Net18::explain().memory),
        ("Net19", models_3::Net19::explain().memory),
        ("Net20", models_3::Net20::explain().memory),
        ("Net21", models_3::Net21::explain().memory),
        ("Net22", models_3::Net22::explain().memory),
        ("Net23", models_3::Net23::explain().memory),
        ("Net24", models_3::Net24::explain().memory),
        ("Net25", models_4::Net25::explain().memory),
        ("Net26", models_4::Net26::explain().memory),
        ("Net27", models_4::Net27::explain().memory),
        ("Net28", models_4::Net28::explain().memory),
        ("Net29", models_4::Net29::explain().memory),
        ("Net30", models_4::Net30::explain().memory),
        ("Net31", models_4::Net31::explain().memory),
        ("Net32", models_4::Net32::explain().memory),
        ("Net33", models_5::Net33::explain().memory),
        ("Net34", models_5::Net34::explain().memory),
        ("Net35", models_5::Net35::explain().memory),
        ("Net36", models_5::Net36::explain().memory),
        ("Net37", models_5::Net37::explain().memory),
        ("Net38", models_5::Net38::explain().memory),
        ("Net39", models_5::Net39::explain().memory),
        ("Net40", models_5::Net40::explain().memory),
        ("Net41", models_6::Net41::explain().memory),
        ("Net42", models_6::Net42::explain().memory),
        ("Net43", models_6::Net43::explain().memory),
        ("Net44", models_6::Net44::explain().memory),
        ("Net45", models_6::Net45::explain().memory),
        ("Net46", models_6::Net46::explain().memory),
        ("Net47", models_6::Net47::explain().memory),
        ("Net48", models_6::Net48::explain().memory),
        ("Net49", models_7::Net49::explain().memory),
        ("Net50", models_7::Net50::explain().memory),
        ("Net51", models_7::Net51::explain().memory),
        ("Net52", models_7::Net52::explain().memory),
        ("Net53", models_7::Net53::explain().memory),
        ("Net54", models_7::Net54::explain().memory),
        ("Net55", models_7::Net55::explain().memory),
        ("Net56", models_7::Net56::explain().memory),
        ("Net57", models_8::Net57::explain().memory),
        ("Net58", models_8::Net58::explain().memory),
        ("Net59", models_8::Net59::explain().memory),
        ("Net60", models_8::Net60::explain().memory),
        ("Net61", models_8::Net61::explain().memory),
        ("Net62", models_8::Net62::explain().memory),
        ("Net63", models_8::Net63::explain().memory),
        ("Net64", models_8::Net64::explain().memory),
    ]
}

#[test]
fn models_1_match_differences() {
    check::<models_1::Net1<f64>, models_1::Net1<f32>>("Net1");
    check::<models_1::Net2<f64>, models_1::Net2<f32>>("Net2");
    check::<models_1::Net3<f64>, models_1::Net3<f32>>("Net3");
    check_detached::<models_1::Net4<f64>, models_1::Net4Held<f64>>("Net4");
    check::<models_1::Net5<f64>, models_1::Net5<f32>>("Net5");
    check::<models_1::Net6<f64>, models_1::Net6<f32>>("Net6");
    check::<models_1::Net7<f64>, models_1::Net7<f32>>("Net7");
    check::<models_1::Net8<f64>, models_1::Net8<f32>>("Net8");
}

#[test]
fn models_2_match_differences() {
    check::<models_2::Net9<f64>, models_2::Net9<f32>>("Net9");
    check::<models_2::Net10<f64>, models_2::Net10<f32>>("Net10");
    check::<models_2::Net11<f64>, models_2::Net11<f32>>("Net11");
    check_detached::<models_2::Net12<f64>, models_2::Net12Held<f64>>("Net12");
    check::<models_2::Net13<f64>, models_2::Net13<f32>>("Net13");
    check::<models_2::Net14<f64>, models_2::Net14<f32>>("Net14");
    check::<models_2::Net15<f64>, models_2::Net15<f32>>("Net15");
    check::<models_2::Net16<f64>, models_2::Net16<f32>>("Net16");
}

#[test]
fn models_3_match_differences() {
    check::<models_3::Net17<f64>, models_3::Net17<f32>>("Net17");
    check::<models_3::Net18<f64>, models_3::Net18<f32>>("Net18");
    check::<models_3::Net19<f64>, models_3::Net19<f32>>("Net19");
    check_detached::<models_3::Net20<f64>, models_3::Net20Held<f64>>("Net20");
    check::<models_3::Net21<f64>, models_3::Net21<f32>>("Net21");
    check::<models_3::Net22<f64>, models_3::Net22<f32>>("Net22");
    check::<models_3::Net23<f64>, models_3::Net23<f32>>("Net23");
    check::<models_3::Net24<f64>, models_3::Net24<f32>>("Net24");
}

#[test]
fn models_4_match_differences() {
    check::<models_4::Net25<f64>, models_4::Net25<f32>>("Net25");
    check::<models_4::Net26<f64>, models_4::Net26<f32>>("Net26");
    check::<models_4::Net27<f64>, models_4::Net27<f32>>("Net27");
    check_detached::<models_4::Net28<f64>, models_4::Net28Held<f64>>("Net28");
    check::<models_4::Net29<f64>, models_4::Net29<f32>>("Net29");
    check::<models_4::Net30<f64>, models_4::Net30<f32>>("Net30");
    check::<models_4::Net31<f64>, models_4::Net31<f32>>("Net31");
    check::<models_4::Net32<f64>, models_4::Net32<f32>>("Net32");
}

#[test]
fn models_5_match_differences() {
    check::<models_5::Net33<f64>, models_5::Net33<f32>>("Net33");
    check::<models_5::Net34<f64>, models_5::Net34<f32>>("Net34");
    check::<models_5::Net35<f64>, models_5::Net35<f32>>("Net35");
    check_detached::<models_5::Net36<f64>, models_5::Net36Held<f64>>("Net36");
    check::<models_5::Net37<f64>, models_5::Net37<f32>>("Net37");
    check::<models_5::Net38<f64>, models_5::Net38<f32>>("Net38");
    check::<models_5::Net39<f64>, models_5::Net39<f32>>("Net39");
    check::<models_5::Net40<f64>, models_5::Net40<f32>>("Net40");
}

#[test]
fn models_6_match_differences() {
    check::<models_6::Net41<f64>, models_6::Net41<f32>>("Net41");
    check::<models_6::Net42<f64>, models_6::Net42<f32>>("Net42");
    check::<models_6::Net43<f64>, models_6::Net43<f32>>("Net43");
    check_detached::<models_6::Net44<f64>, models_6::Net44Held<f64>>("Net44");
    check::<models_6::Net45<f64>, models_6::Net45<f32>>("Net45");
    check::<models_6::Net46<f64>, models_6::Net46<f32>>("Net46");
    check::<models_6::Net47<f64>, models_6::Net47<f32>>("Net47");
    check::<models_6::Net48<f64>, models_6::Net48<f32>>("Net48");
}

#[test]
fn models_7_match_differences() {
    check::<models_7::Net49<f64>, models_7::Net49<f32>>("Net49");
    check::<models_7::Net50<f64>, models_7::Net50<f32>>("Net50");
    check::<models_7::Net51<f64>, models_7::Net51<f32>>("Net51");
    check_detached::<models_7::Net52<f64>, models_7::Net52Held<f64>>("Net52");
    check::<models_7::Net53<f64>, models_7::Net53<f32>>("Net53");
    check::<models_7::Net54<f64>, models_7::Net54<f32>>("Net54");
    check::<models_7::Net55<f64>, models_7::Net55<f32>>("Net55");
    check::<models_7::Net56<f64>, models_7::Net56<f32>>("Net56");
}

#[test]
fn models_8_match_differences() {
    check::<models_8::Net57<f64>, models_8::Net57<f32>>("Net57");
    check::<models_8::Net58<f64>, models_8::Net58<f32>>("Net58");
    check::<models_8::Net59<f64>, models_8::Net59<f32>>("Net59");
    check_detached::<models_8::Net60<f64>, models_8::Net60Held<f64>>("Net60");
    check::<models_8::Net61<f64>, models_8::Net61<f32>>("Net61");
    check::<models_8::Net62<f64>, models_8::Net62<f32>>("Net62");
    check::<models_8::Net63<f64>, models_8::Net63<f32>>("Net63");
    check::<models_8::Net64<f64>, models_8::Net64<f32>>("Net64");
}
