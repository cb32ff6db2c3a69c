//! What makes an action a component: its handlers are exported, and the host is given
//! memory for its answers.

const std = @import("std");
const abi = @import("abi.zig");
const contract = @import("contract.zig");
const fh = @import("flowhost.zig");

/// Exports the handlers that a file has.
pub fn exports(comptime action: type) void {
    const handlers = struct {
        fn onExecute() callconv(.c) *const anyopaque {
            return ended(action.onExecute());
        }
        fn onContinue() callconv(.c) *const anyopaque {
            return ended(action.onContinue());
        }
    };
    @export(&cabiRealloc, .{ .name = "cabi_realloc" });
    if (@hasDecl(action, "onExecute")) {
        @export(&handlers.onExecute, .{ .name = contract.on_execute });
    }
    if (@hasDecl(action, "onContinue")) {
        @export(&handlers.onContinue, .{ .name = contract.on_continue });
    }
}

const Outcome = union(enum(u8)) { ok: void, failed: contract.Failure };
var room: [abi.sizeOf(Outcome)]u8 align(8) = undefined;

/// Whether the handler may fail is its own affair.
fn ended(result: anytype) *const anyopaque {
    const outcome: Outcome = switch (@typeInfo(@TypeOf(result))) {
        .error_union => if (result) |_| .ok else |reason| .{ .failed = fh.failure(reason) },
        else => .ok,
    };
    abi.store(Outcome, outcome, &room, fh.allocator);
    return &room;
}

/// Where the host puts what it answers.
fn cabiRealloc(old: ?[*]u8, old_size: usize, alignment: usize, size: usize) callconv(.c) [*]u8 {
    const wanted: std.mem.Alignment = .fromByteUnits(alignment);
    const new = fh.allocator.rawAlloc(@max(size, 1), wanted, 0) orelse @panic("out of memory");
    if (old) |from| {
        const kept = @min(old_size, size);
        @memcpy(new[0..kept], from[0..kept]);
    }
    return new;
}

/// A bug ends the run; what it was is in the log.
pub const panic = std.debug.FullPanic(struct {
    fn ends(message: []const u8, _: ?usize) noreturn {
        fh.log(.@"error", message);
        @trap();
    }
}.ends);
