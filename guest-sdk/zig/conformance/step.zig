//! A step: a place in the configuration, and the arguments that stand there. They are
//! read with the contract's own functions.

const std = @import("std");
const fh = @import("flowhost");

pub const Step = struct {
    /// A JSON Pointer.
    pointer: fh.Text,

    pub fn part(step: Step, name: fh.Text) Step {
        return .{ .pointer = fh.format("{s}/{s}", .{ step.pointer, name }) };
    }

    /// What is at an index of a list, if anything is.
    pub fn item(step: Step, index: usize) ?Step {
        const there = step.part(fh.format("{d}", .{index}));
        return if (fh.event.jsonAt(there.pointer) == null) null else there;
    }

    pub fn text(step: Step, name: fh.Text) ?fh.Text {
        return fh.event.textAt(step.part(name).pointer);
    }

    pub fn required(step: Step, name: fh.Text) fh.Text {
        return step.text(name) orelse @panic("an argument is missing");
    }

    /// JSON, or the text in its place.
    pub fn json(step: Step, name: fh.Text) ?fh.Json {
        return step.text(fh.format("{s}-text", .{name})) orelse
            fh.event.jsonAt(step.part(name).pointer);
    }

    pub fn number(step: Step, name: fh.Text) ?i64 {
        const digits = fh.event.jsonAt(step.part(name).pointer) orelse return null;
        return std.fmt.parseInt(i64, digits, 10) catch @panic("no number");
    }

    fn flag(step: Step, name: fh.Text) ?bool {
        const word = fh.event.jsonAt(step.part(name).pointer) orelse return null;
        return fh.eql(word, "true");
    }

    /// A list, each item read by `read`.
    fn list(step: Step, comptime T: type, name: fh.Text, read: fn (Step) T) []const T {
        var items: std.ArrayList(T) = .empty;
        while (step.part(name).item(items.items.len)) |there| {
            items.append(fh.allocator, read(there)) catch @panic("out of memory");
        }
        return items.items;
    }

    fn pair(step: Step) fh.Pair {
        return .{ step.required("0"), step.required("1") };
    }

    pub fn pairs(step: Step, name: fh.Text) []const fh.Pair {
        return step.list(fh.Pair, name, pair);
    }

    pub fn factors(step: Step, name: fh.Text) []const fh.Factor {
        return step.list(fh.Factor, name, factor);
    }

    pub fn factor(step: Step) fh.Factor {
        const kind = step.required("type");
        const Case = enum {
            otp,
            email,
            @"webauthn-platform",
            @"webauthn-roaming",
            @"recovery-code",
            phone,
            @"push-notification",
        };
        const case = std.meta.stringToEnum(Case, kind) orelse
            return .{ .other = .{ .type = kind, .options = step.json("options") } };
        return switch (case) {
            .otp => .otp,
            .email => .email,
            .@"webauthn-platform" => .webauthn_platform,
            .@"webauthn-roaming" => .webauthn_roaming,
            .@"recovery-code" => .{ .recovery_code = step.json("options") },
            .phone => .{ .phone = .{
                .preferred_method = if (step.text("preferred-method")) |method|
                    std.meta.stringToEnum(fh.PhoneMethod, method).?
                else
                    null,
            } },
            .@"push-notification" => .{
                .push_notification = .{ .otp_fallback = step.flag("otp-fallback") },
            },
        };
    }

    pub fn secret(step: Step) fh.Secret {
        if (step.text("secret-named")) |name| return .{ .named = name };
        return .{ .value = step.required("secret-value") };
    }
};
