//! Expressions that are to be what they are in Node: each of them is evaluated
//! here and there and told in the same words.

use std::process::Command;

use super::logged;

/// One expression a line; a line that begins with `#` is a heading.
const EXPRESSIONS: &str = include_str!("like_node.txt");

/// Tells what expressions are. Of what is thrown it tells name and code, and
/// the message where it is Node's and not that of its engine.
const TELL: &str = r##"
const seen = (value, depth = 0) => {
    if (value === null || value === undefined || typeof value === "boolean") return String(value);
    if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
    if (typeof value === "bigint") return `${value}n`;
    if (typeof value === "string") return JSON.stringify(value);
    if (typeof value === "symbol") return value.toString();
    if (typeof value === "function") return `function ${value.name}`;
    if (depth > 6) return "…";
    if (value instanceof Error) return `${value.name} ${JSON.stringify(value.message)} ${seen(value.cause, depth + 1)}`;
    if (value instanceof Date) return `Date ${value.getTime()}`;
    if (value instanceof RegExp) return `RegExp ${value}`;
    if (value instanceof Map) return `Map ${seen([...value], depth + 1)}`;
    if (value instanceof Set) return `Set ${seen([...value], depth + 1)}`;
    if (value instanceof ArrayBuffer) return `ArrayBuffer ${[...new Uint8Array(value)]}`;
    if (ArrayBuffer.isView(value)) return `${value.constructor.name} [${[...(value instanceof DataView ? [] : value)].map((item) => seen(item, depth + 1))}]`;
    if (Array.isArray(value)) return `[${Array.from(value, (item) => seen(item, depth + 1))}]`;
    const name = Object.getPrototypeOf(value) === null ? "null" : value.constructor?.name;
    return `${name} {${Object.keys(value).map((key) => `${key}: ${seen(value[key], depth + 1)}`)}}`;
};
const told = (expression) => {
    try {
        return seen(new Function("require", `return (${expression});`)(require));
    } catch (error) {
        const own = typeof error.code === "string" && error.code.startsWith("ERR_");
        return `throws ${error.name} ${error.code ?? ""}${own ? ` ${error.message}` : ""}`;
    }
};
"##;

#[test]
fn expressions_are_what_they_are_in_node() {
    let expressions: Vec<&str> =
        EXPRESSIONS.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    assert!(expressions.len() >= 150, "{}", expressions.len());
    // How Rust writes a string is how JavaScript reads one.
    let list: Vec<String> = expressions.iter().map(|text| format!("{text:?}")).collect();
    let tell = format!("{TELL}\nconst all = [{}];", list.join(",\n"));

    let script = format!("{tell}\nfor (const one of all) console.log(JSON.stringify(told(one)));");
    let node = match Command::new("node").args(["--no-warnings", "-e", &script]).output() {
        Ok(output) => output,
        Err(error) => {
            println!("ignored: there is no node to compare with ({error})");
            return;
        }
    };
    assert!(node.status.success(), "{}", String::from_utf8_lossy(&node.stderr));
    let theirs = String::from_utf8(node.stdout).expect("text");
    let ours = logged(&format!(
        "{tell}\nexports.onExecute = (event, api) => {{ for (const one of all) api.log(JSON.stringify(told(one))); }};"
    ));

    assert_eq!(ours.len(), expressions.len());
    let mut different = Vec::new();
    for ((expression, ours), theirs) in expressions.iter().zip(&ours).zip(theirs.lines()) {
        if ours != theirs {
            different.push(format!("{expression}\n  here: {ours}\n  node: {theirs}"));
        }
    }
    let (bad, all) = (different.len(), expressions.len());
    assert!(different.is_empty(), "{bad} of {all} differ\n{}", different.join("\n"));
}
