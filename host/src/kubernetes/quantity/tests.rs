//! Quantities: examples, attacks and laws.

use proptest::prelude::*;

use super::{CAP_NANOS, MOST, Quantity, QuantityError};

fn quantity(text: &str) -> Quantity {
    Quantity::parse(text).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn amounts_of_cpu_are_millicores_rounded_up() {
    for (text, millis) in [
        ("0", 0),
        ("500m", 500),
        ("1.5", 1500),
        ("2", 2000),
        ("0.1", 100),
        (".5", 500),
        ("5.", 5000),
        ("+2", 2000),
        ("0.0001", 1),
        ("100n", 1),
        ("1u", 1),
        ("1000u", 1),
        ("1000001n", 2),
        ("1e3", 1_000_000),
        ("1e-3", 1),
        ("1E-4", 1),
        ("1k", 1_000_000),
        ("1E", MOST),
        ("9223372036854775.807", MOST),
        ("9223372036854775.8071", MOST),
    ] {
        assert_eq!(quantity(text).to_millis_rounded_up(), millis, "{text}");
    }
}

#[test]
fn amounts_of_memory_are_bytes_rounded_up() {
    for (text, units) in [
        ("128974848", 128_974_848),
        ("129e6", 129_000_000),
        ("129E6", 129_000_000),
        ("129E+6", 129_000_000),
        ("129M", 129_000_000),
        ("123Mi", 128_974_848),
        ("1Ki", 1 << 10),
        ("1Mi", 1 << 20),
        ("1Gi", 1 << 30),
        ("1Ti", 1 << 40),
        ("1Pi", 1 << 50),
        ("1Ei", 1 << 60),
        ("0.5Gi", 1 << 29),
        ("1.5Gi", 3 << 29),
        ("100.035Ki", 102_436),
        ("0.1Ki", 103),
        ("1k", 1_000),
        ("1G", 1_000_000_000),
        ("1T", 1_000_000_000_000),
        ("1P", 1_000_000_000_000_000),
        ("1E", 1_000_000_000_000_000_000),
        ("1E3", 1_000),
        ("1e3", 1_000),
        ("1.", 1),
        ("1.G", 1_000_000_000),
        ("100m", 1),
        ("1500m", 2),
        ("1n", 1),
        ("0.0000000000000000000000001", 1),
        ("9007199254740993", 9_007_199_254_740_993),
        ("-0", 0),
        ("000000000000000000000000000000000001", 1),
        ("1000000000000000000000000000000e-30", 1),
        ("0.000000000000000000000000000001e30", 1),
    ] {
        assert_eq!(quantity(text).to_units_rounded_up(), units, "{text}");
    }
}

#[test]
fn finer_than_a_nano_rounds_away_from_zero() {
    for (text, nanos) in [
        ("3.001n", 4),
        ("1.1E-9", 2),
        ("0.9n", 1),
        ("0.00000012345", 124),
        ("0.000000000001Ki", 2),
        ("-3.001n", -4),
        ("1e-999999999", 1),
        ("1e-99999999999999999999999999999999999999", 1),
        ("0e99999999999999999999999999999999999999", 0),
        ("0.0000000000n", 0),
    ] {
        assert_eq!(quantity(text).nanos, nanos, "{text}");
    }
}

#[test]
fn a_binary_fraction_of_many_digits_is_exact() {
    // 2^-60 has 60 digits behind the point, and an Ei has 2^60 units: together exactly one.
    let two_to_minus_60 = "0.000000000000000000867361737988403547205962240695953369140625";
    assert_eq!(quantity(&format!("{two_to_minus_60}Ei")).nanos, 1_000_000_000);
    assert_eq!(quantity(&format!("{two_to_minus_60}0000Ei")).nanos, 1_000_000_000);
    assert_eq!(quantity(&format!("{two_to_minus_60}0001Ei")).nanos, 1_000_000_001);
}

#[test]
fn beyond_the_largest_amount_is_the_largest_amount() {
    for text in [
        "9223372036854775807",
        "9223372036854775807.1",
        "9223372036854775808",
        "9223372036854775807Ki",
        "9.3E",
        "9Ei",
        "12E",
        "1e19",
        "1e999999999",
        "1e99999999999999999999999999999999999999",
        "99999999999999999999999999999999999999999999999999",
    ] {
        assert_eq!(quantity(text).nanos, CAP_NANOS, "{text}");
        assert_eq!(quantity(text).to_units_rounded_up(), MOST, "{text}");
        assert_eq!(quantity(text).to_millis_rounded_up(), MOST, "{text}");
        assert_eq!(quantity(&format!("-{text}")).nanos, -CAP_NANOS, "-{text}");
    }
    assert_eq!(quantity("9223372036854775806.999999999").nanos, CAP_NANOS - 1);
}

#[test]
fn a_negative_quantity_is_known_as_such() {
    assert!(quantity("-1").is_negative());
    assert!(quantity("-1n").is_negative());
    assert!(!quantity("-0.0").is_negative());
    assert_eq!(quantity("-5Gi").to_units_rounded_up(), 0);
}

#[test]
fn texts_without_a_number_are_refused() {
    for text in
        ["", "+", "-", ".", "-.", "m", "Ki", "e3", "aoeu", " 1", "\t1", "--1", "+-1", "１", "½", "NaN", "inf", ",5"]
    {
        assert_eq!(Quantity::parse(text), Err(QuantityError::NotANumber { text: text.to_owned() }), "{text}");
    }
}

#[test]
fn unknown_suffixes_are_refused() {
    for (number, suffix) in [
        ("1", "ki"),
        ("1", "KI"),
        ("1", "K"),
        ("1", "Mb"),
        ("1", "i"),
        ("0.1", "mi"),
        (".5", "i"),
        ("1", " Gi"),
        ("1", " "),
        ("1", "\0"),
        ("1.1", ".M"),
        ("1", "+1.0M"),
        ("1", "e"),
        ("1", "e+"),
        ("1", "E-"),
        ("1", "e1.5"),
        ("1", "e3Ki"),
        ("1", "Ee3"),
        ("1", "e０"),
        ("1", "_000"),
        ("1", ",000"),
        ("0", "x10"),
    ] {
        let text = format!("{number}{suffix}");
        let expected = QuantityError::UnknownSuffix { text: text.clone(), suffix: suffix.to_owned() };
        assert_eq!(Quantity::parse(&text), Err(expected), "{text}");
    }
}

#[test]
fn ten_megabytes_of_digits_are_read_to_the_last() {
    const LENGTH: usize = 10 << 20;
    let nines = "9".repeat(LENGTH);
    let zeros = "0".repeat(LENGTH);
    assert_eq!(quantity(&nines).nanos, CAP_NANOS);
    assert_eq!(quantity(&format!("1.{zeros}1Ei")).nanos, 1_152_921_504_606_846_976_000_000_001);
    assert_eq!(quantity(&format!("1{zeros}e-{LENGTH}")).to_units_rounded_up(), 1);
    assert_eq!(quantity(&format!("1e-{nines}")).nanos, 1);
}

#[test]
fn ten_megabytes_of_anything_make_a_short_error() {
    let error = Quantity::parse(&"1 ".repeat(5 << 20)).unwrap_err();
    assert!(error.to_string().len() < 400, "{error}");
    assert!(error.to_string().contains('…'), "{error}");
}

#[test]
fn errors_say_what_to_write() {
    assert_eq!(
        Quantity::parse("lots").unwrap_err().to_string(),
        "\"lots\" is not a quantity; write a number and at most a suffix, such as 500m, 1.5 or 2Gi"
    );
    assert_eq!(
        Quantity::parse("1ki").unwrap_err().to_string(),
        "\"1ki\" is not a quantity because \"ki\" is not a suffix; \
         use n, u, m, k, M, G, T, P, E, Ki, Mi, Gi, Ti, Pi, Ei, an exponent such as e3, or none"
    );
    assert_eq!(QuantityError::negative("-1").to_string(), "\"-1\" is below zero; write an amount of 0 or more");
}

#[test]
fn rounding_to_a_thousandth_goes_away_from_zero() {
    for (text, rounded) in
        [("100n", "1m"), ("-100n", "-1m"), ("1.0001", "1001m"), ("7m", "7m"), ("0", "0"), ("9Ei", "9Ei")]
    {
        assert_eq!(quantity(text).rounded_to_milli(), quantity(rounded), "{text}");
    }
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in any::<String>()) {
        if let Ok(quantity) = Quantity::parse(&text) {
            prop_assert!((-CAP_NANOS..=CAP_NANOS).contains(&quantity.nanos));
        }
    }

    #[test]
    fn anything_that_looks_like_a_quantity_is_read_or_refused(text in "[+-]?[0-9]{0,30}[.]?[0-9]{0,30}[numkKMGTPEie]{0,2}[+-]?[0-9]{0,20}") {
        if let Ok(quantity) = Quantity::parse(&text) {
            prop_assert!((-CAP_NANOS..=CAP_NANOS).contains(&quantity.nanos));
            prop_assert!(u128::from(quantity.to_units_rounded_up()) * 1000 + 1000 > u128::from(quantity.to_millis_rounded_up()));
        }
    }

    #[test]
    fn whole_numbers_are_exact(number in 0..=MOST) {
        prop_assert_eq!(quantity(&number.to_string()).to_units_rounded_up(), number);
        prop_assert_eq!(quantity(&format!("{number}m")).to_millis_rounded_up(), number);
        prop_assert_eq!(quantity(&format!("{number}m")).to_units_rounded_up(), number.div_ceil(1000));
    }

    #[test]
    fn a_binary_suffix_multiplies_exactly(
        digits in 0..1_000_000_000_u128,
        places in 0..=9_usize,
        (suffix, shift) in prop_oneof![
            Just(("Ki", 10)), Just(("Mi", 20)), Just(("Gi", 30)), Just(("Ti", 40)), Just(("Pi", 50)), Just(("Ei", 60)),
        ],
    ) {
        let text = format!("{digits:010}");
        let (integer, fraction) = text.split_at(10 - places);
        let nanos_per_digit = 10_u128.pow(u32::try_from(9 - places).unwrap());
        let expected = i128::try_from((digits << shift).saturating_mul(nanos_per_digit)).unwrap_or(CAP_NANOS).min(CAP_NANOS);
        prop_assert_eq!(quantity(&format!("{integer}.{fraction}{suffix}")).nanos, expected);
    }

    #[test]
    fn an_exponent_moves_the_point(integer in "[0-9]{1,25}", fraction in "[0-9]{0,25}", exponent in 0..25_usize) {
        let digits = format!("{integer}{fraction:0<25}");
        let (moved_integer, moved_fraction) = digits.split_at(integer.len() + exponent);
        prop_assert_eq!(
            quantity(&format!("{integer}.{fraction}e{exponent}")),
            quantity(&format!("{moved_integer}.{moved_fraction}"))
        );
        prop_assert_eq!(
            quantity(&format!("{moved_integer}.{moved_fraction}E-{exponent}")),
            quantity(&format!("{integer}.{fraction}"))
        );
    }

    #[test]
    fn decimal_suffixes_are_exponents(
        number in "[0-9]{1,12}([.][0-9]{0,12})?",
        (suffix, exponent) in prop_oneof![
            Just(("n", -9)), Just(("u", -6)), Just(("m", -3)), Just(("", 0)), Just(("k", 3)),
            Just(("M", 6)), Just(("G", 9)), Just(("T", 12)), Just(("P", 15)), Just(("E", 18)),
        ],
    ) {
        prop_assert_eq!(quantity(&format!("{number}{suffix}")), quantity(&format!("{number}e{exponent}")));
    }

    #[test]
    fn a_sign_only_changes_the_sign(number in "[0-9]{1,30}([.][0-9]{0,30})?(m|k|Ki|e-7)?") {
        prop_assert_eq!(quantity(&format!("-{number}")).nanos, -quantity(&number).nanos);
        prop_assert_eq!(quantity(&format!("+{number}")), quantity(&number));
    }

    #[test]
    fn more_digits_are_never_less(number in "[0-9]{0,20}[.][0-9]{1,20}", digit in 0..10_u8) {
        let (longer, shorter) = (format!("{number}{digit}Gi"), format!("{number}Gi"));
        prop_assert!(quantity(&longer) >= quantity(&shorter));
    }
}
