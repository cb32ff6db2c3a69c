//! Compiling in a process of its own: what it may take, what becomes of a child
//! that takes more, and that nothing of it is felt in the process that asked.

mod bombs;
mod poisoned;

use std::path::Path;
use std::time::Duration;

use flowhost::{ActionSpec, Code, Compiler, Component, Engine, Error, Event, Flow, FlowSpec};
use flowhost_tests::{Cli, event, long, scripted, wait_for};

use bombs::{Bomb, action, bombs};

/// An engine whose components are compiled by the `flowhost` command.
fn engine() -> Engine {
    Engine::builder().compiler(Compiler::program(Cli::program())).build().expect("an engine")
}

fn load(
    engine: &Engine,
    bytes: Vec<u8>,
    change: impl FnOnce(&mut ActionSpec),
) -> Result<Flow, Error> {
    let mut action = ActionSpec::new("a", Component::Bytes(bytes));
    change(&mut action);
    wait_for(engine.load(FlowSpec::new("compiled").action(action)))
}

#[test]
fn what_a_child_compiles_runs_like_what_is_compiled_here() {
    let event = || Event::from_json(&event().to_string()).expect("an event");
    let here = Engine::builder().compiler(Compiler::in_process()).build().expect("an engine");
    let reports = [here, engine()].map(|engine| {
        let flow = load(&engine, scripted().to_vec(), |_| {}).expect("a flow");
        let mut report = wait_for(engine.start(&flow, event())).expect("a report").to_json();
        report["flow_id"] = "".into();
        report["runs"][0]["duration_us"] = 0.into();
        report
    });
    assert_eq!(reports[0], reports[1]);
    assert_eq!(reports[0]["outcome"], "completed");
}

#[test]
fn an_engine_that_was_not_told_where_to_compile_is_not_made() {
    let error = Engine::builder().build().expect_err("this program is no compiler");
    assert_eq!(error.code(), Code::CompilerUnavailable);
    assert!(error.to_string().contains("where components are compiled"), "{error}");
}

#[test]
fn memory_and_time_are_limits_with_names() {
    let engine = engine();
    let memory = |action: &mut ActionSpec| action.limits.compile_memory = 8 << 20;
    let error = load(&engine, scripted().to_vec(), memory).expect_err("too little");
    assert_eq!(error.code(), Code::CompileMemoryExceeded, "{error}");
    let time = |action: &mut ActionSpec| action.limits.compile_time = 1;
    let error = load(&engine, scripted().to_vec(), time).expect_err("too little");
    assert_eq!(error.code(), Code::CompileTimeExceeded, "{error}");
    load(&engine, scripted().to_vec(), |_| {}).expect("neither is too little by default");
}

#[test]
fn a_component_may_have_so_many_functions_and_parts() {
    // The module has one function beside `handle`, the component three parts.
    let bytes = wat::parse_str(format!("(component (core module) {})", action("(func)")));
    let bytes = bytes.expect("text");
    let engine = engine();
    let load = |functions: u64, modules: u64| {
        load(&engine, bytes.clone(), |action| {
            (action.limits.functions, action.limits.modules) = (functions, modules);
        })
    };
    // Before it was ever compiled, and when that was done for another flow.
    for _ in 0..2 {
        for (functions, modules) in [(1, 3), (2, 2), (0, 0)] {
            let error = load(functions, modules).expect_err("one too many");
            assert_eq!(error.code(), Code::ComponentTooComplex, "{error}");
        }
        load(2, 3).expect("as many as allowed");
    }
}

#[test]
fn a_program_that_is_no_compiler_is_found_out() {
    let programs: [(&str, Code); 3] = [
        ("/nonexistent/flowhost", Code::CompilerUnavailable),
        // Ends at once; says what it was given, which nobody takes for an answer.
        ("/bin/true", Code::ComponentInvalid),
        ("/bin/cat", Code::ComponentInvalid),
    ];
    for (program, code) in programs {
        let engine = Engine::builder().compiler(Compiler::program(program)).build();
        let error = load(&engine.expect("an engine"), scripted().to_vec(), |_| {});
        assert_eq!(error.expect_err("nothing was compiled").code(), code, "{program}");
    }
}

