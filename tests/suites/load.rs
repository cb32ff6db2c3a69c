//! Components whose bytes are damaged. What is refused or ended for what it
//! asks for or does is in `hostile.rs`.

use flowhost_tests::{Random, scripted, seed};

use crate::hostile::{Limits, comes_to};

#[test]
fn a_damaged_component_is_refused_or_runs_under_its_limits() {
    let mut random = Random::new(seed("a_damaged_component"));
    let good = scripted();
    let limits = Limits { cpu_time: 1_000, ..Limits::default() };
    let mut refused = 0;
    for _ in 0..60 {
        let mut bytes = good.to_vec();
        for _ in 0..=random.below(3) {
            let at = random.below(bytes.len() as u64) as usize;
            bytes[at] ^= 1 << random.below(8);
        }
        if random.below(4) == 0 {
            bytes.truncate(random.below(bytes.len() as u64) as usize);
        }
        refused += usize::from(!comes_to(bytes, &limits).starts_with("run: "));
    }
    assert!(refused > 0);
}
