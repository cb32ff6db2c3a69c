//! Actions in Zig. A file with `pub fn onExecute() !void` is one; `pub fn onContinue`
//! is the second handler, if the action sends the user away or shows a prompt.
//!
//!     const fh = @import("flowhost");
//!
//!     pub fn onExecute() !void {
//!         if (!fh.eql(fh.event.connection().name, "employees")) return;
//!         try fh.challengeWith(.otp, &.{});
//!     }
//!
//! Memory is never given back: it is gone when the run is.

const std = @import("std");
const builtin = @import("builtin");
const abi = @import("abi.zig");
const contract = @import("contract.zig");

pub const component = @import("component.zig");
pub const testing = @import("testing.zig");

pub const Text = contract.Text;
pub const Json = contract.Json;
pub const Pair = contract.Pair;
pub const ApiError = contract.ApiError;
pub const Failure = contract.Failure;
pub const Factor = contract.Factor;
pub const PhoneMethod = contract.PhoneMethod;
pub const Secret = contract.Secret;
pub const CacheRecord = contract.CacheRecord;
pub const Expiry = contract.Expiry;
pub const Level = contract.Level;
pub const Authentication = contract.Authentication;
pub const Authorization = contract.Authorization;
pub const Client = contract.Client;
pub const Connection = contract.Connection;
pub const CustomDomain = contract.CustomDomain;
pub const Organization = contract.Organization;
pub const Prompt = contract.Prompt;
pub const Request = contract.Request;
pub const Stats = contract.Stats;
pub const Tenant = contract.Tenant;
pub const Transaction = contract.Transaction;
pub const User = contract.User;
pub const Identity = contract.Identity;
pub const EnrolledFactor = contract.EnrolledFactor;

/// Outside WebAssembly there is no host: `testing` stands for it.
const native = !builtin.target.cpu.arch.isWasm();

// Memory.

var first: [32 * 1024]u8 align(16) = undefined;
var memory: std.heap.BufferFirstAllocator = .init(&first, std.heap.page_allocator);

/// What it gives need not be freed.
pub const allocator: std.mem.Allocator = memory.allocator();

/// `std.fmt.allocPrint` without an allocator.
pub fn format(comptime text: []const u8, args: anytype) Text {
    return std.fmt.allocPrint(allocator, text, args) catch @panic("out of memory");
}

pub fn eql(one: Text, other: Text) bool {
    return std.mem.eql(u8, one, other);
}

/// The text, with U+FFFD for what in it is not UTF-8. All calls do this with all text they
/// are given: how a cut character or another encoding looks is not worth failing for.
pub fn utf8(text: Text) Text {
    return @import("text.zig").utf8(text, allocator);
}

/// The text as JSON: in quotes, with escapes.
pub fn quote(text: Text) Json {
    var json: std.ArrayList(u8) = .empty;
    addQuoted(&json, text) catch @panic("out of memory");
    return json.items;
}

fn addQuoted(json: *std.ArrayList(u8), text: Text) !void {
    try json.append(allocator, '"');
    for (text) |letter| switch (letter) {
        '"', '\\' => try json.appendSlice(allocator, &.{ '\\', letter }),
        8 => try json.appendSlice(allocator, "\\b"),
        12 => try json.appendSlice(allocator, "\\f"),
        '\n' => try json.appendSlice(allocator, "\\n"),
        '\r' => try json.appendSlice(allocator, "\\r"),
        '\t' => try json.appendSlice(allocator, "\\t"),
        0...7, 11, 14...31 => {
            const digits = "0123456789abcdef";
            const escape = .{ '\\', 'u', '0', '0', digits[letter >> 4], digits[letter & 15] };
            try json.appendSlice(allocator, &escape);
        },
        else => try json.append(allocator, letter),
    };
    try json.append(allocator, '"');
}

// Errors.

/// A call was refused: `refusal()` says why.
pub const Refused = error{Refused};

var last: Failure = .{ .name = "", .message = "" };

/// Why the last call that gave `error.Refused` was refused. The name is its code.
pub fn refusal() Failure {
    return last;
}

/// Gives up with a name and a message: `return fh.fail("MissingEmail", "…");`
pub fn fail(name: Text, message: Text) error{Failed} {
    last = .{ .name = name, .message = message };
    return error.Failed;
}

pub fn failAt(name: Text, message: Text, stack: Text) error{Failed} {
    last = .{ .name = name, .message = message, .stack = stack };
    return error.Failed;
}

/// What the flow fails with when a handler returns this error.
pub fn failure(reason: anyerror) Failure {
    return switch (reason) {
        error.Refused, error.Failed => last,
        else => .{ .name = @errorName(reason), .message = @errorName(reason) },
    };
}

// Calls.

