//! Text in C, C++ and Zig: what is not UTF-8 is mended instead of ending the run, and a
//! text is found in a large object without taking its size again and again.

use std::process::Command;

use serde_json::{Map, Value, json};

use super::{Builder, flow, green, kit};

const MENDED: &str = "a\u{fffd}b\u{fffd}";

/// The commands and messages of each call with text, in one run.
#[track_caller]
fn is_mended(outcome: &Value) {
    let run = &outcome["runs"][0];
    assert_eq!(outcome["failed"]["message"], format!("{MENDED}: {MENDED}"), "{outcome:#}");
    let logs = run["logs"].as_array().expect("logs");
    let messages: Vec<&str> = logs.iter().filter_map(|line| line["message"].as_str()).collect();
    assert_eq!(messages[0], MENDED, "{messages:?}");
    assert_eq!(messages[1], "UnknownSecret CacheKeyDoesNotExist none", "{messages:?}");
    assert!(
        messages.iter().any(|message| message.contains(&format!("at {MENDED}"))),
        "{messages:?}"
    );
}

#[test]
fn calls_in_c_mend_what_is_not_utf8() {
    let Some(builder) = Builder::new() else { return };
    let outcome = builder.outcome(
        "#include <flowhost_action.h>\n#define BAD \"a\\xff\" \"b\\xc3\"\n\
         fh_result on_execute(void) {\n  fh_log(FH_LEVEL_INFO, BAD);\n  fh_string token;\n  \
         fh_result signing = fh_encode_token(fh_secret_named(BAD), BAD, &token);\n  \
         FH_TRY(fh_cache_set(BAD, BAD, NULL));\n  FH_TRY(fh_cache_delete(\"a\u{fffd}b\u{fffd}\"));\n  \
         fh_result gone = fh_cache_delete(BAD);\n  \
         fh_option_string none = fh_get_text_at(BAD);\n  \
         fh_log(FH_LEVEL_INFO, fh_concat(fh_error(signing), \" \", fh_error(gone), \" \",\n    \
         fh_or(none, \"none\")));\n  FH_TRY(fh_deny(BAD));\n  \
         FH_TRY(fh_challenge_with(fh_other(BAD, fh_none())));\n  \
         FH_TRY(fh_send_user_to_with(\"https://verify.example.com/\", FH_QUERY(fh_pair_of(BAD, BAD))));\n  \
         FH_TRY(fh_set_result_url(\"https://app.example.com/?\" BAD));\n  \
         return fh_fail_at(BAD, BAD, fh_some(\"at \" BAD));\n}\n",
    );
    is_mended(&outcome);
}

#[test]
fn calls_in_zig_mend_what_is_not_utf8() {
    let Some(builder) = Builder::new() else { return };
    builder.cli.write(
        "action.zig",
        "const fh = @import(\"flowhost\");\nconst bad = \"a\\xffb\\xc3\";\n\
         pub fn onExecute() !void {\n    fh.log(.info, bad);\n    \
         _ = fh.encodeToken(.{ .named = bad }, bad, null) catch {};\n    \
         const signing = fh.refusal().name;\n    _ = try fh.cache.set(bad, bad, .{});\n    \
         try fh.cache.delete(\"a\u{fffd}b\u{fffd}\");\n    fh.cache.delete(bad) catch {};\n    \
         const none = fh.event.textAt(bad) orelse \"none\";\n    \
         fh.log(.info, fh.format(\"{s} {s} {s}\", .{ signing, fh.refusal().name, none }));\n    \
         try fh.deny(bad);\n    \
         try fh.challengeWith(.{ .other = .{ .type = bad } }, &.{});\n    \
         try fh.sendUserTo(\"https://verify.example.com/\", &.{.{ bad, bad }});\n    \
         try fh.setResultUrl(\"https://app.example.com/?\" ++ bad, &.{});\n    \
         return fh.failAt(bad, bad, \"at \" ++ bad);\n}\n",
    );
    builder.cli.write("flow.toml", flow("action.zig"));
    is_mended(&builder.run(&["run", "flow.toml", "--event", "event.json", "--json"]).json());
}

