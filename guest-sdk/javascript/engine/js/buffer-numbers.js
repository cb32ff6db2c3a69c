// The numbers in a Buffer: reading and writing them, and turning their bytes
// around.
(function (native, platform) {
  "use strict";
  const { BigInt, DataView, RangeError } = globalThis;
  const { define, error, invalidArgument, outOfRange } = platform;
  const { prototype } = globalThis.Buffer;
  const { floor } = Math;

  const check = (bytes, offset, width) => {
    if (typeof offset !== "number") throw invalidArgument("offset", "of type number", offset);
    const last = bytes.length - width;
    if (offset >= 0 && offset <= last && floor(offset) === offset) return;
    if (floor(offset) !== offset) throw outOfRange("offset", "an integer", offset);
    if (last < 0) throw platform.outOfBounds();
    throw outOfRange("offset", `>= 0 and <= ${last}`, offset);
  };
  const over = (bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

  const range = (low, high, bits, n, signed) => {
    if (bits <= 32) return `>= ${low} and <= ${high}`;
    return signed ? `>= -(2${n} ** ${bits - 1}${n}) and < 2${n} ** ${bits - 1}${n}` : `>= 0${n} and < 2${n} ** ${bits}${n}`;
  };
  const methods = {};
  const alias = (name) => {
    if (name.includes("UInt")) methods[name.replace("UInt", "Uint")] = methods[name];
  };

  // One number of fixed width, with the methods of a DataView.
  const fixed = (name, view, width, low, high) => {
    for (const order of width === 1 ? [""] : ["LE", "BE"]) {
      const little = order === "LE";
      const get = platform.uncurry(DataView.prototype[`get${view}`]);
      const set = platform.uncurry(DataView.prototype[`set${view}`]);
      methods[`read${name}${order}`] = function (offset = 0) {
        check(this, offset, width);
        return get(over(this), offset, little);
      };
      const n = typeof low === "bigint" ? "n" : "";
      methods[`write${name}${order}`] = function (value, offset = 0) {
        if (n === "n" && typeof value !== "bigint") throw invalidArgument("value", "of type bigint", value);
        if (n === "") value = +value;
        if (low !== undefined && (value < low || value > high)) {
          throw outOfRange("value", range(low, high, width * 8, n, low < 0), value);
        }
        check(this, offset, width);
        set(over(this), offset, value, little);
        return offset + width;
      };
      alias(`read${name}${order}`);
      alias(`write${name}${order}`);
    }
  };
  fixed("UInt8", "Uint8", 1, 0, 0xff);
  fixed("Int8", "Int8", 1, -0x80, 0x7f);
  fixed("UInt16", "Uint16", 2, 0, 0xffff);
  fixed("Int16", "Int16", 2, -0x8000, 0x7fff);
  fixed("UInt32", "Uint32", 4, 0, 0xffffffff);
  fixed("Int32", "Int32", 4, -0x80000000, 0x7fffffff);
  fixed("BigUInt64", "BigUint64", 8, 0n, 0xffffffffffffffffn);
  fixed("BigInt64", "BigInt64", 8, -0x8000000000000000n, 0x7fffffffffffffffn);
  fixed("Float", "Float32", 4);
  fixed("Double", "Float64", 8);

  // One to six bytes.
  const width = (value) => {
    if (value === undefined || typeof value !== "number") throw invalidArgument("byteLength", "of type number", value);
    if (floor(value) !== value) throw outOfRange("byteLength", "an integer", value);
    if (value < 1 || value > 6) throw outOfRange("byteLength", ">= 1 and <= 6", value);
  };
  for (const signed of [false, true]) {
    for (const order of ["LE", "BE"]) {
      const name = `${signed ? "Int" : "UInt"}${order}`;
      const at = (offset, count, i) => (order === "LE" ? offset + i : offset + count - 1 - i);
      methods[`read${name}`] = function (offset, count) {
        if (offset === undefined) throw invalidArgument("offset", "of type number", offset);
        width(count);
        check(this, offset, count);
        let value = 0;
        for (let i = 0; i < count; i++) value += this[at(offset, count, i)] * 2 ** (8 * i);
        return signed && value >= 2 ** (8 * count - 1) ? value - 2 ** (8 * count) : value;
      };
      methods[`write${name}`] = function (value, offset, count) {
        width(count);
        value = +value;
        const high = signed ? 2 ** (8 * count - 1) - 1 : 2 ** (8 * count) - 1;
        const low = signed ? -high - 1 : 0;
        if (value < low || value > high) throw outOfRange("value", range(low, high, 8 * count, "", signed), value);
        check(this, offset, count);
        let rest = value < 0 ? value + 2 ** (8 * count) : value;
        for (let i = 0; i < count; i++) {
          this[at(offset, count, i)] = rest % 256;
          rest = floor(rest / 256);
        }
        return offset + count;
      };
      alias(`read${name}`);
      alias(`write${name}`);
    }
  }

  const swap = (bits) => function () {
    const count = bits / 8;
    if (this.length % count !== 0) {
      throw error(RangeError, "ERR_INVALID_BUFFER_SIZE", `Buffer size must be a multiple of ${bits}-bits`);
    }
    for (let from = 0; from < this.length; from += count) {
      for (let i = 0; i < count / 2; i++) {
        const one = this[from + i];
        this[from + i] = this[from + count - 1 - i];
        this[from + count - 1 - i] = one;
      }
    }
    return this;
  };
  methods.swap16 = swap(16);
  methods.swap32 = swap(32);
  methods.swap64 = swap(64);
  for (const name of Object.keys(methods)) Object.defineProperty(methods[name], "name", { value: name });
  define(prototype, methods);
});
