//! Values that break the rules of the component model on their way into the
//! host: texts, enums, variants, lists, pointers and handles. Each is one
//! component; a broken rule ends the run as a trap, whatever was asked for before.

use super::shell::Shell;
use super::{Limits, comes_to};

/// What a component says when a rule was broken.
const TRAPPED: &str = "run: action_trapped";

/// A level and a text for the log.
fn log(level: &str, at: &str, len: &str) -> String {
    format!("(call $log-write (i32.const {level}) (i32.const {at}) (i32.const {len}))")
}

/// Runs a table of cases: a name, the code, and what it comes to.
fn each(cases: &[(&str, String, &str)], shell: &Shell<'_>) -> usize {
    let wrong: Vec<String> = cases
        .iter()
        .filter_map(|(name, code, expected)| {
            let bytes = Shell { execute: code, ..*shell }.bytes();
            let found = comes_to(bytes, &Limits::default());
            (found != *expected).then(|| format!("{name}: expected {expected}, found {found}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    cases.len()
}

#[test]
fn a_text_lies_in_memory_from_its_first_byte_to_its_last() {
    let fine = "run: completed";
    let cases = [
        ("all of memory's last byte", log("1", "65535", "1"), fine),
        ("nothing, at the end", log("1", "65536", "0"), fine),
        ("one byte past the end", log("1", "65535", "2"), TRAPPED),
        ("behind the end", log("1", "65536", "1"), TRAPPED),
        ("nothing, behind the end", log("1", "65537", "0"), TRAPPED),
        ("2^31 bytes", log("1", "64", "0x80000000"), TRAPPED),
        ("2^31 - 1 bytes", log("1", "64", "0x7fffffff"), TRAPPED),
        ("2^32 - 1 bytes", log("1", "64", "-1"), TRAPPED),
        ("at the end of all addresses", log("1", "-1", "1"), TRAPPED),
        ("over the end of all addresses", log("1", "-1", "2"), TRAPPED),
        ("over the end and back to the start", log("1", "-16", "32"), TRAPPED),
    ];
    each(&cases, &Shell::default());
}

#[test]
fn a_text_is_unicode() {
    let mut wrong = Vec::new();
    for (name, bytes, expected) in [
        ("NUL is a character", "\\00", "run: completed"),
        ("so is the last of the first plane", "\\ef\\bf\\bf", "run: completed"),
        ("and the last of all", "\\f4\\8f\\bf\\bf", "run: completed"),
        ("a continuation alone", "\\80", TRAPPED),
        ("a start alone", "\\c3", TRAPPED),
        ("cut after two of three", "\\e2\\82", TRAPPED),
        ("cut after three of four", "\\f0\\9f\\98", TRAPPED),
        ("NUL in two bytes", "\\c0\\80", TRAPPED),
        ("a slash in three bytes", "\\e0\\80\\af", TRAPPED),
        ("a slash in four bytes", "\\f0\\80\\80\\af", TRAPPED),
        ("the first surrogate", "\\ed\\a0\\80", TRAPPED),
        ("the last surrogate", "\\ed\\bf\\bf", TRAPPED),
        ("a pair of surrogates", "\\ed\\a0\\bd\\ed\\b8\\80", TRAPPED),
        ("past the last character", "\\f4\\90\\80\\80", TRAPPED),
        ("five bytes", "\\f8\\88\\80\\80\\80", TRAPPED),
        ("no byte of any character", "\\ff\\fe", TRAPPED),
        ("good, and at last bad", "good\\80", TRAPPED),
    ] {
        let data = format!("(data (i32.const 64) \"{bytes}\")");
        let len = bytes.replace("\\", "").len();
        let len = if bytes.starts_with("good") { 5 } else { len / 2 };
        let code = log("1", "64", &len.to_string());
        let shell = Shell { fields: &data, execute: &code, ..Shell::default() };
        let found = comes_to(shell.bytes(), &Limits::default());
        if found != expected {
            wrong.push(format!("{name}: expected {expected}, found {found}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_text_in_other_encodings_is_unicode_too() {
    // At 64 a pair of surrogates, at 72 its halves the wrong way around.
    let fields =
        "(data (i32.const 64) \"\\3d\\d8\\00\\de\") (data (i32.const 72) \"\\00\\de\\3d\\d8\")
    (data (i32.const 80) \"\\e4\\f6\\fc\")";
    let utf16 = Shell { fields, encoding: "utf16", ..Shell::default() };
    let cases = [
        ("a pair", log("1", "64", "2"), "run: completed"),
        ("the first half", log("1", "64", "1"), TRAPPED),
        ("the second half", log("1", "66", "1"), TRAPPED),
        ("the wrong way around", log("1", "72", "2"), TRAPPED),
        ("at an odd address", log("1", "65", "1"), TRAPPED),
        ("2^31 units", log("1", "64", "0x80000000"), TRAPPED),
        ("one unit past the end", log("1", "65534", "2"), TRAPPED),
        ("a short way around", log("1", "64", "0x80000001"), TRAPPED),
    ];
    each(&cases, &utf16);
    let latin1 = Shell { fields, encoding: "latin1+utf16", ..Shell::default() };
    let cases = [
        ("three letters", log("1", "80", "3"), "run: completed"),
        ("a pair, tagged", log("1", "64", "0x80000002"), "run: completed"),
        ("half a pair, tagged", log("1", "64", "0x80000001"), TRAPPED),
        ("all the units there can be", log("1", "64", "-1"), TRAPPED),
        ("all the letters there can be", log("1", "64", "0x7fffffff"), TRAPPED),
        ("tagged, at an odd address", log("1", "65", "0x80000001"), TRAPPED),
    ];
    each(&cases, &latin1);
}

/// `challenge-with`, whose first parameters are those of a factor.
fn factor(values: &str) -> String {
    challenge(&[values, "0 0"].join(" "))
}

fn challenge(values: &str) -> String {
    let values: String = values.split(' ').map(|value| format!("(i32.const {value}) ")).collect();
    format!("(call $challenge-with {values}(i32.const 128))")
}

#[test]
fn an_enum_or_a_variant_has_the_cases_it_has() {
    let cases = [
        ("the last level", log("3", "64", "0"), "run: completed"),
        ("one level more", log("4", "64", "0"), TRAPPED),
        ("a level of 256", log("256", "64", "0"), TRAPPED),
        ("a level of 2^32 - 1", log("-1", "64", "0"), TRAPPED),
        ("the first factor", factor("0 7 7 7 7 7"), "run: challenge"),
        ("one factor more", factor("8 0 0 0 0 0"), TRAPPED),
        ("a factor of 256", factor("256 0 0 0 0 0"), TRAPPED),
        ("a factor of 2^31", factor("0x80000000 0 0 0 0 0"), TRAPPED),
        ("no such option", factor("4 2 0 0 0 0"), TRAPPED),
        ("an option out of bounds", factor("4 1 -1 9 0 0"), TRAPPED),
        ("the last way to phone", factor("5 1 2 0 0 0"), "run: challenge"),
        ("one way more to phone", factor("5 1 3 0 0 0"), TRAPPED),
        ("no such option to phone", factor("5 256 0 0 0 0"), TRAPPED),
        ("all that is not 0 is true", factor("6 1 2 0 0 0"), "run: challenge"),
        ("no such option to push", factor("6 2 0 0 0 0"), TRAPPED),
        ("another factor out of bounds", factor("7 65536 1 0 0 0"), TRAPPED),
        ("another factor, no such option", factor("7 64 0 2 0 0"), TRAPPED),
        ("another factor's options out of bounds", factor("7 64 0 1 -8 16"), TRAPPED),
    ];
    each(&cases, &Shell::default());
}

#[test]
fn a_list_lies_in_memory_with_all_that_is_in_it() {
    // Factors of 24 bytes: at 256 one-time password with rubbish behind it, at
    // 512 no such case, at 1024 a phone that is called in no such way.
    let fields = "(data (i32.const 256) \"\\00\\ff\\ff\\ff\\ff\\ff\\ff\\ff\") (data (i32.const 512) \"\\08\")
    (data (i32.const 1024) \"\\05\\00\\00\\00\\01\\03\") (data (i32.const 2048) \"https://a.example/\")
    (data (i32.const 3072) \"\\00\\10\\00\\00\\01\\00\\00\\00\\ff\\ff\\ff\\7f\\01\\00\\00\\00\")
    (data (i32.const 4096) \"\\80\")
    (data (i32.const 3200) \"\\00\\08\\00\\00\\01\\00\\00\\00\\00\\10\\00\\00\\01\\00\\00\\00\")
    (data (i32.const 3400) \"\\00\\08\\00\\00\\01\\00\\00\\00\\ff\\ff\\ff\\7f\\01\\00\\00\\00\")";
    let any = |at: &str, len: &str| {
        format!("(call $challenge-with-any (i32.const {at}) (i32.const {len}) (i32.const 128))")
    };
    let send = |at: &str, len: &str| {
        format!(
            "(call $set-result-url (i32.const 2048) (i32.const 18) \
             (i32.const {at}) (i32.const {len}) (i32.const 128))"
        )
    };
    let cases = [
        ("rubbish behind a case", any("256", "1"), "run: challenge"),
        ("at an odd address", any("257", "1"), TRAPPED),
        ("at an address that 4 does not divide", any("258", "1"), TRAPPED),
        ("behind the end", any("65536", "1"), TRAPPED),
        ("over the end", any("65520", "1"), TRAPPED),
        ("2^31 of them", any("256", "0x80000000"), TRAPPED),
        ("as many as 8 bytes take, modulo 2^32", any("256", "178956971"), TRAPPED),
        ("2^32 - 1 of them", any("256", "-1"), TRAPPED),
        ("no such case in it", any("512", "1"), TRAPPED),
        ("no such case at its end", any("488", "2"), TRAPPED),
        ("no such case in a case in it", any("1024", "1"), TRAPPED),
        ("behind a factor that is good", challenge("0 0 0 0 0 0 512 1"), TRAPPED),
        ("a bad text in a pair", send("3072", "1"), TRAPPED),
        ("a second text that is bad", send("3200", "1"), TRAPPED),
        ("a second text out of bounds", send("3400", "1"), TRAPPED),
        ("pairs at an odd address", send("3073", "1"), TRAPPED),
        ("2^28 pairs", send("3072", "0x10000000"), TRAPPED),
    ];
    each(&cases, &Shell { fields, ..Shell::default() });
}

#[test]
fn many_texts_that_share_their_bytes_are_counted_one_by_one() {
    // 2,000 pairs of the same 32 KiB: 125 MiB, were they all taken.
    let fill = "(local $i i32)
      (memory.fill (i32.const 32768) (i32.const 97) (i32.const 32768))
      (loop $next
        (i64.store (i32.add (i32.const 256) (i32.shl (local.get $i) (i32.const 3)))
          (i64.const 0x0000800000008000))
        (br_if $next (i32.lt_u
          (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 4000))))
      (call $set-result-url (i32.const 0) (i32.const 0)
        (i32.const 256) (i32.const 2000) (i32.const 128))";
    let shell = Shell { execute: fill, ..Shell::default() };
    assert_eq!(comes_to(shell.bytes(), &Limits::default()), "run: host_call_bytes_exceeded");
}

#[test]
fn results_go_where_there_is_room_for_them() {
    let deny = |at: &str| format!("(call $deny (i32.const 64) (i32.const 0) (i32.const {at}))");
    let cases = [
        ("there is room", deny("128"), "run: denied"),
        ("at an odd address", deny("129"), TRAPPED),
        ("at the end", deny("65536"), TRAPPED),
        ("over the end", deny("65532"), TRAPPED),
        ("at the end of all addresses", deny("-4"), TRAPPED),
    ];
    each(&cases, &Shell::default());
    let json = "(call $get-json (i32.const 128))".to_owned();
    // Four bytes each, so that addresses must be aligned.
    let list = "(i32.store (i32.const 64) (call $subscribe (i64.const 0)))
      (call $poll-list (i32.const 64) (i32.const 1) (i32.const 128))"
        .to_owned();
    for (realloc, list_too) in [
        ("(i32.const 65536)", true),
        ("(i32.const 65535)", true),
        ("(i32.const -1)", true),
        ("(i32.const -65536)", true),
        ("unreachable", true),
        ("(memory.size)", true),
    ] {
        let shell = Shell { realloc, ..Shell::default() };
        each(
            &[(
                realloc,
                json.clone(),
                if realloc == "(memory.size)" { "run: completed" } else { TRAPPED },
            )],
            &shell,
        );
        if list_too {
            each(&[(realloc, list.clone(), TRAPPED)], &shell);
        }
    }
}

#[test]
fn what_a_handler_answers_is_a_result() {
    let fields = "(data (i32.const 64) \"\\01\\00\\00\\00\\80\\00\\00\\00\\02\\00\\00\\00\\80\\00\\00\\00\\02\\00\\00\\00\\02\")
    (data (i32.const 96) \"\\01\\00\\00\\00\\ff\\ff\\ff\\ff\\02\\00\\00\\00\\80\\00\\00\\00\\02\\00\\00\\00\\00\")
    (data (i32.const 128) \"no\") (data (i32.const 160) \"\\ff\")
    (data (i32.const 192) \"\\01\\00\\00\\00\\80\\00\\00\\00\\02\\00\\00\\00\\80\\00\\00\\00\\02\\00\\00\\00\\01\\00\\00\\00\\80\\00\\00\\00\\ff\\ff\\ff\\7f\")
    (data (i32.const 65532) \"\\00\")";
    let answers = |at: &str| format!("(return (i32.const {at}))");
    let cases = [
        ("a stack that is there or not", answers("64"), TRAPPED),
        ("a name out of bounds", answers("96"), TRAPPED),
        ("a case of 255", answers("160"), TRAPPED),
        ("a stack of 2^31 - 1 bytes", answers("192"), TRAPPED),
        ("behind the end", answers("65536"), TRAPPED),
        ("over the end", answers("65532"), TRAPPED),
        ("at the end of all addresses", answers("-4"), TRAPPED),
        ("at an odd address", answers("65"), TRAPPED),
    ];
    each(&cases, &Shell { fields, ..Shell::default() });
}

#[test]
fn a_handle_is_one_that_was_given() {
    let timer = "(local $h i32) (local.set $h (call $subscribe (i64.const 0)))";
    let with = |code: &str| format!("{timer} {code}");
    let poll = |count: &str| {
        format!("(call $poll-list (i32.const 64) (i32.const {count}) (i32.const 128))")
    };
    let store =
        "(i32.store (i32.const 64) (local.get $h)) (i32.store (i32.const 68) (local.get $h))";
    let cases = [
        ("none was given", "(drop (call $ready (i32.const 1)))".to_owned(), TRAPPED),
        ("nothing", "(drop (call $ready (i32.const 0)))".to_owned(), TRAPPED),
        ("2^32 - 1", "(drop (call $ready (i32.const -1)))".to_owned(), TRAPPED),
        ("2^30", "(drop (call $ready (i32.const 0x40000000)))".to_owned(), TRAPPED),
        ("one that was given", with("(drop (call $ready (local.get $h)))"), "run: completed"),
        (
            "the one behind it",
            with("(drop (call $ready (i32.add (local.get $h) (i32.const 1))))"),
            TRAPPED,
        ),
        (
            "one that was given back",
            with("(call $drop-pollable (local.get $h)) (drop (call $ready (local.get $h)))"),
            TRAPPED,
        ),
        (
            "given back twice",
            with("(call $drop-pollable (local.get $h)) (call $drop-pollable (local.get $h))"),
            TRAPPED,
        ),
        ("given back without having it", "(call $drop-pollable (i32.const 3))".to_owned(), TRAPPED),
        (
            "given back and waited for",
            with("(call $drop-pollable (local.get $h)) (call $block (local.get $h))"),
            TRAPPED,
        ),
        ("a stream for a timer", "(drop (call $ready (call $get-stdout)))".to_owned(), TRAPPED),
        (
            "a timer for a stream",
            with("(call $write (local.get $h) (i32.const 64) (i32.const 1) (i32.const 128))"),
            TRAPPED,
        ),
        (
            "a stream given back as a timer",
            "(call $drop-pollable (call $get-stdout))".to_owned(),
            TRAPPED,
        ),
        ("the same one twice in a list", with(&format!("{store} {}", poll("2"))), "run: completed"),
        ("a list with a handle that is none", with(&format!("{store} {}", poll("3"))), TRAPPED),
        ("a list of none", poll("0"), TRAPPED),
        ("a list of 2^30", with(&format!("{store} {}", poll("0x40000000"))), TRAPPED),
        (
            "a list with one that was given back",
            with(&format!("{store} (call $drop-pollable (local.get $h)) {}", poll("1"))),
            TRAPPED,
        ),
    ];
    each(&cases, &Shell::default());
}
