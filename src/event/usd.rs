//! Amounts of money: exact, and with sums that do not depend on the order of addition.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::iter::Sum;

/// Number of billionths in one dollar.
const DOLLAR: u64 = 1_000_000_000;
/// Number of billionths in $0.0001, the smallest step that is shown.
const STEP: u64 = 100_000;

/// An amount of US dollars, stored in billionths. Serialized as a number of dollars.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, utoipa::ToSchema)]
#[schema(value_type = f64)]
pub struct Usd(u64);

impl Usd {
    /// Zero dollars.
    pub const ZERO: Usd = Usd(0);

    /// Creates an amount from billionths of a dollar.
    pub fn from_nanos(nanos: u64) -> Self {
        Usd(nanos)
    }

    /// Creates an amount from dollars; `None` unless it is between zero and one billion dollars.
    pub fn from_dollars(dollars: f64) -> Option<Self> {
        const MAX: f64 = 1e9;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the range was checked"
        )]
        (0.0..=MAX).contains(&dollars).then(|| Usd((dollars * DOLLAR as f64).round() as u64))
    }

    /// Returns `true` if the amount is zero.
    pub fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// Returns the sum of both amounts, saturating at the largest amount.
    #[must_use]
    pub fn plus(self, other: Usd) -> Usd {
        Usd(self.0.saturating_add(other.0))
    }

    /// Rounds the amount up for display as an upper bound: to $0.0001 below one cent, to a cent
    /// otherwise.
    #[must_use]
    pub fn rounded_up(self) -> Usd {
        let step = if self.0 < DOLLAR / 100 { STEP } else { 100 * STEP };
        Usd(self.0.div_ceil(step).saturating_mul(step))
    }
}

/// Formats the amount as `$0.0123`, `$0.09` or `$12.34`: four decimals below a dollar, otherwise
/// two, without zeros beyond the cents. An amount that would round to zero is `<$0.0001`.
impl fmt::Display for Usd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let step = if self.0 < DOLLAR { STEP } else { 100 * STEP };
        // Rounds to the nearest step; a half goes up.
        let nanos = self.0.saturating_add(step / 2) / step * step;
        if nanos == 0 && !self.is_zero() {
            return f.write_str("<$0.0001");
        }
        let decimals = format!("{:04}", nanos % DOLLAR / STEP);
        let (cents, rest) = decimals.split_at(2);
        write!(f, "${}.{cents}{}", nanos / DOLLAR, rest.trim_end_matches('0'))
    }
}

impl Sum for Usd {
    fn sum<I: Iterator<Item = Usd>>(all: I) -> Usd {
        all.fold(Usd::ZERO, Usd::plus)
    }
}

impl Serialize for Usd {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_f64(self.0 as f64 / DOLLAR as f64)
    }
}

impl<'de> Deserialize<'de> for Usd {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let wrong = || serde::de::Error::custom("not an amount of dollars");
        Usd::from_dollars(f64::deserialize(from)?).ok_or_else(wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn amounts_are_shown_to_the_cent_or_finer() {
        for (nanos, shown) in [
            (0, "$0.00"),
            (1, "<$0.0001"),
            (49_999, "<$0.0001"),
            (50_000, "$0.0001"),
            (12_345_678, "$0.0123"),
            (12_350_000, "$0.0124"),
            (90_000_000, "$0.09"),
            (120_000_000, "$0.12"),
            (999_960_000, "$1.00"),
            (1_234_999_999, "$1.23"),
            (1_235_000_000, "$1.24"),
            (12_000_000_000, "$12.00"),
        ] {
            assert_eq!(Usd::from_nanos(nanos).to_string(), shown);
        }
    }

    #[test]
    fn an_upper_bound_is_rounded_up() {
        let shown = |nanos| Usd::from_nanos(nanos).rounded_up().to_string();
        assert_eq!(shown(83_570_000), "$0.09");
        assert_eq!(shown(80_000_000), "$0.08");
        assert_eq!(shown(1), "$0.0001");
        assert_eq!(shown(2_140_001), "$0.0022");
        assert_eq!(shown(1_000_000_001), "$1.01");
    }

    proptest! {
        #[test]
        fn json_gives_back_the_same_amount(nanos in 0..1_000_000 * DOLLAR) {
            let json = serde_json::to_string(&Usd(nanos)).unwrap();
            prop_assert_eq!(serde_json::from_str::<Usd>(&json).unwrap(), Usd(nanos), "{}", json);
        }
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for json in ["-1", "1e300", "\"1\""] {
            assert!(serde_json::from_str::<Usd>(json).is_err(), "{json}");
        }
        assert_eq!(serde_json::from_str::<Usd>("0.5").unwrap(), Usd(DOLLAR / 2));
    }
}
