//! The conformance action in Zig: it does what its configuration says, and logs what
//! each call came to. `tests/conformance/README.md` in the project says how.

const std = @import("std");
const fh = @import("flowhost");
const look = @import("look.zig");
const Step = @import("step.zig").Step;

pub fn onExecute() !void {
    try play("execute");
}

pub fn onContinue() !void {
    try play("continue");
}

fn play(comptime handler: []const u8) !void {
    const steps: Step = .{ .pointer = "/configuration/" ++ handler };
    var index: usize = 0;
    while (steps.item(index)) |step| : (index += 1) {
        const name = step.required("call");
        const call = std.meta.stringToEnum(Call, name) orelse return fh.fail("UnknownCall", name);
        if (perform(call, step)) |result| {
            const text = result orelse "";
            const between = if (result == null) "" else " ";
            fh.log(.info, fh.format("{s}: ok{s}{s}", .{ name, between, text }));
        } else |reason| switch (reason) {
            error.Refused => fh.log(.info, fh.format("{s}: error {s}", .{ name, fh.refusal().name })),
            error.Failed => return error.Failed,
        }
    }
}

const Call = enum {
    deny,
    @"challenge-with",
    @"challenge-with-any",
    @"cache-get",
    @"cache-set",
    @"cache-delete",
    render,
    @"send-user-to",
    @"set-result-url",
    @"encode-token",
    @"validate-token",
    log,
    event,
    @"get-secret",
    @"get-json",
    @"get-json-at",
    @"get-text-at",
    fail,
    loop,
    trap,
};

/// What a call came to: the text of its result, if it has one.
fn perform(call: Call, step: Step) error{ Refused, Failed }!?fh.Text {
    switch (call) {
        .deny => try fh.deny(step.required("reason")),
        .@"challenge-with" => {
            try fh.challengeWith(step.part("factor").factor(), step.factors("additional"));
        },
        .@"challenge-with-any" => try fh.challengeWithAny(step.factors("factors")),
        .@"cache-get" => {
            const found = fh.cache.get(step.required("key")) orelse return look.none;
            return record(found);
        },
        .@"cache-set" => return record(try fh.cache.set(
            step.required("key"),
            step.required("value"),
            .{ .ttl = step.number("ttl"), .expires_at = step.number("expires-at") },
        )),
        .@"cache-delete" => try fh.cache.delete(step.required("key")),
        .render => try fh.render(step.required("id"), step.json("fields"), step.json("vars")),
        .@"send-user-to" => try fh.sendUserTo(step.required("url"), step.pairs("query")),
        .@"set-result-url" => try fh.setResultUrl(step.required("url"), step.pairs("query")),
        .@"encode-token" => return try fh.encodeToken(
            step.secret(),
            step.json("payload").?,
            step.number("expires-in-seconds"),
        ),
        .@"validate-token" => {
            return try fh.validateToken(step.secret(), step.text("token-parameter-name"));
        },
        .log => {
            const level = std.meta.stringToEnum(fh.Level, step.required("level")).?;
            fh.log(level, step.required("message"));
        },
        .event => look.at(step.required("group")),
        .@"get-secret" => return look.text(fh.event.secret(step.required("name"))),
        .@"get-json" => return fh.event.json(),
        .@"get-json-at" => return fh.event.jsonAt(step.required("pointer")) orelse look.none,
        .@"get-text-at" => return look.text(fh.event.textAt(step.required("pointer"))),
        .fail => return if (step.text("stack")) |stack|
            fh.failAt(step.required("name"), step.required("message"), stack)
        else
            fh.fail(step.required("name"), step.required("message")),
        .loop => while (true) std.mem.doNotOptimizeAway(step.pointer.ptr),
        .trap => @panic("a bug"),
    }
    return null;
}

fn record(found: fh.CacheRecord) fh.Text {
    return fh.format("{s} {d}", .{ fh.quote(found.value), found.expires_at });
}
