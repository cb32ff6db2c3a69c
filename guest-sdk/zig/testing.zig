//! Stands for the host in `zig test`: what the event holds is set, what the action asks
//! for is kept. A double, not a second host: what a call may be refused for is for a run
//! of the real one.

const std = @import("std");
const contract = @import("contract.zig");
const Text = contract.Text;
const Factor = contract.Factor;
const Pair = contract.Pair;

/// What the action asked for.
pub const Command = union(enum) {
    deny: Text,
    challenge_with: struct { Factor, []const Factor },
    challenge_with_any: []const Factor,
    render: struct { Text, ?Text, ?Text },
    send_user_to: struct { Text, []const Pair },
    set_result_url: struct { Text, []const Pair },
};

/// Set what matters to the test.
pub const Event = struct {
    authentication: contract.Authentication = .{ .methods = &.{} },
    authorization: contract.Authorization = .{ .roles = &.{} },
    client: contract.Client = .{ .client_id = "client", .name = "Client", .metadata = &.{} },
    connection: contract.Connection = .{
        .id = "con_1",
        .name = "users",
        .strategy = "auth0",
        .metadata = &.{},
    },
    custom_domain: ?contract.CustomDomain = null,
    organization: ?contract.Organization = null,
    prompt: ?contract.Prompt = null,
    request: contract.Request = .{
        .body = "{}",
        .query = "{}",
        .method = "GET",
        .ip = "192.0.2.1",
        .geoip = .{},
    },
    stats: contract.Stats = .{ .logins_count = 1 },
    tenant: contract.Tenant = .{ .id = "tenant" },
    transaction: contract.Transaction = .{
        .locale = "en",
        .ui_locales = &.{},
        .acr_values = &.{},
        .requested_scopes = &.{},
        .prompt = &.{},
        .response_type = &.{},
    },
    user: contract.User = .{
        .user_id = "auth0|ada",
        .created_at = "2026-01-01T00:00:00.000Z",
        .updated_at = "2026-01-01T00:00:00.000Z",
        .email_verified = true,
    },
    identities: []const contract.Identity = &.{},
    enrolled_factors: ?[]const contract.EnrolledFactor = &.{},
    app_metadata: Text = "{}",
    user_metadata: Text = "{}",
    configuration: Text = "{}",
    secrets: []const Pair = &.{},
    json: Text = "{}",
    /// What `jsonAt` and `textAt` find: pointers and what is there.
    json_at: []const Pair = &.{},
    text_at: []const Pair = &.{},
};

pub var event: Event = .{};
/// What `encodeToken` gives.
pub var token: Text = "token";
/// What `validateToken` gives; null: there is no token.
pub var claims: ?Text = null;

var recorded: [32]Command = undefined;
var count: usize = 0;
var entries: [20]Pair = undefined;
var entry_count: usize = 0;

/// A new run with this event. Nothing is left of the one before.
pub fn start(with: Event) void {
    event = with;
    token = "token";
    claims = null;
    count = 0;
    entry_count = 0;
}

/// What the action has asked for, in order.
pub fn commands() []const Command {
    return recorded[0..count];
}

/// False when the run has asked for as much as it may.
pub fn record(command: Command) bool {
    if (count == recorded.len) return false;
    recorded[count] = command;
    count += 1;
    return true;
}

pub fn find(pairs: []const Pair, name: Text) ?Text {
    for (pairs) |pair| if (std.mem.eql(u8, pair[0], name)) return pair[1];
    return null;
}

pub fn cached(key: Text) ?contract.CacheRecord {
    const value = find(entries[0..entry_count], key) orelse return null;
    return .{ .value = value, .expires_at = 0 };
}

/// Null when the cache has as many entries as it may.
pub fn keep(key: Text, value: Text) ?contract.CacheRecord {
    _ = forget(key);
    if (entry_count == entries.len) return null;
    entries[entry_count] = .{ key, value };
    entry_count += 1;
    return .{ .value = value, .expires_at = 0 };
}

pub fn forget(key: Text) bool {
    for (entries[0..entry_count], 0..) |entry, index| {
        if (!std.mem.eql(u8, entry[0], key)) continue;
        entry_count -= 1;
        entries[index] = entries[entry_count];
        return true;
    }
    return false;
}

pub fn say(level: contract.Level, message: Text) void {
    std.debug.print("{s}: {s}\n", .{ @tagName(level), message });
}
