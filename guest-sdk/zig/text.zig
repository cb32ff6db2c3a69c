//! Text that can be handed over. The host takes UTF-8 and nothing else: what is none ends
//! the run, so it is mended before. By hand, as what `std.unicode` has for it would be
//! more than half of a small action.

const std = @import("std");

const replacement = "\u{FFFD}";

/// The text itself, or a copy with U+FFFD for what in it is not UTF-8.
pub fn utf8(text: []const u8, allocator: std.mem.Allocator) []const u8 {
    var length: usize = 0;
    var rest = Characters{ .rest = text };
    var all = true;
    while (rest.next()) |character| {
        length += if (character.whole) character.bytes.len else replacement.len;
        all = all and character.whole;
    }
    if (all) return text;
    const mended = allocator.alloc(u8, length) catch @panic("out of memory");
    var at: usize = 0;
    rest = .{ .rest = text };
    while (rest.next()) |character| {
        const bytes = if (character.whole) character.bytes else replacement;
        @memcpy(mended[at..][0..bytes.len], bytes);
        at += bytes.len;
    }
    return mended;
}

const Characters = struct {
    rest: []const u8,

    /// A character; of a broken one the bytes that could have begun one (Unicode, table
    /// 3-7): they are replaced together.
    fn next(self: *Characters) ?struct { bytes: []const u8, whole: bool } {
        if (self.rest.len == 0) return null;
        const bytes, const whole = first(self.rest);
        self.rest = self.rest[bytes..];
        return .{ .bytes = (self.rest.ptr - bytes)[0..bytes], .whole = whole };
    }

    fn first(text: []const u8) struct { usize, bool } {
        const more: usize = switch (text[0]) {
            0...0x7F => return .{ 1, true },
            0xC2...0xDF => 1,
            0xE0...0xEF => 2,
            0xF0...0xF4 => 3,
            else => return .{ 1, false },
        };
        var low: u8 = switch (text[0]) {
            0xE0 => 0xA0,
            0xF0 => 0x90,
            else => 0x80,
        };
        var high: u8 = switch (text[0]) {
            0xED => 0x9F,
            0xF4 => 0x8F,
            else => 0xBF,
        };
        for (1..more + 1) |index| {
            if (index == text.len or text[index] < low or text[index] > high) return .{ index, false };
            low = 0x80;
            high = 0xBF;
        }
        return .{ more + 1, true };
    }
};

test "what is not UTF-8 is replaced, and all else stays as it is" {
    const cases = [_][2][]const u8{
        .{ "", "" },
        .{ "Grüße 你好 \u{1F600}", "Grüße 你好 \u{1F600}" },
        .{ "a\xFFb\xC3", "a\u{FFFD}b\u{FFFD}" },
        .{ "\xE2\x82", "\u{FFFD}" },
        .{ "\xF0\x9F\x98x", "\u{FFFD}x" },
        .{ "\xC0\xAF", "\u{FFFD}\u{FFFD}" },
        .{ "\xED\xA0\x80", "\u{FFFD}\u{FFFD}\u{FFFD}" },
        .{ "\xF4\x90\x80\x80", "\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}" },
    };
    var arena = std.heap.ArenaAllocator.init(std.testing.allocator);
    defer arena.deinit();
    for (cases) |case| {
        try std.testing.expectEqualStrings(case[1], utf8(case[0], arena.allocator()));
    }
}
