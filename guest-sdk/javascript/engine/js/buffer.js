// Buffer: bytes as Node has them, a Uint8Array with more methods. Rust turns
// text into bytes and back; what a Buffer can do is in buffer-methods.js and
// buffer-numbers.js.
(function (native, platform) {
  "use strict";
  const { ArrayBuffer, Uint8Array, RangeError, TypeError, atob, btoa } = globalThis;
  const { define, error, kind, invalidArgument, outOfRange, uncurry } = platform;
  const { isArray } = Array;
  const { min } = Math;
  const { isInteger } = Number;
  const { setPrototypeOf } = Object;
  const lower = uncurry(String.prototype.toLowerCase);
  const setBytes = uncurry(Uint8Array.prototype.set);
  const LONGEST = 0x7fffffff;

  class FastBuffer extends Uint8Array {}
  const { prototype } = FastBuffer;
  function Buffer(value, encodingOrOffset, length) {
    if (typeof value !== "number") return Buffer.from(value, encodingOrOffset, length);
    if (typeof encodingOrOffset === "string") throw invalidArgument("string", "of type string", value);
    return Buffer.alloc(value);
  }
  setPrototypeOf(Buffer, Uint8Array);
  Buffer.prototype = prototype;
  define(prototype, { constructor: Buffer, parent: undefined });
  Object.defineProperty(prototype, "parent", { get() { return this.buffer; }, enumerable: true, configurable: true });
  Object.defineProperty(prototype, "offset", { get() { return this.byteOffset; }, enumerable: true, configurable: true });

  const own = (bytes) => setPrototypeOf(bytes, prototype);
  const isBytes = (value) => kind(value) === "Uint8Array";
  platform.isBuffer = (value) => isBytes(value) && value instanceof Buffer;
  platform.buffer = own;

  const ENCODINGS = {
    __proto__: null,
    utf8: "utf8", "utf-8": "utf8", hex: "hex", base64: "base64", base64url: "base64url",
    latin1: "latin1", binary: "latin1", ascii: "ascii",
    utf16le: "utf16le", "utf-16le": "utf16le", ucs2: "utf16le", "ucs-2": "utf16le",
  };
  const known = (encoding) => ENCODINGS[encoding] ?? ENCODINGS[lower(`${encoding}`)];
  // Which encoding is meant; nothing means UTF-8.
  const encodingOf = (encoding, orUtf8) => {
    if (encoding === undefined || (orUtf8 && (!encoding || typeof encoding !== "string"))) return "utf8";
    const found = known(encoding);
    if (found === undefined) throw error(TypeError, "ERR_UNKNOWN_ENCODING", `Unknown encoding: ${encoding}`);
    return found;
  };
  const integer = (value, name, least = 0, most = Number.MAX_SAFE_INTEGER) => {
    if (typeof value !== "number") throw invalidArgument(name, "of type number", value);
    if (!isInteger(value)) throw outOfRange(name, "an integer", value);
    if (value < least || value > most) throw outOfRange(name, `>= ${least} && <= ${most}`, value);
  };
  const size = (value) => {
    if (typeof value !== "number") throw invalidArgument("size", "of type number", value);
    if (!(value >= 0 && value <= LONGEST)) throw outOfRange("size", `>= 0 && <= ${LONGEST}`, value);
    return value;
  };
  const outOfBounds = (name) =>
    error(RangeError, "ERR_BUFFER_OUT_OF_BOUNDS", name === undefined
      ? "Attempt to access memory outside buffer bounds" : `"${name}" is outside of buffer bounds`);
  platform.outOfBounds = outOfBounds;
  const bytesNeeded = (value, name) => {
    if (!isBytes(value)) throw invalidArgument(name, "an instance of Buffer or Uint8Array", value);
    return value;
  };
  const view = (bytes, start, end) =>
    new Uint8Array(bytesNeeded(bytes, "buffer").buffer, bytes.byteOffset + start, end - start);

  const overArrayBuffer = (buffer, offset, length) => {
    offset = +offset || 0;
    const most = buffer.byteLength - offset;
    if (most < 0) throw outOfBounds("offset");
    if (length === undefined) return new FastBuffer(buffer, offset, most);
    length = +length;
    if (!(length > 0)) length = 0;
    if (length > most) throw outOfBounds("length");
    return new FastBuffer(buffer, offset, length);
  };
  const fromObject = (value) => {
    if (value.length !== undefined || kind(value.buffer) === "ArrayBuffer") {
      if (typeof value.length !== "number" || value.length <= 0) return new FastBuffer(0);
      if (ArrayBuffer.isView(value) && kind(value) !== "Uint8Array") return new FastBuffer(value);
      const bytes = new FastBuffer(size(value.length));
      setBytes(bytes, value);
      return bytes;
    }
    if (value.type === "Buffer" && isArray(value.data)) return fromObject(value.data);
  };

  define(Buffer, {
    poolSize: 8192,
    from(value, encodingOrOffset, length) {
      if (typeof value === "string") return own(native.encode(value, encodingOf(encodingOrOffset, true)));
      if (typeof value === "object" && value !== null) {
        const type = kind(value);
        if (type === "ArrayBuffer" || type === "SharedArrayBuffer") return overArrayBuffer(value, encodingOrOffset, length);
        const inner = typeof value.valueOf === "function" ? value.valueOf() : undefined;
        if (inner !== null && inner !== undefined && inner !== value && (typeof inner === "string" || typeof inner === "object")) {
          return Buffer.from(inner, encodingOrOffset, length);
        }
        const bytes = fromObject(value);
        if (bytes !== undefined) return bytes;
        if (typeof value[Symbol.toPrimitive] === "function") {
          const text = value[Symbol.toPrimitive]("string");
          if (typeof text === "string") return Buffer.from(text, encodingOrOffset);
        }
      }
      throw invalidArgument(
        "first argument", "of type string or an instance of Buffer, ArrayBuffer, or Array or an Array-like Object", value,
      );
    },
    of(...bytes) {
      return Buffer.from(bytes);
    },
    copyBytesFrom(from, offset = 0, length = undefined) {
      if (platform.typedArray(kind(from)) === undefined) throw invalidArgument("view", "an instance of TypedArray", from);
      integer(offset, "offset");
      if (length !== undefined) integer(length, "length");
      const part = from.slice(offset, length === undefined ? undefined : offset + length);
      return new FastBuffer(part.buffer, part.byteOffset, part.byteLength);
    },
    alloc(length, fill, encoding) {
      const bytes = new FastBuffer(size(length));
      return fill === undefined || fill === 0 || bytes.length === 0 ? bytes : bytes.fill(fill, typeof encoding === "string" ? encoding : undefined);
    },
    allocUnsafe: (length) => new FastBuffer(size(length)),
    allocUnsafeSlow: (length) => new FastBuffer(size(length)),
    isBuffer: (value) => value instanceof Buffer,
    isEncoding: (encoding) => typeof encoding === "string" && encoding !== "" && known(encoding) !== undefined,
    byteLength(value, encoding) {
      if (typeof value !== "string") {
        if (ArrayBuffer.isView(value) || kind(value) === "ArrayBuffer" || kind(value) === "SharedArrayBuffer") return value.byteLength;
        throw invalidArgument("string", "of type string or an instance of Buffer or ArrayBuffer", value);
      }
      switch (encoding === undefined ? "utf8" : known(encoding) ?? "utf8") {
        case "utf8": return native.byteLength(value);
        case "utf16le": return 2 * value.length;
        case "hex": return value.length >>> 1;
        case "base64": case "base64url": {
          let { length } = value;
          if (value[length - 1] === "=") length--;
          if (length > 1 && value[length - 1] === "=") length--;
          return (length * 3) >>> 2;
        }
        default: return value.length;
      }
    },
    compare: (one, other) => native.compare(bytesNeeded(one, "buf1"), bytesNeeded(other, "buf2")),
    concat(list, length) {
      if (!isArray(list)) throw invalidArgument("list", "an instance of Array", list);
      if (length === undefined) {
        length = 0;
        for (let i = 0; i < list.length; i++) length += list[i]?.length || 0;
      } else {
        integer(length, "length");
      }
      const all = Buffer.alloc(length);
      let at = 0;
      for (let i = 0; i < list.length; i++) {
        const bytes = bytesNeeded(list[i], `list[${i}]`);
        const room = min(bytes.length, length - at);
        if (room > 0) setBytes(all, room === bytes.length ? bytes : view(bytes, 0, room), at);
        at += room;
      }
      return all;
    },
  });

  platform.bufferParts = { FastBuffer, bytesNeeded, encodingOf, integer, view };

  const module = {
    Buffer, SlowBuffer: (length) => Buffer.allocUnsafeSlow(length), atob, btoa,
    constants: { MAX_LENGTH: LONGEST, MAX_STRING_LENGTH: 0x3fffffff }, kMaxLength: LONGEST,
    kStringMaxLength: 0x3fffffff, INSPECT_MAX_BYTES: 50,
    isUtf8: (bytes) => native.isUtf8(platform.bytes(bytes)),
    isAscii: (bytes) => platform.bytes(bytes).every((byte) => byte < 128),
    transcode: (bytes, from, to) => Buffer.from(Buffer.from(bytes).toString(from), to),
  };
  platform.modules.set("buffer", () => module);
  define(globalThis, { Buffer });
});
