//! Sends the user to another site, and goes on when that site says so.

const std = @import("std");
const fh = @import("flowhost");

const key: fh.Secret = .{ .named = "TOKEN_KEY" };

pub fn onExecute() !void {
    const verifier = fh.event.textAt("/configuration/verifier") orelse
        return fh.fail("NoVerifier", "the configuration names no verifier");
    const token = try fh.encodeToken(key, "{\"reason\":\"password reset\"}", null);
    try fh.sendUserTo(verifier, &.{.{ "session_token", token }});
}

pub fn onContinue() !void {
    // Signed by the other site, for this user and this redirect, and not expired.
    if (fh.validateToken(key, null)) |claims| {
        if (fh.eql(result(claims), "ok")) return;
        fh.log(.info, "the other site did not say ok");
    } else |_| {
        fh.log(.warn, fh.refusal().message);
    }
    try fh.deny("We could not verify that it is you.");
}

fn result(claims: fh.Json) fh.Text {
    const Claims = struct { result: []const u8 = "" };
    const options: std.json.ParseOptions = .{ .ignore_unknown_fields = true };
    const read = std.json.parseFromSliceLeaky(Claims, fh.allocator, claims, options);
    return if (read) |whole| whole.result else |_| "";
}

fn deniedWith(claims: ?fh.Json) !bool {
    fh.testing.start(.{});
    fh.testing.claims = claims;
    try onContinue();
    return fh.testing.commands().len == 1 and fh.testing.commands()[0] == .deny;
}

test "the user is sent away with a token" {
    const verifier: fh.Pair = .{ "/configuration/verifier", "https://verify.example.com/start" };
    fh.testing.start(.{ .text_at = &.{verifier} });
    try onExecute();
    const url, const query = fh.testing.commands()[0].send_user_to;
    try std.testing.expectEqualStrings(verifier[1], url);
    try std.testing.expectEqualStrings("token", query[0][1]);
}

test "only the word of the other site lets the user go on" {
    try std.testing.expect(!try deniedWith("{\"result\":\"ok\",\"iat\":1}"));
    try std.testing.expect(try deniedWith("{\"result\":\"no\"}"));
    try std.testing.expect(try deniedWith("{}"));
    try std.testing.expect(try deniedWith(null));
}