/// A compiler that is a script.
#[cfg(unix)]
fn script(cli: &Cli, text: &str) -> Engine {
    use std::os::unix::fs::PermissionsExt as _;
    let script = cli.write("compiler", format!("#!/bin/sh\n{text}\n"));
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).expect("a mode");
    Engine::builder().compiler(Compiler::program(&script)).build().expect("an engine")
}

#[cfg(unix)]
#[test]
fn a_compiler_that_never_answers_is_killed_and_so_is_what_it_started() {
    let cli = Cli::new();
    let pids = cli.path().join("pids");
    for text in ["exec sleep 1000", "sleep 1000 & echo $! >> pids; wait", "sleep 1000 & exit 0"] {
        let text = format!("cd {}; echo $$ > pids; {text}", cli.path().display());
        let text = text.replace("& exit", "& echo $! >> pids; exit");
        let short = |action: &mut ActionSpec| action.limits.compile_time = 2_000;
        let error = load(&script(&cli, &text), scripted().to_vec(), short).expect_err("no answer");
        assert_eq!(error.code(), Code::CompileTimeExceeded, "{error}");
        let all = std::fs::read_to_string(&pids).expect("it was started");
        for pid in all.lines() {
            assert!(soon_gone(pid), "{text}: {pid} is still there");
        }
    }
}

/// Killed is not gone: whether it is within some seconds.
#[cfg(unix)]
fn soon_gone(pid: &str) -> bool {
    (0..1_000).any(|_| {
        std::thread::sleep(Duration::from_millis(5));
        !is_running(pid)
    })
}

/// Whether there is such a process, and not only what is left of it for its parent.
#[cfg(unix)]
fn is_running(pid: &str) -> bool {
    let stat = std::fs::read_to_string(Path::new("/proc").join(pid.trim()).join("stat"));
    stat.is_ok_and(|text| !text.rsplit(')').next().is_some_and(|rest| rest.starts_with(" Z")))
}

#[cfg(unix)]
#[test]
fn a_compiler_that_the_system_kills_had_no_memory() {
    let cli = Cli::new();
    let texts = [
        "kill -9 $$",
        "echo 'memory allocation of 7 bytes failed' >&2; exit 1",
        "echo 'mmap: Cannot allocate memory (os error 12)' >&2; exit 1",
    ];
    for text in texts {
        let error = load(&script(&cli, text), scripted().to_vec(), |_| {}).expect_err("no answer");
        assert_eq!(error.code(), Code::CompileMemoryExceeded, "{text}: {error}");
    }
}

#[cfg(unix)]
#[test]
fn what_many_load_at_once_is_compiled_once() {
    let cli = Cli::new();
    let count = cli.path().join("count");
    let program = Cli::program().display();
    let engine = script(&cli, &format!("echo started >> {}; exec {program}", count.display()));
    let spec = || {
        let action = |name| ActionSpec::new(name, Component::Bytes(scripted().to_vec()));
        FlowSpec::new("compiled").action(action("a")).action(action("b"))
    };
    wait_for(async {
        let mut loading = tokio::task::JoinSet::new();
        for _ in 0..8 {
            let (engine, spec) = (engine.clone(), spec());
            loading.spawn(async move { engine.load(spec).await.map(|_| ()) });
        }
        while let Some(loaded) = loading.join_next().await {
            loaded.expect("no panic").expect("a flow");
        }
    });
    assert_eq!(std::fs::read_to_string(count).expect("it was started"), "started\n");
}

#[test]
fn what_compiles_to_too_much_is_refused_by_who_compiles_it() {
    // 2 bytes of this are some 40 of machine code.
    let body = "(local.set 0 (i32x4.trunc_sat_f32x4_u (local.get 0)))".repeat(2_000);
    let module = format!("(func (param v128) (result v128) {body} (local.get 0))").repeat(100);
    let bytes = wat::parse_str(format!("(component {})", action(&module))).expect("text");
    assert!(bytes.len() > 1 << 20, "{} bytes are a small component", bytes.len());
    let engine = engine();
    let load = |most: u64| load(&engine, bytes.clone(), |a| a.limits.machine_code = most);
    let error = load(4 << 20).expect_err("it has more");
    assert_eq!(error.code(), Code::ComponentTooComplex, "{error}");
    load(64 << 20).expect("it has less");
}

