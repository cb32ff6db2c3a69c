//! [`Pace`]: what is known of a component from its last runs. Most compute for a
//! moment; what does not is better begun where it is nobody's way.

use std::sync::atomic::{AtomicU8, Ordering};

use crate::digest::Digest;

/// How many ordinary runs it takes until an unusual one is forgotten.
const REMEMBERED: u8 = 16;

/// How a component runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pace {
    Quick,
    /// This one waits for long: for a site, or for time to pass.
    Waits(Digest),
    /// This one computes for long.
    Computes(Digest),
}

/// Whether the last runs were unusual.
#[derive(Debug, Default)]
pub(super) struct Habits {
    waits: AtomicU8,
    computes: AtomicU8,
}

impl Pace {
    /// That of a leg with these: of the slowest.
    pub(crate) fn of_all(paces: impl Iterator<Item = Pace>) -> Pace {
        let rank = |pace: &Pace| match pace {
            Pace::Quick => 0,
            Pace::Waits(_) => 1,
            Pace::Computes(_) => 2,
        };
        paces.max_by_key(rank).unwrap_or(Pace::Quick)
    }
}

impl Habits {
    pub(super) fn pace(&self, component: Digest) -> Pace {
        match (self.computes.load(Ordering::Relaxed), self.waits.load(Ordering::Relaxed)) {
            (0, 0) => Pace::Quick,
            (0, _) => Pace::Waits(component),
            _ => Pace::Computes(component),
        }
    }

    pub(super) fn waited(&self, so: bool) {
        note(&self.waits, so);
    }

    pub(super) fn computed(&self, so: bool) {
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
        let me = Digest::of(b"me");
        assert_eq!(habits.pace(me), Pace::Quick);
        habits.waited(true);
        assert_eq!(habits.pace(me), Pace::Waits(me));
        habits.computed(true);
        assert_eq!(habits.pace(me), Pace::Computes(me));
        for _ in 0..REMEMBERED {
            assert_eq!(habits.pace(me), Pace::Computes(me));
            habits.computed(false);
        }
        assert_eq!(habits.pace(me), Pace::Waits(me));
    }

    #[test]
    fn a_leg_is_as_slow_as_its_slowest_action() {
        let [a, b] = [b"a", b"b"].map(|name| Digest::of(name));
        let all = |paces: &[Pace]| Pace::of_all(paces.iter().copied());
        assert_eq!(all(&[]), Pace::Quick);
        assert_eq!(all(&[Pace::Waits(a), Pace::Quick]), Pace::Waits(a));
        assert_eq!(all(&[Pace::Computes(b), Pace::Waits(a)]), Pace::Computes(b));
    }
}
