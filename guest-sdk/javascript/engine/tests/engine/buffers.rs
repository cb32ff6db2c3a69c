//! Buffer, TextEncoder and TextDecoder, beyond what is compared with Node.

use super::{assert_logs, logged_in, thrown_in};

#[test]
fn buffers_are_views_and_share_their_bytes() {
    let lines = logged_in(
        "const b = Buffer.from('hello'); b.subarray(1, 3).fill('x'); console.log(b.toString());
        const u = new Uint8Array(b.buffer, b.byteOffset, b.length); u[0] = 72; console.log(`${b}`);
        console.log(Buffer.isBuffer(b.slice(1)), b.map((x) => x) instanceof Buffer);",
    );
    assert_eq!(lines, ["hxxlo", "Hxxlo", "true true"]);
}

#[test]
fn nothing_is_made_that_is_too_long() {
    for expression in [
        "Buffer.alloc(-1)",
        "Buffer.alloc(2 ** 31)",
        "Buffer.alloc(NaN)",
        "Buffer.from({ length: 2 ** 40 })",
    ] {
        let error = thrown_in(&format!("{expression};"));
        assert_eq!(error.name, "RangeError", "{expression}: {error:?}");
    }
}

#[test]
fn detached_bytes_are_an_error_or_empty_and_no_crash() {
    let lines = logged_in(
        "const b = Buffer.from('hello'); structuredClone(b.buffer, { transfer: [b.buffer] });
        for (const use of [() => b.toString('hex'), () => b.indexOf('l'), () => b.equals(b), () => new TextDecoder().decode(b),
            () => b.write('x'), () => b.fill(1), () => Buffer.concat([b]), () => b.readUInt8(0), () => console.log(b)]) {
            try { use(); } catch (error) { if (!(error instanceof Error)) throw error; }
        }
        console.log(b.length);",
    );
    assert_eq!(lines.last().map(String::as_str), Some("0"));
}

#[test]
fn bytes_that_pretend_are_refused() {
    for statement in [
        "Buffer.prototype.toString.call({})",
        "Buffer.prototype.equals.call(1, 2)",
        "Buffer.prototype.write.call('x', 'y')",
        "Buffer.concat([{ length: 3 }])",
        "new TextEncoder().encodeInto('x', { length: 5 })",
        "Buffer.prototype.readUInt8.call({ length: 4 }, 0)",
        "Buffer.from(new Proxy([1], { get() { throw new TypeError('trap') } }))",
    ] {
        let error = thrown_in(&format!("{statement};"));
        assert_eq!(error.name, "TypeError", "{statement}: {error:?}");
    }
}

#[test]
fn windows_1252_is_what_the_web_means_by_latin1() {
    assert_logs(&[
        ("new TextDecoder('latin1').decode(new Uint8Array([0x80, 0x9f, 0xe9]))", "€Ÿé"),
        ("new TextDecoder('windows-1252').encoding", "windows-1252"),
    ]);
}

#[test]
fn text_survives_a_round_trip_in_every_encoding() {
    let lines = logged_in(
        "for (const e of ['utf8', 'hex', 'base64', 'base64url', 'latin1', 'utf16le']) {
            const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
            const text = bytes.toString(e);
            if (e !== 'utf8') console.log(e, Buffer.from(text, e).equals(bytes));
        }",
    );
    assert!(lines.iter().all(|line| line.ends_with("true")), "{lines:?}");
    assert_eq!(lines.len(), 5);
}