/// What an import writes behind a pointer.
fn ask(comptime T: type, import: anytype, args: anytype) T {
    var room: [abi.sizeOf(T)]u8 align(8) = undefined;
    @call(.auto, import, args ++ .{@as(*anyopaque, &room)});
    return abi.load(T, &room, allocator);
}

/// A call that may be refused.
fn attempt(comptime T: type, import: anytype, args: anytype) Refused!T {
    const Answer = union(enum(u8)) { ok: T, refused: ApiError };
    switch (ask(Answer, import, args)) {
        .ok => |value| return value,
        .refused => |why| return refuse(why),
    }
}

fn refuse(why: ApiError) Refused {
    last = .{ .name = why.code, .message = why.message };
    return error.Refused;
}

/// Where there is no host.
fn recorded(command: testing.Command) Refused!void {
    if (testing.record(command)) return;
    return refuse(.{ .code = "MaxSideEffectsExceeded", .message = "a run asks for 32 things at most" });
}

/// The words that text is handed over in.
fn flat(text: Text) struct { usize, usize } {
    return flatList(u8, utf8(text));
}

fn flatList(comptime T: type, items: []const T) struct { usize, usize } {
    return .{ abi.list(T, items, allocator), items.len };
}

fn flatOption(text: ?Text) struct { i32, usize, usize } {
    const some = text orelse return .{ 0, 0, 0 };
    return .{1} ++ flat(some);
}

fn flatNumber(number: ?i64) struct { i32, i64 } {
    return .{ @intFromBool(number != null), number orelse 0 };
}

fn flatSecret(secret: Secret) struct { i32, usize, usize } {
    return switch (secret) {
        .named, .value => |text| .{@as(i32, @backingInt(secret))} ++ flat(text),
    };
}

/// In as many words as the longest case has.
fn flatFactor(factor: Factor) struct { i32, usize, usize, usize, usize, usize } {
    const tag: i32 = @backingInt(factor);
    switch (factor) {
        .otp, .email, .webauthn_platform, .webauthn_roaming => return .{ tag, 0, 0, 0, 0, 0 },
        .recovery_code => |options| {
            const some, const ptr, const len = flatOption(options);
            return .{ tag, @intCast(some), ptr, len, 0, 0 };
        },
        .phone => |options| {
            const method = options.preferred_method orelse return .{ tag, 0, 0, 0, 0, 0 };
            return .{ tag, 1, @backingInt(method), 0, 0, 0 };
        },
        .push_notification => |options| {
            const fallback = options.otp_fallback orelse return .{ tag, 0, 0, 0, 0, 0 };
            return .{ tag, 1, @intFromBool(fallback), 0, 0, 0 };
        },
        .other => |other| {
            const some, const ptr, const len = flatOption(other.options);
            return .{tag} ++ flat(other.type) ++ .{ @as(usize, @intCast(some)), ptr, len };
        },
    }
}

/// The event: one function for each group, so that an action pays for what it reads.
pub const event = struct {
    fn group(comptime T: type, comptime name: []const u8, comptime double: []const u8) T {
        if (native) return @field(testing.event, double);
        return ask(T, @field(contract.event, "get-" ++ name), .{});
    }

    pub fn authentication() Authentication {
        return group(Authentication, "authentication", "authentication");
    }
    pub fn authorization() Authorization {
        return group(Authorization, "authorization", "authorization");
    }
    pub fn client() Client {
        return group(Client, "client", "client");
    }
    pub fn connection() Connection {
        return group(Connection, "connection", "connection");
    }
    pub fn customDomain() ?CustomDomain {
        return group(?CustomDomain, "custom-domain", "custom_domain");
    }
    pub fn organization() ?Organization {
        return group(?Organization, "organization", "organization");
    }
    /// Only after a prompt.
    pub fn prompt() ?Prompt {
        return group(?Prompt, "prompt", "prompt");
    }
    pub fn request() Request {
        return group(Request, "request", "request");
    }
    pub fn stats() Stats {
        if (native) return testing.event.stats;
        return .{ .logins_count = contract.event.@"get-stats"() };
    }
    pub fn tenant() Tenant {
        return group(Tenant, "tenant", "tenant");
    }
    pub fn transaction() Transaction {
        return group(Transaction, "transaction", "transaction");
    }
    pub fn user() User {
        return group(User, "user", "user");
    }
    pub fn identities() []const Identity {
        return group([]const Identity, "identities", "identities");
    }
    /// None: they could not be fetched.
    pub fn enrolledFactors() ?[]const EnrolledFactor {
        return group(?[]const EnrolledFactor, "enrolled-factors", "enrolled_factors");
    }
    pub fn appMetadata() Json {
        return group(Json, "app-metadata", "app_metadata");
    }
    pub fn userMetadata() Json {
        return group(Json, "user-metadata", "user_metadata");
    }
    pub fn configuration() Json {
        return group(Json, "configuration", "configuration");
    }
    pub fn secrets() []const Pair {
        return group([]const Pair, "secrets", "secrets");
    }
    /// The whole event.
    pub fn json() Json {
        return group(Json, "json", "json");
    }
    /// Prefer naming a secret to the token functions over reading it.
    pub fn secret(name: Text) ?Text {
        if (native) return testing.find(testing.event.secrets, name);
        return ask(?Text, contract.event.@"get-secret", flat(name));
    }
    /// By JSON Pointer: `/user/app_metadata/plan`.
    pub fn jsonAt(pointer: Text) ?Json {
        if (native) return testing.find(testing.event.json_at, pointer);
        return ask(?Json, contract.event.@"get-json-at", flat(pointer));
    }
    /// The same for a place that holds a string: its value.
    pub fn textAt(pointer: Text) ?Text {
        if (native) return testing.find(testing.event.text_at, pointer);
        return ask(?Text, contract.event.@"get-text-at", flat(pointer));
    }
};

