//! Values of Zig as the component model lays them out in memory. A structure is a
//! record, a tuple a tuple, a union with a tag a variant, `[]const u8` text and any
//! other slice a list.

const std = @import("std");
const utf8 = @import("text.zig").utf8;

/// Where lists that were read, and those that are handed over, are kept.
pub const Allocator = std.mem.Allocator;

pub fn alignOf(comptime T: type) usize {
    return switch (@typeInfo(T)) {
        .void, .bool, .@"enum" => 1,
        .int => |int| int.bits / 8,
        .float => |float| float.bits / 8,
        .pointer => 4,
        .optional => |optional| alignOf(optional.child),
        inline .@"struct", .@"union" => |info| comptime widest(info.field_types),
        else => @compileError("no place for " ++ @typeName(T)),
    };
}

pub fn sizeOf(comptime T: type) usize {
    @setEvalBranchQuota(100_000);
    const size = switch (@typeInfo(T)) {
        .void => 0,
        .bool, .@"enum" => 1,
        .int => |int| int.bits / 8,
        .float => |float| float.bits / 8,
        .pointer => 8,
        .optional => |optional| payload(T) + sizeOf(optional.child),
        .@"struct" => |info| comptime offset(T, info.field_types.len),
        .@"union" => |info| comptime size: {
            var most: usize = 0;
            for (info.field_types) |field| most = @max(most, sizeOf(field));
            break :size payload(T) + most;
        },
        else => @compileError("no place for " ++ @typeName(T)),
    };
    return std.mem.alignForward(usize, size, alignOf(T));
}

fn widest(comptime types: []const type) usize {
    var most: usize = 1;
    for (types) |T| most = @max(most, alignOf(T));
    return most;
}

/// Where what is behind the tag of an optional or a union begins.
fn payload(comptime T: type) usize {
    return alignOf(T);
}

/// Where a field begins; behind the last one, where the record ends.
fn offset(comptime T: type, comptime index: usize) usize {
    @setEvalBranchQuota(100_000);
    const types = @typeInfo(T).@"struct".field_types;
    var at: usize = 0;
    for (types[0..index]) |field| at = std.mem.alignForward(usize, at, alignOf(field)) + sizeOf(field);
    return if (index < types.len) std.mem.alignForward(usize, at, alignOf(types[index])) else at;
}

fn number(comptime T: type, at: [*]const u8) T {
    return @as(*align(1) const T, @ptrCast(at)).*;
}

fn put(comptime T: type, value: T, at: [*]u8) void {
    @as(*align(1) T, @ptrCast(at)).* = value;
}

/// The value at an address.
pub fn load(comptime T: type, at: [*]const u8, allocator: Allocator) T {
    switch (@typeInfo(T)) {
        .void => return {},
        .bool => return at[0] != 0,
        .int, .float => return number(T, at),
        .@"enum" => return @fromBackingInt(@intCast(at[0])),
        .pointer => |pointer| {
            const len = number(u32, at + 4);
            if (len == 0) return &.{};
            const start: [*]const u8 = @ptrFromInt(number(u32, at));
            if (pointer.child == u8) return start[0..len];
            const items = allocator.alloc(pointer.child, len) catch @panic("out of memory");
            for (items, 0..) |*item, index| {
                item.* = load(pointer.child, start + index * sizeOf(pointer.child), allocator);
            }
            return items;
        },
        .optional => |optional| {
            if (at[0] == 0) return null;
            return load(optional.child, at + comptime payload(T), allocator);
        },
        .@"struct" => |info| {
            var value: T = undefined;
            inline for (info.field_names, info.field_types, 0..) |name, Field, index| {
                @field(value, name) = load(Field, at + comptime offset(T, index), allocator);
            }
            return value;
        },
        .@"union" => |info| {
            inline for (info.field_names, info.field_types, 0..) |name, Field, index| {
                if (at[0] == index) {
                    return @unionInit(T, name, load(Field, at + comptime payload(T), allocator));
                }
            }
            unreachable;
        },
        else => comptime unreachable,
    }
}

/// Writes a value to an address.
pub fn store(comptime T: type, value: T, at: [*]u8, allocator: Allocator) void {
    switch (@typeInfo(T)) {
        .void => {},
        .bool => at[0] = @intFromBool(value),
        .int, .float => put(T, value, at),
        .@"enum" => at[0] = @backingInt(value),
        .pointer => |pointer| {
            const handed = if (pointer.child == u8) utf8(value, allocator) else value;
            put(u32, @intCast(list(pointer.child, handed, allocator)), at);
            put(u32, @intCast(handed.len), at + 4);
        },
        .optional => |optional| {
            at[0] = @intFromBool(value != null);
            if (value) |some| store(optional.child, some, at + comptime payload(T), allocator);
        },
        .@"struct" => |info| {
            inline for (info.field_names, info.field_types, 0..) |name, Field, index| {
                store(Field, @field(value, name), at + comptime offset(T, index), allocator);
            }
        },
        .@"union" => |info| {
            at[0] = @backingInt(std.meta.activeTag(value));
            inline for (info.field_names, info.field_types, 0..) |name, Field, index| {
                if (at[0] == index) {
                    store(Field, @field(value, name), at + comptime payload(T), allocator);
                }
            }
        },
        else => comptime unreachable,
    }
}

/// The address of a list as the host reads it. Text is in memory already. Nothing is at
/// no address in particular, which must be a possible one all the same.
pub fn list(comptime T: type, items: []const T, allocator: Allocator) usize {
    if (items.len == 0) return 0;
    if (T == u8) return @intFromPtr(items.ptr);
    const room = allocator.alignedAlloc(u8, .@"8", items.len * sizeOf(T)) catch
        @panic("out of memory");
    for (items, 0..) |item, index| store(T, item, room.ptr + index * sizeOf(T), allocator);
    return @intFromPtr(room.ptr);
}
