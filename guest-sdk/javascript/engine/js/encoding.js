// TextEncoder, TextDecoder, atob and btoa: the last two are QuickJS's own.
(function (native, platform) {
  "use strict";
  const { Boolean, Uint8Array } = globalThis;
  const { define, list, tag, error, kind } = platform;
  const { isView } = ArrayBuffer;
  const trimmed = platform.uncurry(String.prototype.trim);
  const lower = platform.uncurry(String.prototype.toLowerCase);
  const startsWith = platform.uncurry(String.prototype.startsWith);
  const slice = platform.uncurry(String.prototype.slice);
  const NONE = new Uint8Array(0);

  // The bytes that a view or a buffer is of.
  platform.bytes = (value) => {
    if (isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    const type = kind(value);
    if (type === "ArrayBuffer" || type === "SharedArrayBuffer") return new Uint8Array(value);
    return undefined;
  };

  class TextEncoder {
    get encoding() {
      return "utf-8";
    }
    encode(text = "") {
      return native.encode(`${text}`, "utf8");
    }
    encodeInto(text, bytes) {
      if (typeof text !== "string") throw platform.invalidArgument("src", "of type string", text);
      if (kind(bytes) !== "Uint8Array") {
        throw platform.invalidArgument("dest", "an instance of Uint8Array", bytes);
      }
      const done = native.encodeInto(text, bytes);
      return { read: done[0], written: done[1] };
    }
  }
  tag(TextEncoder, "TextEncoder");
  list(TextEncoder.prototype, "encoding", "encode", "encodeInto");

  const LABELS = { __proto__: null };
  const label = (name, labels) => {
    for (const label of labels.split(" ")) LABELS[label] = name;
  };
  label("utf-8", "utf-8 utf8 unicode-1-1-utf-8 unicode11utf8 unicode20utf8 x-unicode20utf8");
  label("utf-16le", "utf-16le utf-16 ucs-2 csunicode iso-10646-ucs-2 unicode unicodefeff");
  label("utf-16be", "utf-16be unicodefffe");
  label("windows-1252", "windows-1252 latin1 ascii iso-8859-1 iso8859-1 iso88591 iso_8859-1 iso_8859-1:1987 us-ascii "
    + "l1 cp1252 cp819 ibm819 x-cp1252 csisolatin1 iso-ir-100 ansi_x3.4-1968");

  class TextDecoder {
    #encoding;
    #fatal;
    #ignoreBOM;
    #kept = NONE;
    #begun = false;
    constructor(name = "utf-8", options = {}) {
      const encoding = LABELS[lower(trimmed(`${name}`))];
      if (encoding === undefined) {
        throw error(RangeError, "ERR_ENCODING_NOT_SUPPORTED", `The "${name}" encoding is not supported`);
      }
      if (options !== null && typeof options !== "object" && typeof options !== "function") {
        throw platform.invalidArgument("options", "of type object", options);
      }
      this.#encoding = encoding;
      this.#fatal = Boolean(options?.fatal);
      this.#ignoreBOM = Boolean(options?.ignoreBOM);
    }
    get encoding() {
      return this.#encoding;
    }
    get fatal() {
      return this.#fatal;
    }
    get ignoreBOM() {
      return this.#ignoreBOM;
    }
    decode(input = NONE, options = {}) {
      let bytes = platform.bytes(input);
      if (bytes === undefined) {
        throw error(
          TypeError, "ERR_INVALID_ARG_TYPE",
          'The "list" argument must be an instance of SharedArrayBuffer, ArrayBuffer or ArrayBufferView.',
        );
      }
      const more = Boolean(options?.stream);
      if (this.#kept.length > 0) {
        const joined = new Uint8Array(this.#kept.length + bytes.length);
        joined.set(this.#kept);
        joined.set(bytes, this.#kept.length);
        bytes = joined;
      }
      const step = native.decodeStream(this.#encoding, bytes, this.#fatal, !more);
      if (step === null || step === undefined) {
        this.#kept = NONE;
        this.#begun = false;
        throw error(TypeError, "ERR_ENCODING_INVALID_ENCODED_DATA", `The encoded data was not valid for encoding ${this.#encoding}`);
      }
      let text = step[0];
      this.#kept = step[1];
      if (!this.#begun && text !== "") {
        if (!this.#ignoreBOM && startsWith(text, "\ufeff")) text = slice(text, 1);
        this.#begun = true;
      }
      if (!more) this.#begun = false;
      return text;
    }
  }
  tag(TextDecoder, "TextDecoder");
  list(TextDecoder.prototype, "encoding", "fatal", "ignoreBOM", "decode");
  define(globalThis, { TextEncoder, TextDecoder });
});
