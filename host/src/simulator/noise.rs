//! Reproducible noise: every draw is a pure function of what it is for, so any moment can be computed on its own.
//!
//! SHA-256 is used because its output is fixed by a standard, which no random number crate promises for ever, and
//! because the host already depends on it. Nothing here uses `sin` or `exp` either: the standard library hands those to
//! the platform, whose last bit differs between machines, while `+ - * /` and the square root are exact by IEEE 754.

use sha2::{Digest, Sha256};

/// What a draw is for. The numbers go into the hash: changing one changes every simulated cluster.
#[derive(Clone, Copy)]
pub(super) enum Subject {
    /// What stays the same about a node.
    Node = 1,
    /// Which nodes of a group of ten are special.
    Group = 2,
    /// A node in one minute.
    Minute = 3,
    /// The pods of a node in one hour.
    Pods = 4,
    /// What stays the same about a label.
    Label = 5,
}

/// Eight independent draws, each uniform in 0 ≤ x < 1.
pub(super) fn draws(seed: u64, subject: Subject, index: u32, time: i64) -> [f64; 8] {
    let mut hash = Sha256::new();
    hash.update(seed.to_be_bytes());
    hash.update([subject as u8]);
    hash.update(index.to_be_bytes());
    hash.update(time.to_be_bytes());
    let digest: [u8; 32] = hash.finalize().into();
    let (words, _) = digest.as_chunks::<4>();
    let mut draws = [0.0; 8];
    for (draw, word) in draws.iter_mut().zip(words) {
        *draw = f64::from(u32::from_be_bytes(*word)) / TWO_TO_THE_32;
    }
    draws
}

const TWO_TO_THE_32: f64 = 4_294_967_296.0;

/// A draw stretched to `low..high`.
pub(super) fn between(draw: f64, low: f64, high: f64) -> f64 {
    low + draw * (high - low)
}

/// One of `count` numbers from 0; 0 when `count` is 0.
pub(super) fn pick(draw: f64, count: u32) -> u32 {
    whole(draw * f64::from(count)).min(count.saturating_sub(1))
}

/// A smooth wave between -1 and 1 with the given period, in the shape of a sine: two parabolas.
///
/// `phase` is in turns, so that 0.25 is a quarter of a period ahead.
pub(super) fn wave(minute: i64, period: u16, phase: f64) -> f64 {
    let period = period.max(1);
    let within = u16::try_from(minute.rem_euclid(i64::from(period))).unwrap_or(0);
    let turn = f64::from(within) / f64::from(period) + phase;
    let turn = turn - turn.floor();
    if turn < 0.5 { 16.0 * turn * (0.5 - turn) } else { -16.0 * (turn - 0.5) * (1.0 - turn) }
}

/// A value without its fraction; 0 for anything below 0.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a cast of a float saturates, as wanted here"
)]
pub(super) fn whole(value: f64) -> u32 {
    value as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draw_is_the_same_on_every_machine() {
        // The first word of SHA-256 over eight bytes 0, then 03, then 00000001, then 0000000000000002, by `sha256sum`.
        let [first, ..] = draws(0, Subject::Minute, 1, 2);
        assert_eq!(first.to_bits(), (f64::from(0x165a_dc40_u32) / 4_294_967_296.0).to_bits());
    }

    #[test]
    fn every_part_of_the_question_changes_the_draw() {
        let [first, ..] = draws(7, Subject::Node, 3, 11);
        for other in [
            draws(8, Subject::Node, 3, 11),
            draws(7, Subject::Pods, 3, 11),
            draws(7, Subject::Node, 4, 11),
            draws(7, Subject::Node, 3, 12),
        ] {
            let [other, ..] = other;
            assert_ne!(first.to_bits(), other.to_bits());
        }
    }

    #[test]
    fn draws_stay_within_bounds_and_spread() {
        let all: Vec<f64> = (0..1_000).flat_map(|index| draws(1, Subject::Node, index, 0)).collect();
        assert!(all.iter().all(|draw| (0.0..1.0).contains(draw)));
        let mean = all.iter().sum::<f64>() / 8_000.0;
        assert!((0.48..0.52).contains(&mean), "mean {mean}");
    }

    #[test]
    fn a_wave_has_its_period_and_its_height() {
        assert_eq!(wave(15, 60, 0.0).to_bits(), 1.0_f64.to_bits());
        assert_eq!(wave(45, 60, 0.0).to_bits(), (-1.0_f64).to_bits());
        for minute in -200..200 {
            let value = wave(minute, 60, 0.3);
            assert!((-1.0..=1.0).contains(&value), "{value} at {minute}");
            assert_eq!(value.to_bits(), wave(minute + 60, 60, 0.3).to_bits());
        }
    }

    #[test]
    fn picks_within_the_count() {
        assert_eq!(pick(0.999_999, 3), 2);
        assert_eq!(pick(0.0, 3), 0);
        assert_eq!(pick(0.5, 0), 0);
    }
}
