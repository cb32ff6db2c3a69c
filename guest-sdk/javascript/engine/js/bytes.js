// Bytes: what counts as a buffer source, and bytes as text. Whatever an action
// does to the prototypes, bytes are read with what was captured here.
(function (native, platform) {
  "use strict";
  const { Uint8Array, ArrayBuffer, DataView, TypeError } = globalThis;
  const { uncurry } = platform;
  const isView = ArrayBuffer.isView;
  const getter = (prototype, name) => uncurry(Object.getOwnPropertyDescriptor(prototype, name).get);
  const typed = Object.getPrototypeOf(Uint8Array.prototype);
  const ofTyped = ["buffer", "byteOffset", "byteLength"].map((name) => getter(typed, name));
  const ofData = ["buffer", "byteOffset", "byteLength"].map((name) => getter(DataView.prototype, name));
  const tag = getter(typed, Symbol.toStringTag);
  const lengthOf = getter(ArrayBuffer.prototype, "byteLength");
  const wellFormed = uncurry(String.prototype.toWellFormed);
  const set = uncurry(Uint8Array.prototype.set);

  // What there is not: says so, and where to read what there is.
  platform.missing = (what) => `${what} does not exist here; ${platform.page}`;

  platform.isArrayBuffer = (value) => {
    if (typeof value !== "object" || value === null) return false;
    try {
      lengthOf(value);
      return true;
    } catch {
      return false;
    }
  };

  // The bytes of a view or a buffer, not copied; undefined of anything else.
  platform.bytesOf = (value) => {
    if (isView(value)) {
      const [buffer, offset, length] = tag(value) === undefined ? ofData : ofTyped;
      return new Uint8Array(buffer(value), offset(value), length(value));
    }
    if (platform.isArrayBuffer(value)) return new Uint8Array(value);
    return undefined;
  };

  platform.copyOf = (bytes) => {
    const copy = new Uint8Array(bytes.length);
    set(copy, bytes);
    return copy;
  };

  platform.utf8 = (text) => native.crypto.decode("utf8", wellFormed(String(text)));

  // Text of bytes and back. The encodings beyond these are Buffer's.
  const own = (encoding) => {
    const name = String(encoding).toLowerCase();
    if (name === "utf-8") return "utf8";
    return name;
  };
  platform.encode = (encoding, bytes) => {
    const text = native.crypto.encode(own(encoding), bytes);
    if (text !== undefined && text !== null) return text;
    if (globalThis.Buffer === undefined) throw new TypeError(`Unknown encoding: ${encoding}`);
    return platform.toBuffer(bytes).toString(encoding);
  };
  platform.decode = (encoding, text) => {
    const name = own(encoding);
    if (name === "utf8" || name === "buffer") return platform.utf8(text);
    const bytes = native.crypto.decode(name, wellFormed(text));
    if (bytes !== undefined && bytes !== null) return bytes;
    if (globalThis.Buffer === undefined) throw new TypeError(`Unknown encoding: ${encoding}`);
    return platform.bytesOf(globalThis.Buffer.from(text, encoding));
  };

  // As Node gives bytes away.
  platform.toBuffer = (bytes) => {
    const { Buffer } = globalThis;
    if (Buffer === undefined) return bytes;
    const [buffer, offset, length] = ofTyped;
    return Buffer.from(buffer(bytes), offset(bytes), length(bytes));
  };

  // What is logged of an object whose state is private.
  platform.SHOWN = Symbol.for("nodejs.util.inspect.custom");

  // An error as Node's modules throw them.
  platform.coded = (Type, code, message) => {
    const error = new Type(message);
    error.code = code;
    return error;
  };
});
