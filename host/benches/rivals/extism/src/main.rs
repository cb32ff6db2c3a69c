//! Runs the plugin as a host would that uses Extism. For each line with a count: one
//! line with the microseconds of so many calls. The first word says how: `fresh`, a
//! plugin for each call, of a component that was compiled before; or `warm`, one for all.

use std::io::{BufRead, Write};
use std::time::Instant;

use extism::{CompiledPlugin, Manifest, Plugin, PluginBuilder, Wasm};

const FUEL: u64 = 500_000_000;

fn main() {
    let words: Vec<String> = std::env::args().collect();
    let (how, module, event) = (&words[1], &words[2], &words[3]);
    let event = std::fs::read_to_string(event).expect("the event");
    let module = std::fs::read(module).expect("the plugin");
    let manifest = Manifest::new([Wasm::data(module)]);
    let builder = PluginBuilder::new(manifest).with_fuel_limit(FUEL);
    let compiled = CompiledPlugin::new(builder).expect("it compiles");
    let fresh = || Plugin::new_from_compiled(&compiled).expect("a plugin");
    let mut warm = (how == "warm").then(fresh);
    for line in std::io::stdin().lock().lines() {
        let count: usize = line.expect("a line").trim().parse().expect("a count");
        let micros: Vec<f64> = (0..count)
            .map(|_| {
                let started = Instant::now();
                match &mut warm {
                    Some(plugin) => call(plugin, &event),
                    None => call(&mut fresh(), &event),
                }
                started.elapsed().as_secs_f64() * 1e6
            })
            .collect();
        println!("{}", serde_json::to_string(&micros).expect("numbers"));
        std::io::stdout().flush().expect("written");
    }
}

fn call(plugin: &mut Plugin, event: &str) {
    let commands: &str = plugin.call("on_execute", event).expect("it runs");
    assert_eq!(commands, r#"{"deny":null}"#);
}
