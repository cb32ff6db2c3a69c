//! Shows the user a form, and goes on when they agree.

const std = @import("std");
const fh = @import("flowhost");

pub fn onExecute() !void {
    try fh.render("terms", "{\"agreed\":\"no\"}", "{\"version\":\"2026-01\"}");
}

pub fn onContinue() !void {
    const agreed = fh.event.textAt("/prompt/fields/agreed") orelse "";
    if (fh.eql(agreed, "yes")) return;
    try fh.deny("Without your consent the password stays as it is.");
}

fn deniedWith(field: fh.Text, answer: fh.Text) !bool {
    fh.testing.start(.{ .text_at = &.{.{ field, answer }} });
    try onContinue();
    return fh.testing.commands().len == 1 and fh.testing.commands()[0] == .deny;
}

test "the form is shown" {
    fh.testing.start(.{});
    try onExecute();
    try std.testing.expectEqualStrings("terms", fh.testing.commands()[0].render[0]);
}

test "only consent lets the user go on" {
    try std.testing.expect(!try deniedWith("/prompt/fields/agreed", "yes"));
    try std.testing.expect(try deniedWith("/prompt/fields/agreed", "no"));
    try std.testing.expect(try deniedWith("/prompt/fields/other", "yes"));
}
