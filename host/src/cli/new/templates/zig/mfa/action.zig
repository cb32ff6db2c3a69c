//! Asks for a second factor before a new password may be set.

const std = @import("std");
const fh = @import("flowhost");

pub fn onExecute() !void {
    try fh.challengeWith(.webauthn_roaming, &.{ .otp, .email });
}

test "a security key comes first" {
    fh.testing.start(.{});
    try onExecute();
    const wanted: []const fh.testing.Command =
        &.{.{ .challenge_with = .{ .webauthn_roaming, &.{ .otp, .email } } }};
    try std.testing.expectEqualDeep(wanted, fh.testing.commands());
}
