//! The event as messages: one for each field, in the order of the contract.

const std = @import("std");
const fh = @import("flowhost");

pub const none = "none";

/// Writes the messages of one group.
pub fn at(group: fh.Text) void {
    const path = fh.format("event.{s}", .{group});
    inline for (groups) |known| {
        const name, const read, const json = known;
        if (fh.eql(group, name)) return show(path, read(), json);
    }
    @panic("no such group");
}

const groups = .{
    .{ "authentication", fh.event.authentication, false },
    .{ "authorization", fh.event.authorization, false },
    .{ "client", fh.event.client, false },
    .{ "connection", fh.event.connection, false },
    .{ "custom-domain", fh.event.customDomain, false },
    .{ "organization", fh.event.organization, false },
    .{ "prompt", fh.event.prompt, false },
    .{ "request", fh.event.request, false },
    .{ "stats", fh.event.stats, false },
    .{ "tenant", fh.event.tenant, false },
    .{ "transaction", fh.event.transaction, false },
    .{ "user", fh.event.user, false },
    .{ "identities", fh.event.identities, false },
    .{ "enrolled-factors", fh.event.enrolledFactors, false },
    .{ "app-metadata", fh.event.appMetadata, true },
    .{ "user-metadata", fh.event.userMetadata, true },
    .{ "secrets", fh.event.secrets, false },
    .{ "configuration", fh.event.configuration, true },
};

/// The fields that hold JSON, which is shown as it is. To Zig it is text like other.
const json_fields = [_][]const u8{
    "general", "risk", "trust", "fields", "vars", "body", "query", "profile_data", "options",
};

fn line(path: fh.Text, value: fh.Text) void {
    fh.log(.info, fh.format("{s} = {s}", .{ path, value }));
}

fn show(path: fh.Text, value: anytype, comptime json: bool) void {
    const T = @TypeOf(value);
    if (T == fh.Text) return line(path, if (json) value else fh.quote(value));
    switch (@typeInfo(T)) {
        .bool => line(path, if (value) "true" else "false"),
        .float => line(path, fh.format("{d}", .{value})),
        .optional => if (value) |some| show(path, some, json) else line(path, none),
        .pointer => {
            if (value.len == 0) line(path, "[]");
            for (value, 0..) |item, index| {
                if (@TypeOf(item) == fh.Pair) {
                    show(fh.format("{s}[{s}]", .{ path, fh.quote(item[0]) }), item[1], false);
                } else {
                    show(fh.format("{s}[{d}]", .{ path, index }), item, false);
                }
            }
        },
        .@"struct" => |info| inline for (info.field_names) |name| {
            const below = fh.format("{s}.{s}", .{ path, comptime kebab(name) });
            show(below, @field(value, name), comptime holdsJson(name));
        },
        else => comptime unreachable,
    }
}

fn holdsJson(comptime name: []const u8) bool {
    for (json_fields) |field| if (std.mem.eql(u8, field, name)) return true;
    return false;
}

fn kebab(comptime name: []const u8) []const u8 {
    @setEvalBranchQuota(10_000);
    var word: [name.len]u8 = undefined;
    for (name, 0..) |letter, index| word[index] = if (letter == '_') '-' else letter;
    const whole = word;
    return &whole;
}

pub fn text(found: ?fh.Text) fh.Text {
    return if (found) |some| fh.quote(some) else none;
}