/// Refuse the password reset. The reason may be shown to the user.
pub fn deny(reason: Text) Refused!void {
    if (native) return recorded(.{ .deny = reason });
    return attempt(void, contract.access.deny, flat(reason));
}

/// Ask for a factor; the user may choose one of the others instead.
pub fn challengeWith(factor: Factor, others: []const Factor) Refused!void {
    if (native) return recorded(.{ .challenge_with = .{ factor, others } });
    const import = contract.authentication.@"challenge-with";
    return attempt(void, import, flatFactor(factor) ++ flatList(Factor, others));
}

/// Let the user pick a factor.
pub fn challengeWithAny(factors: []const Factor) Refused!void {
    if (native) return recorded(.{ .challenge_with_any = factors });
    const import = contract.authentication.@"challenge-with-any";
    return attempt(void, import, flatList(Factor, factors));
}

/// Show a prompt. `fields` and `vars` are JSON objects.
pub fn render(id: Text, fields: ?Json, vars: ?Json) Refused!void {
    if (native) return recorded(.{ .render = .{ id, fields, vars } });
    const args = flat(id) ++ flatOption(fields) ++ flatOption(vars);
    return attempt(void, contract.prompt.render, args);
}

/// Where the user goes, and where after the password was changed.
pub fn sendUserTo(url: Text, query: []const Pair) Refused!void {
    if (native) return recorded(.{ .send_user_to = .{ url, query } });
    const args = flat(url) ++ flatList(Pair, query);
    return attempt(void, contract.redirect.@"send-user-to", args);
}

pub fn setResultUrl(url: Text, query: []const Pair) Refused!void {
    if (native) return recorded(.{ .set_result_url = .{ url, query } });
    const args = flat(url) ++ flatList(Pair, query);
    return attempt(void, contract.transaction.@"set-result-url", args);
}

/// A session token. 900 seconds, unless said otherwise.
pub fn encodeToken(secret: Secret, payload: Json, expires_in_seconds: ?i64) Refused!Text {
    if (native) return testing.token;
    const args = flatSecret(secret) ++ flat(payload) ++ flatNumber(expires_in_seconds);
    return attempt(Text, contract.redirect.@"encode-token", args);
}

/// The claims of the token that the user came back with, by default in `session_token`.
pub fn validateToken(secret: Secret, parameter: ?Text) Refused!Json {
    if (native) return testing.claims orelse
        refuse(.{ .code = "TokenMissing", .message = "there is no token" });
    const args = flatSecret(secret) ++ flatOption(parameter);
    return attempt(Json, contract.redirect.@"validate-token", args);
}

pub const cache = struct {
    pub fn get(key: Text) ?CacheRecord {
        if (native) return testing.cached(key);
        return ask(?CacheRecord, contract.cache.get, flat(key));
    }
    pub fn set(key: Text, value: Text, expiry: Expiry) Refused!CacheRecord {
        if (native) return testing.keep(key, value) orelse
            refuse(.{ .code = "CacheSizeExceeded", .message = "the cache has 20 entries at most" });
        const ends = flatNumber(expiry.ttl) ++ flatNumber(expiry.expires_at);
        return attempt(CacheRecord, contract.cache.set, flat(key) ++ flat(value) ++ ends);
    }
    pub fn delete(key: Text) Refused!void {
        if (native) return if (!testing.forget(key))
            refuse(.{ .code = "CacheKeyDoesNotExist", .message = key });
        return attempt(void, contract.cache.delete, flat(key));
    }
};

/// For whoever operates the flow.
pub fn log(level: Level, message: Text) void {
    if (native) return testing.say(level, message);
    const words = flat(message);
    contract.log.write(@backingInt(level), words[0], words[1]);
}
