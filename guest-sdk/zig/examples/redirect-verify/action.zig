//! Sends the user to a verifier, checks the signed answer they bring back, then asks for
//! a factor. Both sides share the secret `TOKEN_KEY`; the configuration says where the
//! verifier is.

const std = @import("std");
const fh = @import("flowhost");

const key: fh.Secret = .{ .named = "TOKEN_KEY" };

/// How long the verifier may take to look at the token, in seconds.
const token_lifetime = 120;

pub fn onExecute() !void {
    const verifier = fh.event.textAt("/configuration/verifier") orelse
        return fh.fail("NoVerifier", "the configuration names no verifier");
    const email = fh.event.user().email orelse "";
    const payload = fh.format("{{\"email\":{s}}}", .{fh.quote(email)});
    const token = try fh.encodeToken(key, payload, token_lifetime);
    try fh.sendUserTo(verifier, &.{.{ "session_token", token }});
}

pub fn onContinue() !void {
    const claims = fh.validateToken(key, null) catch {
        fh.log(.warn, fh.refusal().message);
        return fh.deny("We could not verify your identity.");
    };
    const Answer = struct { result: []const u8 };
    const options: std.json.ParseOptions = .{ .ignore_unknown_fields = true };
    const answer = try std.json.parseFromSliceLeaky(Answer, fh.allocator, claims, options);
    if (!fh.eql(answer.result, "ok")) return fh.deny("We could not verify your identity.");
    try fh.challengeWith(.otp, &.{.email});
}

const testing = fh.testing;

fn denied() bool {
    const commands = testing.commands();
    return commands.len == 1 and commands[0] == .deny;
}

test "the user is sent away with a token" {
    testing.start(.{ .text_at = &.{.{ "/configuration/verifier", "https://verify.example.com/" }} });
    try onExecute();
    const url, const query = testing.commands()[0].send_user_to;
    try std.testing.expectEqualStrings("https://verify.example.com/", url);
    try std.testing.expectEqualStrings("token", query[0][1]);
}

test "a good answer leads to a challenge, any other to a denial" {
    testing.start(.{});
    testing.claims = "{\"result\":\"ok\",\"iat\":1}";
    try onContinue();
    try std.testing.expect(testing.commands()[0].challenge_with[0] == .otp);

    testing.start(.{});
    testing.claims = "{\"result\":\"failed\"}";
    try onContinue();
    try std.testing.expect(denied());

    testing.start(.{});
    try onContinue();
    try std.testing.expect(denied());
}

test "without a verifier the action fails" {
    testing.start(.{});
    try std.testing.expectError(error.Failed, onExecute());
    try std.testing.expectEqualStrings("NoVerifier", fh.refusal().name);
}
