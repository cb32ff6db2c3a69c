// What a Buffer can do, but for the numbers in it.
(function (native, platform) {
  "use strict";
  const { Uint8Array, TypeError } = globalThis;
  const { define, error, invalidArgument, kind, outOfRange, uncurry } = platform;
  const { FastBuffer, bytesNeeded, encodingOf, integer, view } = platform.bufferParts;
  const { prototype } = FastBuffer;
  const { trunc, min } = Math;
  const { isInteger, isNaN } = Number;
  const fillBytes = uncurry(Uint8Array.prototype.fill);
  const setBytes = uncurry(Uint8Array.prototype.set);
  const isBytes = (value) => kind(value) === "Uint8Array";

  // A place counted from the end when it is negative, within the bytes.
  const place = (value, length) => {
    value = trunc(value);
    if (value < 0) return value + length > 0 ? value + length : 0;
    if (value < length) return value;
    return isNaN(value) ? 0 : length;
  };
  const whole = (value, fallback) => (isInteger(value) ? value : isNaN(+value) ? fallback : trunc(+value));

  const find = (bytes, value, from, encoding, forward) => {
    bytesNeeded(bytes, "buffer");
    if (typeof from === "string") {
      encoding = from;
      from = undefined;
    }
    from = +from;
    if (isNaN(from)) from = forward ? 0 : bytes.length;
    from = trunc(from);
    let needle;
    let step = 1;
    if (typeof value === "number") {
      needle = Uint8Array.of(value & 255);
    } else if (typeof value === "string") {
      const name = encodingOf(encoding);
      if (name === "utf16le") step = 2;
      needle = native.encode(value, name);
    } else if (isBytes(value)) {
      needle = value;
    } else {
      throw invalidArgument("value", "one of type number or string or an instance of Buffer or Uint8Array", value);
    }
    if (from < 0) from += bytes.length;
    if (from < 0) {
      if (!forward && needle.length > 0) return -1;
      from = 0;
    }
    if (needle.length === 0) return forward || from < bytes.length ? min(from, bytes.length) : bytes.length;
    return native.indexOf(bytes, needle, from, forward, step);
  };

  define(prototype, {
    toString(encoding, start, end) {
      const { length } = this;
      start = start <= 0 ? 0 : start >= length ? length : trunc(start) || 0;
      end = end === undefined || end > length ? length : trunc(end) || 0;
      if (end <= start) return "";
      const name = encodingOf(encoding);
      return native.decode(start === 0 && end === length ? this : view(this, start, end), name);
    },
    toJSON() {
      const data = [];
      for (let i = 0; i < this.length; i++) data[i] = this[i];
      return { type: "Buffer", data };
    },
    equals(other) {
      return native.compare(this, bytesNeeded(other, "otherBuffer")) === 0;
    },
    compare(target, targetStart = 0, targetEnd = target?.length, start = 0, end = this.length) {
      bytesNeeded(target, "target");
      integer(targetStart, "targetStart");
      integer(targetEnd, "targetEnd", 0, target.length);
      integer(start, "sourceStart");
      integer(end, "sourceEnd", 0, this.length);
      if (start >= end) return targetStart >= targetEnd ? 0 : -1;
      if (targetStart >= targetEnd) return 1;
      return native.compare(view(this, start, end), view(target, targetStart, targetEnd));
    },
    subarray(start, end) {
      const { length } = this;
      start = place(start, length);
      end = end === undefined ? length : place(end, length);
      return new FastBuffer(this.buffer, this.byteOffset + start, end > start ? end - start : 0);
    },
    slice(start, end) {
      return this.subarray(start, end);
    },
    indexOf(value, from, encoding) {
      return find(this, value, from, encoding, true);
    },
    lastIndexOf(value, from, encoding) {
      return find(this, value, from, encoding, false);
    },
    includes(value, from, encoding) {
      return this.indexOf(value, from, encoding) !== -1;
    },
    copy(target, targetStart, start, end) {
      bytesNeeded(target, "target");
      targetStart = targetStart === undefined ? 0 : whole(targetStart, 0);
      start = start === undefined ? 0 : whole(start, 0);
      end = end === undefined ? this.length : whole(end, 0);
      if (targetStart < 0) throw outOfRange("targetStart", ">= 0", targetStart);
      if (start < 0 || start > this.length) throw outOfRange("sourceStart", `>= 0 && <= ${this.length}`, start);
      if (end < 0) throw outOfRange("sourceEnd", ">= 0", end);
      if (targetStart >= target.length || start >= end) return 0;
      const length = min(end - start, target.length - targetStart, this.length - start);
      setBytes(target, view(this, start, start + length), targetStart);
      return length;
    },
    fill(value, start, end, encoding) {
      if (typeof value === "string" && typeof start === "string") {
        encoding = start;
        start = undefined;
      } else if (typeof value === "string" && typeof end === "string") {
        encoding = end;
        end = undefined;
      }
      if (start === undefined) {
        start = 0;
        end = this.length;
      } else {
        integer(start, "offset");
        if (end === undefined) end = this.length;
        else integer(end, "end", 0, this.length);
      }
      if (start >= end) return this;
      let pattern;
      if (typeof value === "string") {
        if (encoding !== undefined && typeof encoding !== "string") throw invalidArgument("encoding", "of type string", encoding);
        pattern = value === "" ? Uint8Array.of(0) : native.encode(value, encodingOf(encoding));
      } else if (isBytes(value)) {
        pattern = new Uint8Array(value);
      } else {
        fillBytes(this, typeof value === "boolean" ? +value : value & 255, start, end);
        return this;
      }
      if (pattern.length === 0) {
        throw error(TypeError, "ERR_INVALID_ARG_VALUE", `The argument 'value' is invalid. Received ${platform.inspect(value)}`);
      }
      for (let at = start; at < end; at += pattern.length) {
        setBytes(this, end - at < pattern.length ? view(pattern, 0, end - at) : pattern, at);
      }
      return this;
    },
    write(text, offset, length, encoding) {
      if (offset === undefined) {
        offset = 0;
        length = this.length;
      } else if (length === undefined && typeof offset === "string") {
        encoding = offset;
        offset = 0;
        length = this.length;
      } else {
        integer(offset, "offset", 0, this.length);
        const room = this.length - offset;
        if (typeof length === "string") {
          encoding = length;
          length = room;
        } else if (length === undefined) {
          length = room;
        } else {
          integer(length, "length", 0, this.length);
          length = min(length, room);
        }
      }
      if (typeof text !== "string") throw error(TypeError, "ERR_INVALID_ARG_TYPE", "argument must be a string");
      const name = encodingOf(encoding, true);
      const room = view(this, offset, offset + length);
      if (name === "utf8") return native.encodeInto(text, room)[1];
      let bytes = native.encode(text, name);
      if (name === "utf16le") length -= length % 2;
      if (bytes.length > length) bytes = view(bytes, 0, length);
      setBytes(room, bytes);
      return bytes.length;
    },
    toLocaleString(encoding, start, end) {
      return this.toString(encoding, start, end);
    },
    [platform.CUSTOM]() {
      const shown = view(this, 0, min(50, this.length));
      let hex = native.decode(shown, "hex").replace(/(..)(?=.)/g, "$1 ");
      const more = this.length - 50;
      if (more > 0) hex += ` ... ${more} more byte${more > 1 ? "s" : ""}`;
      return `<${this.constructor.name}${hex === "" ? "" : ` ${hex}`}>`;
    },
  });
  define(prototype, { inspect: prototype[platform.CUSTOM] });
});
