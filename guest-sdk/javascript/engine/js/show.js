// Values as the log shows them: text as it is, objects as JSON with two spaces,
// and what JSON cannot say as Node would. Never throws, whatever a file did to
// its objects or to the platform's; stops when a message is long enough.
(function (native, platform) {
  "use strict";
  const { Set, Uint8Array } = globalThis;
  const { uncurry, kind } = platform;
  const { keys, is, getOwnPropertySymbols } = Object;
  const { apply } = Reflect;
  const { isArray } = Array;
  const { stringify } = JSON;
  const slice = uncurry(String.prototype.slice);
  const symbolText = uncurry(Symbol.prototype.toString);
  const iso = uncurry(Date.prototype.toISOString);
  const millis = uncurry(Date.prototype.getTime);
  const pattern = uncurry(RegExp.prototype.toString);
  const eachOfMap = uncurry(Map.prototype.forEach);
  const eachOfSet = uncurry(Set.prototype.forEach);
  const sizeOfMap = uncurry(Object.getOwnPropertyDescriptor(Map.prototype, "size").get);
  const sizeOfSet = uncurry(Object.getOwnPropertyDescriptor(Set.prototype, "size").get);
  const has = uncurry(Set.prototype.has);
  const add = uncurry(Set.prototype.add);
  const remove = uncurry(Set.prototype.delete);
  const typedLength = uncurry(Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), "length").get);
  const put = uncurry(Array.prototype.push);
  const toText = String;

  // Characters of a message, levels of objects in it, bytes of a buffer.
  const MOST = 16 * 1024;
  const DEEPEST = 32;
  const BYTES = 64;
  platform.longest = MOST;

  // A long text, cut, with a note of that. What is longer by no more than a
  // note was cut already.
  platform.cut = (text) => {
    if (text.length <= MOST + 64) return text;
    return slice(text, 0, MOST) + "… [cut: " + MOST + " of " + text.length + " characters]";
  };

  const nameOfFunction = (value) => {
    const { name } = value;
    return typeof name === "string" && name !== "" ? "[Function: " + name + "]" : "[Function (anonymous)]";
  };

  class Writer {
    text = "";
    full = false;
    seen = new Set();

    put(text) {
      if (this.full) return;
      if (this.text.length + text.length > MOST) {
        this.text += slice(text, 0, MOST - this.text.length);
        this.full = true;
      } else {
        this.text += text;
      }
    }

    // A member where it is not the whole message: strings have quotes. A getter
    // may throw: that is what the member is. One call a level and one for the
    // braces: what is deep must not fill the stack.
    member(holder, key, indent) {
      const before = this.text.length;
      try {
        const value = holder[key];
        const type = kind(value);
        const simple = primitive(value, type);
        if (simple !== undefined) return this.put(simple);
        if (type === "string") return this.put(quoted(value));
        if (type === "function") return this.put(nameOfFunction(value));
        if (platform.isError(value)) return this.put("[" + headline(value) + "]");
        if (type === "Date") {
          return this.put(millis(value) === millis(value) ? "\"" + iso(value) + "\"" : "null");
        }
        if (has(this.seen, value)) return this.put("[Circular]");
        if (indent.length >= 2 * DEEPEST) return this.put(isArray(value) ? "[Array]" : "[Object]");
        add(this.seen, value);
        try {
          this.members(value, type, indent);
        } finally {
          remove(this.seen, value);
        }
      } catch (error) {
        this.text = slice(this.text, 0, before);
        this.put(failed(error));
      }
    }

    members(value, type, indent) {
      const inner = indent + "  ";
      if (platform.typedArray(type) !== undefined || type === "ArrayBuffer") return this.bytes(value, type);
      switch (type) {
        case "Map": return this.map(value, inner);
        case "Set": return this.set(value, inner);
        case "RegExp": return this.put(pattern(value));
        case "Promise": return this.put("Promise { … }");
        case "WeakMap": case "WeakSet": case "WeakRef": return this.put(type + " { … }");
        case "Boolean": case "Number": case "BigInt": case "Symbol": case "String":
          return this.member([type === "String" ? toText(value) : value.valueOf()], 0, indent);
      }
      const { toJSON } = value;
      if (typeof toJSON === "function") {
        const other = apply(toJSON, value, [""]);
        if (other !== value) return this.member([other], 0, indent);
      }
      if (isArray(value)) return this.list(value, value.length, inner, "[", "]");
      const names = keys(value);
      const symbols = getOwnPropertySymbols(value);
      const count = names.length + symbols.length;
      if (count === 0) return this.put("{}");
      for (let i = 0; i < count && !this.full; i++) {
        const key = i < names.length ? names[i] : symbols[i - names.length];
        this.put((i === 0 ? "{" : ",") + "\n" + inner + (i < names.length ? stringify(key) : "[" + symbolText(key) + "]") + ": ");
        this.member(value, key, inner);
      }
      this.put("\n" + indent + "}");
    }

    list(items, length, inner, open, close) {
      this.put(open);
      for (let i = 0; i < length && !this.full; i++) {
        this.put((i === 0 ? "\n" : ",\n") + inner);
        this.member(items, i, inner);
      }
      this.put(length === 0 ? close : "\n" + slice(inner, 2) + close);
    }

    bytes(value, type) {
      if (type === "ArrayBuffer") return this.put("ArrayBuffer <" + hex(new Uint8Array(value)) + ">");
      if (platform.isBuffer?.(value)) return this.put("<Buffer " + hex(value) + ">");
      const length = typedLength(value);
      this.put(type + "(" + length + ") [");
      for (let i = 0; i < length && !this.full; i++) this.put((i === 0 ? "" : ", ") + primitive(value[i], typeof value[i]));
      this.put("]");
    }

    map(map, inner) {
      const size = sizeOfMap(map);
      const entries = [];
      eachOfMap(map, (value, key) => {
        if (entries.length < 2 * MOST) put(entries, key, value);
      });
      this.put("Map(" + size + ") {");
      for (let i = 0; i < entries.length && !this.full; i += 2) {
        this.put((i === 0 ? "\n" : ",\n") + inner);
        this.member(entries, i, inner);
        this.put(" => ");
        this.member(entries, i + 1, inner);
      }
      this.put(size === 0 ? "}" : "\n" + slice(inner, 2) + "}");
    }

    set(set, inner) {
      const items = [];
      eachOfSet(set, (value) => {
        if (items.length < MOST) put(items, value);
      });
      this.list(items, items.length, inner, "Set(" + sizeOfSet(set) + ") {", "}");
    }
  }

  const quoted = (text) => (text.length > MOST ? slice(stringify(slice(text, 0, MOST)), 0, -1) + "…\"" : stringify(text));
  const headline = (error) => {
    const text = platform.errorText(error);
    let end = 0;
    while (end < text.length && text[end] !== "\n") end++;
    return slice(text, 0, end);
  };
  const failed = (error) => {
    try {
      // Deeper than the stack.
      if (platform.isError(error) && error.message === "Maximum call stack size exceeded") return "[Object]";
      return "[threw " + (platform.isError(error) ? headline(error) : toText(error)) + "]";
    } catch {
      return "[threw]";
    }
  };
  const hex = (bytes) => {
    const length = typedLength(bytes);
    let text = "";
    for (let i = 0; i < length && i < BYTES; i++) {
      text += (i === 0 ? "" : " ") + (bytes[i] < 16 ? "0" : "") + byte(bytes[i], 16);
    }
    return length > BYTES ? text + " … " + (length - BYTES) + " more bytes" : text;
  };
  const byte = uncurry(Number.prototype.toString);
  const primitive = (value, type) => {
    switch (type) {
      case "null": case "undefined": case "boolean": return "" + value;
      case "number": return is(value, -0) ? "-0" : "" + value;
      case "bigint": return value + "n";
      case "symbol": return symbolText(value);
    }
  };

  // A value as a message of its own.
  platform.show = (value) => {
    try {
      const type = kind(value);
      if (type === "string") return platform.cut(value);
      const simple = primitive(value, type);
      if (simple !== undefined) return simple;
      if (platform.isError(value)) return platform.cut(platform.errorText(value));
      if (type === "Date") return millis(value) === millis(value) ? iso(value) : "Invalid Date";
      const href = platform.hrefOf?.(value);
      if (href !== undefined) return platform.cut(href);
      const writer = new Writer();
      writer.member([value], 0, "");
      return writer.full ? writer.text + "… [cut: the first " + MOST + " characters]" : writer.text;
    } catch (error) {
      return failed(error);
    }
  };
});