/// Compiles each bomb with the command, which compiles nothing itself: its own
/// memory stays what it is with a component that is no bomb.
#[cfg(target_os = "linux")]
#[test]
fn bombs_cost_a_child_process_and_nothing_else() {
    let cli = Cli::new();
    // At default limits each may take 5 s.
    let time = if long() {
        String::new()
    } else {
        "[action.limits]\ncompile_time = \"500ms\"\n".to_owned()
    };
    let flow = |name: &str| {
        format!(
            "name = \"bomb\"\ntrigger = \"post-challenge@1\"\n[[action]]\nname = \"a\"\ncomponent = \"{name}\"\n{time}"
        )
    };
    cli.write("good.toml", flow("scripted.wasm").replace(&time, ""));
    let (code, ordinary, _) = check(&cli, "good.toml");
    assert_eq!(code, None);
    let all = bombs();
    assert!(all.len() >= 15, "{} bombs", all.len());
    let mut ended = 0;
    for bomb in &all {
        let (code, memory) = explode(&cli, bomb, &flow("bomb.wasm"));
        ended += usize::from(code.is_some());
        let more = memory.saturating_sub(ordinary);
        assert!(more < 48 << 20, "{}: {more} bytes more in the parent", bomb.name);
    }
    assert!(ended >= 5, "only {ended} of them were stopped: they are no bombs");
}

/// What became of it, and the most memory the command had.
#[cfg(target_os = "linux")]
fn explode(cli: &Cli, bomb: &Bomb, flow: &str) -> (Option<String>, u64) {
    let bytes = bomb.bytes();
    assert!(bytes.len() < 1 << 20, "{}: {} bytes", bomb.name, bytes.len());
    cli.write("bomb.wasm", &bytes);
    cli.write("bomb.toml", flow);
    let (code, memory, took) = check(cli, "bomb.toml");
    println!(
        "{:<40} {:>4} KiB  {:>5} ms  {:>4} MiB  {}",
        bomb.name,
        bytes.len() >> 10,
        took.as_millis(),
        memory >> 20,
        code.as_deref().unwrap_or("compiled"),
    );
    let named = [
        "compile_time_exceeded",
        "compile_memory_exceeded",
        "component_invalid",
        "component_too_complex",
    ];
    let fine = code.as_deref().is_none_or(|code| named.contains(&code));
    assert!(fine, "{}: {code:?}", bomb.name);
    (code, memory)
}

/// Checks a flow, with nothing cached: the error's code, the most memory that the
/// command had, and how long it took.
#[cfg(target_os = "linux")]
fn check(cli: &Cli, flow: &str) -> (Option<String>, u64, Duration) {
    use std::io::Read as _;
    use std::process::Stdio;
    let mut command = cli.command();
    command.args(["check", flow, "--json"]).env("FLOWHOST_CACHE", "");
    #[expect(clippy::disallowed_methods, reason = "what it took is printed, nothing depends on it")]
    let started = std::time::Instant::now();
    let mut child = command.stdout(Stdio::piped()).spawn().expect("the command");
    let status = format!("/proc/{}/status", child.id());
    let mut most = 0;
    while child.try_wait().expect("a child").is_none() {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        // Just begun, it may still have the memory of who started it.
        let begun = text.starts_with("Name:\tflowhost");
        let peak = text.lines().find_map(|line| line.strip_prefix("VmHWM:")).filter(|_| begun);
        let kib = peak.and_then(|text| text.trim().strip_suffix(" kB")?.parse::<u64>().ok());
        most = most.max(kib.unwrap_or(0) << 10);
        std::thread::sleep(Duration::from_millis(2));
    }
    let took = started.elapsed();
    let mut text = String::new();
    child.stdout.take().expect("output").read_to_string(&mut text).expect("text");
    let answer: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    (answer["error"]["code"].as_str().map(str::to_owned), most, took)
}
