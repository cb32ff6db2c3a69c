//! What benchmarks share: times and their quantiles.
#![allow(dead_code, reason = "not every benchmark uses all of it")]

use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// One way to do something, and how long it took each time.
pub(crate) struct Samples {
    pub(crate) name: &'static str,
    pub(crate) micros: Vec<f64>,
}

impl Samples {
    pub(crate) fn new(name: &'static str) -> Self {
        Samples { name, micros: Vec::new() }
    }

    pub(crate) fn add(&mut self, time: Duration) {
        self.micros.push(micros(time));
    }

    pub(crate) fn quantile(&self, part: f64) -> f64 {
        let mut sorted = self.micros.clone();
        sorted.sort_by(f64::total_cmp);
        sorted.get((sorted.len() as f64 * part) as usize).copied().unwrap_or(f64::NAN)
    }

    pub(crate) fn median(&self) -> f64 {
        self.quantile(0.5)
    }

    pub(crate) fn report(&self) -> Value {
        json!({
            "what": self.name,
            "p5_micros": self.quantile(0.05),
            "p50_micros": self.median(),
            "p99_micros": self.quantile(0.99),
            "samples": self.micros.len(),
        })
    }
}

pub(crate) fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

pub(crate) fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

/// Where the report is to be written, if anywhere.
pub(crate) fn write_report(report: &Value) {
    if let Some(path) = std::env::args().skip_while(|word| word != "--json").nth(1) {
        std::fs::write(path, format!("{report:#}\n")).expect("the report");
    }
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
pub(crate) fn now() -> Instant {
    Instant::now()
}