/// The same in a test of an action, which has no host. The cases are those that tell a
/// byte too many from a character too few.
#[test]
fn what_is_mended_is_what_unicode_says() {
    let Some(builder) = Builder::new() else { return };
    let cases = [
        ("Gr\u{fc}\u{df}e \u{4f60} \u{1f600}", "Gr\u{fc}\u{df}e \u{4f60} \u{1f600}"),
        ("\\xe2\\x82", "\u{fffd}"),
        ("\\xf0\\x9f\\x98!", "\u{fffd}!"),
        ("\\xc0\\xaf", "\u{fffd}\u{fffd}"),
        ("\\xed\\xa0\\x80", "\u{fffd}\u{fffd}\u{fffd}"),
        ("\\xf4\\x90\\x80\\x80", "\u{fffd}\u{fffd}\u{fffd}\u{fffd}"),
        ("12345678\\xff", "12345678\u{fffd}"),
    ];
    let checks = cases.map(|(from, to)| {
        format!("  if (!fh_eq(fh_utf8(\"{from}\"), \"{to}\")) {{ puts(\"{to}\"); return 1; }}\n")
    });
    builder.cli.write(
        "mended.c",
        format!(
            "#include <flowhost_testing.h>\nint main(void) {{\n{}  return 0;\n}}\n",
            checks.concat()
        ),
    );
    let mut compile = builder.compiler();
    compile.arg("cc").arg(format!("-I{}", kit("c").display())).arg("mended.c");
    compile.args(super::parts()).args(["-o", "mended"]).current_dir(builder.cli.path());
    green(&mut compile);
    green(&mut Command::new(builder.cli.path().join("mended")));
    let mut test = builder.compiler();
    test.arg("test").arg(kit("zig/text.zig")).arg("--cache-dir");
    green(test.arg(builder.cli.path().join("cache")));
}

#[test]
fn a_text_is_found_in_a_large_object_with_little_memory() {
    let Some(builder) = Builder::new() else { return };
    let mut metadata: Map<String, Value> = (0..2400)
        .map(|n| (format!("key-{n}"), json!(format!("value \"{n}\" {}", "x".repeat(12)))))
        .collect();
    metadata.insert("last".to_owned(), json!("found \u{1f600} \"it\""));
    let mut event = flowhost_tests::event();
    event["user"]["app_metadata"] = metadata.into();
    assert!(event["user"]["app_metadata"].to_string().len() > 89_000);
    builder.cli.write("event.json", event.to_string());
    let outcome = builder.outcome(
        "#include <flowhost_action.h>\nfh_result on_execute(void) {\n  \
         return fh_deny(fh_or(fh_json_text(fh_get_app_metadata(), \"last\"), \"nothing\"));\n}\n",
    );
    assert_eq!(outcome["denied"]["reason"], "found \u{1f600} \"it\"", "{outcome:#}");
    let memory = outcome["runs"][0]["memory_bytes"].as_u64();
    assert!(memory.is_some_and(|memory| memory < 1024 * 1024), "{memory:?}");
}

