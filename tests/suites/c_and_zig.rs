//! Actions in C, C++ and Zig: the examples of the kits do what they say and their own
//! tests are green, what is missing or wrong is named, and a build leaves nothing but its
//! component.

mod printing;
mod texts;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use flowhost_tests::{Cli, Ran, bounded, home, pip, project};
use serde_json::{Value, json};

/// What is installed, and never anything newer by itself.
const ZIGLANG: &str = "ziglang==0.17.1";

/// The first time the libraries of C and C++ are compiled, too.
const COMPILING: Duration = Duration::from_secs(600);

const OK: &str = "#include <flowhost_action.h>\nfh_result on_execute(void) { return fh_ok(); }\n";

/// What the environment of a build needs: where zig is. None, and the test is ignored,
/// where it cannot be installed.
pub(super) fn zig() -> Option<[(&'static str, OsString); 2]> {
    let zig = pip(ZIGLANG)?.join("python-zig");
    let cache = home().join("cache/zig");
    Some([("FLOWHOST_ZIG", zig.into()), ("ZIG_GLOBAL_CACHE_DIR", cache.into())])
}

/// The command, in a folder of its own, with zig.
struct Builder {
    cli: Cli,
    zig: [(&'static str, OsString); 2],
}

impl Builder {
    fn new() -> Option<Self> {
        Some(Builder { zig: zig()?, cli: Cli::new() })
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        self.run_with(arguments, &[])
    }

    fn run_with(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Ran {
        let mut command = self.cli.command();
        command.args(arguments).envs(self.zig.clone()).envs(environment.iter().copied());
        ran(command)
    }

    /// What one action in C, built and run, comes to.
    fn outcome(&self, source: &str) -> Value {
        self.cli.write("action.c", source);
        self.cli.write("flow.toml", flow("action.c"));
        let ran = self.run(&["run", "flow.toml", "--event", "event.json", "--json"]);
        serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{ran:#?}"))
    }
}

fn ran(mut command: Command) -> Ran {
    let output = command.output().expect("the command");
    Ran {
        exit: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).expect("UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

fn flow(source: &str) -> String {
    format!(
        "name = \"f\"\ntrigger = \"post-challenge@1\"\n[[action]]\nname = \"a\"\n\
         source = \"{source}\"\n"
    )
}

fn kit(part: &str) -> PathBuf {
    project().join("guest-sdk").join(part)
}

/// What the test of an action in C is linked with.
fn parts() -> [PathBuf; 3] {
    ["flowhost_action.c", "flowhost_text.c", "flowhost_json.c"].map(|part| kit("c").join(part))
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8"))
        .collect();
    names.sort();
    names
}

// The examples.

#[test]
fn the_examples_do_what_they_say() {
    let Some(builder) = Builder::new() else { return };
    let play = |example: &str, change: &dyn Fn(&mut Value)| {
        let mut event = flowhost_tests::event();
        change(&mut event);
        builder.cli.write("event.json", event.to_string());
        let flow = kit(example).join("flow.toml");
        let arguments = ["run", &flow.to_string_lossy(), "--event", "event.json", "--json"];
        builder.run_with(&arguments, &[("TOKEN_KEY", "a key that only the verifier has")])
    };
    let mfa = "c/examples/require-mfa";
    play(mfa, &|event| event["connection"]["name"] = json!("customers")).exits(0);
    play(mfa, &|event| event["connection"]["name"] = json!("employees")).exits(11);
    let network = "c/examples/deny-by-network";
    play(network, &|event| event["request"]["ip"] = json!("203.0.113.1")).exits(0);
    play(network, &|event| event["request"]["ip"] = json!("198.51.100.7")).exits(10);
    let redirect = play("zig/examples/redirect-verify", &|_| ()).exits(12).json();
    let url = redirect["redirect"]["url"].as_str().expect("a URL");
    assert!(url.starts_with("https://verify.example.com/start?session_token=ey"), "{url}");
    let state = redirect["redirect"]["state"].as_str().expect("a state");
    // Without a token.
    builder.run_with(&["resume", state], &[("TOKEN_KEY", "the same")]).exits(10);
}

#[test]
fn the_tests_of_the_examples_are_green() {
    let Some(builder) = Builder::new() else { return };
    let c = kit("c");
    let [mfa, network] =
        ["require-mfa", "deny-by-network"].map(|example| c.join("examples").join(example));
    let parts = parts();
    let include = format!("-I{}", c.display());
    let program = |name: &str| builder.cli.path().join(name);

    let mut test = builder.compiler();
    test.args(["cc", "-Wall", "-Wextra", "-Werror", &include]);
    test.args(["action.c", "test_action.c"]).args(&parts).arg("-o").arg(program("c"));
    green(test.current_dir(&mfa));
    green(&mut Command::new(program("c")));

    let mut objects = Vec::new();
    for (number, part) in parts.iter().enumerate() {
        let object = program(&format!("{number}.o"));
        green(builder.compiler().args(["cc", "-c"]).arg(part).arg("-o").arg(&object));
        objects.push(object);
    }
    let mut test = builder.compiler();
    test.args(["c++", "-std=c++20", "-Wall", "-Wextra", "-Werror", &include]);
    test.args(["action.cpp", "network.cpp", "test_action.cpp"]);
    test.args(&objects).arg("-o").arg(program("cpp"));
    green(test.current_dir(&network));
    green(&mut Command::new(program("cpp")));

    let kit = format!("-Mflowhost={}", kit("zig/flowhost.zig").display());
    let example = self::kit("zig/examples/redirect-verify");
    let mut test = builder.compiler();
    test.args(["test", "--dep", "flowhost", "-Mroot=action.zig", &kit, "--cache-dir"]);
    green(test.arg(program("cache")).current_dir(example));
}

/// The examples are as `zig fmt` writes them, the contract too.
#[test]
fn the_kit_for_zig_is_formatted() {
    let Some(builder) = Builder::new() else { return };
    green(builder.compiler().args(["fmt", "--check"]).arg(kit("zig")));
}

impl Builder {
    fn compiler(&self) -> Command {
        let mut zig = Command::new(&self.zig[0].1);
        zig.envs(self.zig.clone());
        zig
    }
}

#[track_caller]
fn green(command: &mut Command) {
    let (green, said) = bounded(command, COMPILING);
    assert!(green, "{command:?}\n{said}");
}

// What is missing or wrong.

#[test]
fn a_missing_compiler_is_named_with_how_to_have_it() {
    let cli = Cli::new();
    cli.write("action.c", OK);
    cli.write("action.zig", "pub fn onExecute() !void {}\n");
    let nowhere: [(&str, &str); 2] = [("PATH", "/nowhere"), ("FLOWHOST_ZIG", "/nowhere/zig")];
    for source in ["action.c", "action.zig"] {
        for (name, value) in nowhere {
            let mut command = cli.command();
            command.env_remove("FLOWHOST_ZIG").env(name, value);
            command.args(["build", source, "--json"]);
            let error = ran(command).exits(3).json()["error"].clone();
            assert_eq!(error["code"], "toolchain_missing", "{error:#}");
            let hint = error["hint"].as_str().expect("a hint");
            assert!(hint.starts_with(&format!("pip install {ZIGLANG} ")), "{hint}");
        }
    }
    assert!(!cli.path().join("action.wasm").exists());
}

/// What lies beside an action is not flowhost's to execute, whatever it is called.
#[cfg(unix)]
#[test]
fn the_package_of_a_python_is_found_and_no_stranger_of_its_name() {
    use std::os::unix::fs::PermissionsExt as _;

    let Some(builder) = Builder::new() else { return };
    let bin = builder.cli.path().join("bin");
    let folder = builder.cli.path().join("folder");
    for made in [&bin, &folder] {
        std::fs::create_dir(made).expect("a folder");
    }
    // No more is on the path than the Python that has the package.
    let python = Path::new(&builder.zig[0].1).with_file_name("python3");
    let script = format!("#!/bin/sh\nexec '{}' \"$@\"\n", python.display());
    std::fs::write(bin.join("python3"), script).expect("written");
    let program = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(bin.join("python3"), program).expect("a program");
    std::fs::write(folder.join("action.c"), OK).expect("written");
    for place in [folder.as_path(), builder.cli.path()] {
        let stranger = "open('executed', 'w')\n";
        std::fs::write(place.join("ziglang.py"), stranger).expect("written");
    }
    let mut command = builder.cli.command();
    command.envs(builder.zig.clone()).env_remove("FLOWHOST_ZIG").env("PATH", &bin);
    // Not even where the variables of Python lead there.
    command.env("PYTHONPATH", &folder).args(["build", "folder"]);
    ran(command).exits(0);
    assert_eq!(names(&folder), ["action.c", "action.wasm", "ziglang.py"]);
    assert!(!builder.cli.path().join("executed").exists());
}

#[test]
fn what_makes_no_component_is_told_in_words() {
    let Some(builder) = Builder::new() else { return };
    builder.cli.write(
        "action.c",
        "#include <flowhost_action.h>\n\
         __attribute__((import_module(\"somebody\"), import_name(\"elses\"))) void elses(void);\n\
         fh_result on_execute(void) { elses(); return fh_ok(); }\n",
    );
    let ran = builder.run(&["build", "action.c", "--json"]).exits(2);
    let error = ran.json()["error"].clone();
    let message = error["message"].as_str().expect("a message");
    assert!(message.contains("somebody"), "{message}");
    let debug = ["Error {", "Caused by", "\n", "Some(", "backtrace"];
    assert!(!debug.iter().any(|text| message.contains(text)), "{message}");
}

#[cfg(unix)]
#[test]
fn a_zig_of_another_version_will_not_do_for_zig() {
    use std::os::unix::fs::PermissionsExt as _;

    let cli = Cli::new();
    cli.write("action.zig", "pub fn onExecute() !void {}\n");
    let old = cli.write("old-zig", "#!/bin/sh\necho 0.13.0\n");
    let program = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(&old, program).expect("a program");
    let mut command = cli.command();
    command.env("FLOWHOST_ZIG", &old).args(["build", "action.zig", "--json"]);
    let error = ran(command).exits(3).json()["error"].clone();
    assert_eq!(error["code"], "toolchain_missing");
    let message = error["message"].as_str().expect("a message");
    assert!(message.contains("0.13.0") && message.contains("0.17.1"), "{message}");
}

#[test]
fn what_does_not_compile_is_shown_where_it_is_and_leaves_nothing() {
    let Some(builder) = Builder::new() else { return };
    let folder = builder.cli.path().join("wrong");
    let temporary = builder.cli.path().join("temporary");
    for made in [&folder, &temporary] {
        std::fs::create_dir(made).expect("a folder");
    }
    let wrong = [
        ("action.c", "#include <flowhost_action.h>\n\nfh_result on_execute(void) { return 7; }\n"),
        (
            "action.cpp",
            "#include <flowhost_action.hpp>\n\nflowhost::result on_execute() { return 7; }\n",
        ),
        (
            "action.zig",
            "const fh = @import(\"flowhost\");\n\npub fn onExecute() !void { fh.no(); }\n",
        ),
    ];
    for (name, source) in wrong {
        std::fs::write(folder.join(name), source).expect("written");
        let path = format!("wrong/{name}");
        let environment = [("TMPDIR", &*temporary.to_string_lossy())];
        let ran = builder.run_with(&["build", &path, "--json"], &environment).exits(2);
        let error = &ran.json()["error"];
        assert_eq!(error["code"], "build_failed", "{error:#}");
        let message = error["message"].as_str().expect("a message");
        assert!(message.contains(&format!("{name}:3:")), "{message}");
        assert_eq!(names(&folder), [name]);
        assert_eq!(names(&temporary), [""; 0]);
        std::fs::remove_file(folder.join(name)).expect("removed");
    }
}

#[test]
fn an_action_without_a_handler_is_told_how_to_write_one() {
    let Some(builder) = Builder::new() else { return };
    let mute = [
        ("a.c", "int unused;\n", "fh_result on_execute(void)"),
        ("a.cpp", "int unused;\n", "on_execute"),
        ("a.zig", "pub const unused = 1;\n", "pub fn onExecute() !void"),
    ];
    for (name, source, handler) in mute {
        builder.cli.write(name, source);
        let ran = builder.run(&["build", name, "--json"]).exits(2);
        let error = ran.json()["error"].clone();
        assert_eq!(error["code"], "build_failed", "{error:#}");
        assert!(error["hint"].as_str().is_some_and(|hint| hint.contains(handler)), "{error:#}");
    }
}

#[test]
fn a_system_that_no_action_has_is_refused_by_name() {
    let Some(builder) = Builder::new() else { return };
    builder.cli.write(
        "action.c",
        "#include <flowhost_action.h>\n#include <stdio.h>\nfh_result on_execute(void) {\n  \
         return fh_deny(fopen(\"/etc/passwd\", \"r\") == NULL ? \"no\" : \"yes\");\n}\n",
    );
    let ran = builder.run(&["build", "action.c", "--json"]).exits(2);
    assert!(ran.stdout.contains("wasi:filesystem"), "{}", ran.stdout);
    assert!(!builder.cli.path().join("action.wasm").exists());
}

// What is built.

#[test]
fn an_action_has_the_handlers_that_its_source_defines() {
    let Some(builder) = Builder::new() else { return };
    let sources = [
        ("one.c", OK.to_owned(), false),
        ("two.c", OK.to_owned() + "fh_result on_continue(void) { return fh_ok(); }\n", true),
        ("one.zig", "pub fn onExecute() void {}\n".to_owned(), false),
        ("two.zig", "pub fn onExecute() void {}\npub fn onContinue() !void {}\n".to_owned(), true),
    ];
    for (name, source, has_continue) in sources {
        builder.cli.write(name, source);
        let built = builder.run(&["build", name, "--json"]).exits(0).json();
        assert_eq!(built["has_continue"], has_continue, "{name}");
        let size = built["size"].as_u64().expect("a size");
        assert!(size < 16 * 1024, "{name}: {size}");
    }
}

/// In a folder with a space in its name.
#[test]
fn two_builds_at_once_do_not_meet() {
    let Some(builder) = Builder::new() else { return };
    for (name, source) in [("action.c", OK), ("action.zig", "pub fn onExecute() void {}\n")] {
        let folder = builder.cli.path().join(format!("an {name}"));
        std::fs::create_dir(&folder).expect("a folder");
        std::fs::write(folder.join(name), source).expect("written");
        let path = format!("an {name}");
        let digests = std::thread::scope(|scope| {
            let builds = [(); 2]
                .map(|()| scope.spawn(|| builder.run(&["build", &path, "--json"]).exits(0).json()));
            builds.map(|build| build.join().expect("no panic")["digest"].clone())
        });
        assert!(digests[0].is_string() && digests[0] == digests[1], "{digests:?}");
        let mut left = [name, "action.wasm"];
        left.sort_unstable();
        assert_eq!(names(&folder), left);
    }
}

#[test]
fn a_folder_is_one_action_with_its_own_flags_and_without_its_tests() {
    let Some(builder) = Builder::new() else { return };
    let folder = builder.cli.path().join("parts");
    std::fs::create_dir_all(folder.join("include")).expect("a folder");
    let files = [
        ("compile_flags.txt", "-Iinclude\n-DREASON=\"because\"\n"),
        ("include/reason.h", "const char *reason(void);\n"),
        ("reason.c", "#include <reason.h>\nconst char *reason(void) { return REASON; }\n"),
        ("test_action.c", "this is no C\n"),
        (
            "action.cpp",
            "#include <flowhost_action.hpp>\nextern \"C\" {\n#include <reason.h>\n}\n\
             flowhost::result on_execute() { return flowhost::deny(reason()); }\n",
        ),
    ];
    for (name, text) in files {
        std::fs::write(folder.join(name), text).expect("written");
    }
    builder.cli.write("flow.toml", flow("parts"));
    let ran = builder.run(&["run", "flow.toml", "--event", "event.json", "--json"]).exits(10);
    assert_eq!(ran.json()["denied"]["reason"], "because");
}

#[test]
fn clocks_and_randomness_are_the_hosts() {
    let Some(builder) = Builder::new() else { return };
    let source = "#include <flowhost_action.h>\n#include <time.h>\n#include <unistd.h>\n\
         fh_result on_execute(void) {\n  unsigned char random[8] = { 0 };\n  \
         if (getentropy(random, sizeof random) != 0) return fh_fail(\"E\", \"no entropy\");\n  \
         int64_t number = 0;\n  memcpy(&number, random, sizeof number);\n  \
         return fh_deny(fh_concat(fh_from_int(time(NULL)), \" \", fh_from_int(number)));\n}\n";
    let now = || std::time::SystemTime::UNIX_EPOCH.elapsed().expect("a time").as_secs();
    let before = now();
    let mut numbers = Vec::new();
    for _ in 0..2 {
        let outcome = builder.outcome(source);
        let reason = outcome["denied"]["reason"].as_str().unwrap_or_else(|| panic!("{outcome:#}"));
        let (time, number) = reason.split_once(' ').expect("two numbers");
        let time: u64 = time.parse().expect("a time");
        assert!((before..=now()).contains(&time), "{time}");
        numbers.push(number.to_owned());
    }
    assert_ne!(numbers[0], numbers[1]);
}

/// More than the kit has room for at once, and memory of the C library beside it.
#[test]
fn memory_grows_and_is_bounded() {
    let Some(builder) = Builder::new() else { return };
    let source = |blocks: &str| {
        "#include <flowhost_action.h>\n#include <stdlib.h>\nfh_result on_execute(void) {\n  \
         for (int i = 0; i < BLOCKS; i++) {\n    char *ours = fh_alloc(100000);\n    \
         char *theirs = malloc(100000);\n    if (theirs == NULL) abort();\n    \
         memset(ours, 1, 100000);\n    memset(theirs, 2, 100000);\n    \
         fh_user user = fh_get_user();\n    \
         if (user.user_id.len == 0 || ours[99999] != 1 || theirs[0] != 2) abort();\n  }\n  \
         return fh_ok();\n}\n"
            .replace("BLOCKS", blocks)
    };
    let outcome = builder.outcome(&source("20"));
    assert_eq!(outcome["outcome"], "completed", "{outcome:#}");
    let outcome = builder.outcome(&source("2000"));
    assert_eq!(outcome["failed"]["code"], "memory_limit_exceeded", "{outcome:#}");
}

#[test]
fn a_bug_says_in_which_function_it_was() {
    let Some(builder) = Builder::new() else { return };
    let outcome = builder.outcome(
        "#include <flowhost_action.h>\n#include <stdlib.h>\n\
         __attribute__((noinline)) static void look_here(void) { abort(); }\n\
         fh_result on_execute(void) { look_here(); return fh_ok(); }\n",
    );
    assert_eq!(outcome["outcome"], "failed");
    assert!(outcome.to_string().contains("look_here"), "{outcome:#}");
}
