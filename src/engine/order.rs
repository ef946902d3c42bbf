//! In which order requests leave: a pure policy.

/// Which of a run's requests may be under way together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// All at the same moment, but never more than this many at once.
    AtOnce {
        /// The most requests under way.
        limit: usize,
    },
}

impl Order {
    /// How many of `total` branches may have been started when `ended` have ended.
    pub fn may_start(self, total: usize, ended: usize) -> usize {
        match self {
            Order::AtOnce { limit } => total.min(ended + limit.max(1)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_leave_at_once_up_to_the_limit() {
        let order = Order::AtOnce { limit: 4 };
        assert_eq!(order.may_start(4, 0), 4);
        assert_eq!(order.may_start(64, 0), 4);
        assert_eq!(order.may_start(64, 10), 14);
        assert_eq!(order.may_start(64, 63), 64);
        assert_eq!(Order::AtOnce { limit: 0 }.may_start(2, 0), 1, "a limit of nothing would hang");
    }
}
