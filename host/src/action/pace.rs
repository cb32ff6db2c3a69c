//! [`Pace`]: what is known of an action of a flow from its last runs. Most compute for a
//! moment; what does not is better begun where it is in nobody's way.

use std::sync::atomic::{AtomicU8, Ordering};

/// How many ordinary runs it takes until an unusual one is forgotten.
const REMEMBERED: u8 = 16;

/// How an action runs. A flow runs as the slowest of its actions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Pace {
    Quick,
    /// Waits for long: for a site, or for time to pass.
    Waits,
    Computes,
}

/// Whether the last runs were unusual.
#[derive(Debug, Default)]
pub(crate) struct Habits {
    waits: AtomicU8,
    computes: AtomicU8,
}

impl Habits {
    /// How it ran lately.
    pub(crate) fn pace(&self) -> Pace {
        match (self.computes.load(Ordering::Relaxed), self.waits.load(Ordering::Relaxed)) {
            (0, 0) => Pace::Quick,
            (0, _) => Pace::Waits,
            _ => Pace::Computes,
        }
    }

    /// Remembers whether a run has waited for long.
    pub(crate) fn waited(&self, so: bool) {
        note(&self.waits, so);
    }

    /// Remembers whether a run has computed for long.
    pub(crate) fn computed(&self, so: bool) {
        note(&self.computes, so);
    }
}

fn note(left: &AtomicU8, unusual: bool) {
    match unusual {
        true => left.store(REMEMBERED, Ordering::Relaxed),
        false if left.load(Ordering::Relaxed) == 0 => {}
        false => {
            let less = |left: u8| Some(left.saturating_sub(1));
            _ = left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unusual_run_is_remembered_for_a_while() {
        let habits = Habits::default();
        assert_eq!(habits.pace(), Pace::Quick);
        habits.waited(true);
        assert_eq!(habits.pace(), Pace::Waits);
        habits.computed(true);
        for _ in 0..REMEMBERED {
            assert_eq!(habits.pace(), Pace::Computes);
            habits.computed(false);
        }
        assert_eq!(habits.pace(), Pace::Waits);
    }
}
