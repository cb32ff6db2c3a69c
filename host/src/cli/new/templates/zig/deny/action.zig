//! Refuses resets from elsewhere than the flow file allows.

const std = @import("std");
const fh = @import("flowhost");

pub fn onExecute() !void {
    // An address that nobody can place is in none of them.
    const country = fh.event.request().geoip.country_code orelse "";
    var index: usize = 0;
    while (fh.event.textAt(at(index))) |allowed| : (index += 1) {
        if (fh.eql(allowed, country)) return;
    }
    try fh.deny("A password cannot be reset from where you are.");
}

fn at(index: usize) fh.Text {
    return fh.format("/configuration/allowed_countries/{d}", .{index});
}

fn deniedFrom(country: ?fh.Text) !bool {
    fh.testing.start(.{ .text_at = &.{ .{ at(0), "CH" }, .{ at(1), "LI" } } });
    fh.testing.event.request.geoip.country_code = country;
    try onExecute();
    return fh.testing.commands().len == 1 and fh.testing.commands()[0] == .deny;
}

test "only the countries of the configuration are let in" {
    try std.testing.expect(!try deniedFrom("CH"));
    try std.testing.expect(!try deniedFrom("LI"));
    try std.testing.expect(try deniedFrom("US"));
    try std.testing.expect(try deniedFrom(null));
}