/// Escapes, halves of characters, and members that are no text or there twice.
#[test]
fn a_text_of_an_object_is_read_as_json_has_it() {
    let Some(builder) = Builder::new() else { return };
    let cases = [
        (r#"{"a":"b"}"#, "a", "b"),
        (r#" { "n" : [1, {"a":"]"}] , "a" : "\u00fc\ud83d\ude00\n" } "#, "a", "\u{fc}\u{1f600}\n"),
        (r#"{"a":"one","a":"two"}"#, "a", "two"),
        (r#"{"a":"one","a":2}"#, "a", "none"),
        (r#"{"\u0061\"":"escaped"}"#, "a\"", "escaped"),
        (r#"{"a":"\ud83d!\ude00"}"#, "a", "\u{fffd}!\u{fffd}"),
        (r#"{"a":""}"#, "a", ""),
        (r#"{"b":true}"#, "a", "none"),
    ];
    let checks = cases.map(|(object, name, text)| {
        let escaped = |text: &str| {
            text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
        };
        format!(
            "  if (!fh_eq(fh_or(fh_json_text(fh_text(\"{}\"), \"{}\"), \"none\"), \"{}\")) return {};\n",
            escaped(object),
            escaped(name),
            escaped(text),
            name.len() + object.len()
        )
    });
    builder.cli.write(
        "read.c",
        format!(
            "#include <flowhost_testing.h>\nint main(void) {{\n{}  return 0;\n}}\n",
            checks.concat()
        ),
    );
    let mut compile = builder.compiler();
    compile.arg("cc").arg(format!("-I{}", kit("c").display())).arg("read.c");
    compile.args(super::parts()).args(["-o", "read"]).current_dir(builder.cli.path());
    green(&mut compile);
    green(&mut Command::new(builder.cli.path().join("read")));
}

/// A double that forgets its bounds hides what the host will say.
#[test]
fn the_doubles_refuse_what_is_too_much() {
    let Some(builder) = Builder::new() else { return };
    builder.cli.write(
        "bounds.zig",
        "const std = @import(\"std\");\nconst fh = @import(\"flowhost\");\ntest {\n    \
         fh.testing.start(.{});\n    for (0..32) |_| try fh.deny(\"no\");\n    \
         try std.testing.expectError(error.Refused, fh.deny(\"no\"));\n    \
         try std.testing.expectEqualStrings(\"MaxSideEffectsExceeded\", fh.refusal().name);\n    \
         try std.testing.expectEqual(32, fh.testing.commands().len);\n    \
         for (0..20) |n| _ = try fh.cache.set(fh.format(\"{d}\", .{n}), \"v\", .{});\n    \
         try std.testing.expectError(error.Refused, fh.cache.set(\"more\", \"v\", .{}));\n    \
         try std.testing.expectEqualStrings(\"CacheSizeExceeded\", fh.refusal().name);\n    \
         _ = try fh.cache.set(\"7\", \"anew\", .{});\n}\n",
    );
    let flowhost = format!("-Mflowhost={}", kit("zig/flowhost.zig").display());
    let mut test = builder.compiler();
    test.args([
        "test",
        "--dep",
        "flowhost",
        "-Mroot=bounds.zig",
        &flowhost,
        "--cache-dir",
        "cache",
    ]);
    green(test.current_dir(builder.cli.path()));
    builder.cli.write(
        "bounds.c",
        "#include <flowhost_testing.h>\nint main(void) {\n  fh_test_start();\n  \
         for (int i = 0; i < 32; i++) if (fh_failed(fh_deny(\"no\"))) return 1;\n  \
         if (!fh_eq(fh_error(fh_deny(\"no\")), \"MaxSideEffectsExceeded\")) return 2;\n  \
         for (int i = 0; i < 20; i++) {\n    \
         if (fh_failed(fh_cache_set(fh_from_int(i), \"v\", NULL))) return 3;\n  }\n  \
         if (!fh_eq(fh_error(fh_cache_set(\"more\", \"v\", NULL)), \"CacheSizeExceeded\")) return 4;\n  \
         return fh_failed(fh_cache_set(\"7\", \"anew\", NULL)) ? 5 : 0;\n}\n",
    );
    let mut compile = builder.compiler();
    compile.arg("cc").arg(format!("-I{}", kit("c").display())).arg("bounds.c");
    compile.args(super::parts()).args(["-o", "bounds"]).current_dir(builder.cli.path());
    green(&mut compile);
    green(&mut Command::new(builder.cli.path().join("bounds")));
}
