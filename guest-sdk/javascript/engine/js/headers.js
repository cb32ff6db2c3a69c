// Headers, and FormData: what else a request is made of.
(function (native, platform) {
  "use strict";
  const { TypeError } = globalThis;
  const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

  const byteString = (value) => {
    const text = String(value);
    for (let at = 0; at < text.length; at++) {
      if (text.charCodeAt(at) > 255) {
        throw new TypeError(
          `Cannot convert argument to a ByteString because the character at index ${at} has a value of ${text.charCodeAt(at)} which is greater than 255.`,
        );
      }
    }
    return text;
  };
  const nameOf = (method, name) => {
    const text = byteString(name);
    if (!TOKEN.test(text)) throw new TypeError(`Headers.${method}: ${text} is an invalid header name.`);
    return text.toLowerCase();
  };
  const valueOf = (method, value) => {
    const text = byteString(value).replace(/^[\t\n\r ]+|[\t\n\r ]+$/g, "");
    if (/[\0\n\r]/.test(text)) throw new TypeError(`Headers.${method}: ${JSON.stringify(text)} is an invalid header value.`);
    return text;
  };

  class Headers {
    // Lower-case names and the values that came under them.
    #lists = new Map();
    #immutable = false;
    constructor(init) {
      if (init === undefined) return;
      if (typeof init !== "object" || init === null) {
        throw new TypeError("Headers constructor: init must be an object, or an array of pairs");
      }
      if (typeof init[Symbol.iterator] === "function") {
        for (const pair of init) {
          const [name, value, ...rest] = pair;
          if (rest.length > 0 || [...pair].length !== 2) {
            throw new TypeError("Headers constructor: expected name/value pair to be length 2, found " + [...pair].length + ".");
          }
          this.append(name, value);
        }
      } else {
        for (const name of Reflect.ownKeys(init)) {
          if (Object.getOwnPropertyDescriptor(init, name)?.enumerable) this.append(name, init[name]);
        }
      }
    }
    #write() { if (this.#immutable) throw new TypeError("immutable"); }
    append(name, value) {
      const [key, text] = [nameOf("append", name), valueOf("append", value)];
      this.#write();
      const list = this.#lists.get(key);
      if (list === undefined) this.#lists.set(key, [text]);
      else list.push(text);
    }
    set(name, value) {
      const [key, text] = [nameOf("set", name), valueOf("set", value)];
      this.#write();
      this.#lists.set(key, [text]);
    }
    delete(name) {
      const key = nameOf("delete", name);
      this.#write();
      this.#lists.delete(key);
    }
    get(name) {
      const list = this.#lists.get(nameOf("get", name));
      return list === undefined ? null : list.join(", ");
    }
    has(name) { return this.#lists.has(nameOf("has", name)); }
    getSetCookie() { return [...(this.#lists.get("set-cookie") ?? [])]; }
    *entries() {
      for (const name of [...this.#lists.keys()].sort()) {
        const list = this.#lists.get(name);
        if (name === "set-cookie") for (const cookie of list) yield [name, cookie];
        else if (list !== undefined) yield [name, list.join(", ")];
      }
    }
    *keys() { for (const [name] of this.entries()) yield name; }
    *values() { for (const [, value] of this.entries()) yield value; }
    [Symbol.iterator]() { return this.entries(); }
    forEach(call, self) { for (const [name, value] of this.entries()) call.call(self, value, name, this); }
    get [Symbol.toStringTag]() { return "Headers"; }
    [platform.SHOWN]() { return Object.fromEntries(this.entries()); }
    static {
      // Headers that a host gave: they are what they are, and stay so.
      platform.headersOf = (pairs) => {
        const headers = new Headers();
        for (const [name, value] of pairs) {
          const key = name.toLowerCase();
          const list = headers.#lists.get(key);
          if (list === undefined) headers.#lists.set(key, [value]);
          else list.push(value);
        }
        headers.#immutable = true;
        return headers;
      };
    }
  }

  // Fields of text only: there are no files here.
  class FormData {
    #fields = [];
    constructor(form) {
      if (form !== undefined) throw new TypeError("FormData constructor: there are no forms here");
    }
    append(name, value) { this.#fields.push([String(name), String(value)]); }
    set(name, value) {
      const at = this.#fields.findIndex(([other]) => other === String(name));
      if (at < 0) return this.append(name, value);
      this.#fields[at] = [String(name), String(value)];
      this.#fields = this.#fields.filter(([other], index) => index <= at || other !== String(name));
    }
    get(name) { return this.#fields.find(([other]) => other === String(name))?.[1] ?? null; }
    getAll(name) { return this.#fields.filter(([other]) => other === String(name)).map(([, value]) => value); }
    has(name) { return this.#fields.some(([other]) => other === String(name)); }
    delete(name) { this.#fields = this.#fields.filter(([other]) => other !== String(name)); }
    *entries() { yield* this.#fields.map((field) => [...field]); }
    *keys() { for (const [name] of this.#fields) yield name; }
    *values() { for (const [, value] of this.#fields) yield value; }
    [Symbol.iterator]() { return this.entries(); }
    forEach(call, self) { for (const [name, value] of this.#fields) call.call(self, value, name, this); }
    get [Symbol.toStringTag]() { return "FormData"; }
    [platform.SHOWN]() { return [...this.entries()]; }
    static {
      platform.isFormData = (value) => typeof value === "object" && value !== null && #fields in value;
      // As multipart/form-data, RFC 7578: [type, text].
      platform.multipart = (form) => {
        const boundary = `----formdata-flowhost-${native.crypto.encode("hex", native.randomBytes(12))}`;
        const lines = (text) => text.replace(/\r?\n|\r/g, "\r\n");
        const quoted = (name) => lines(name).replace(/\r\n/g, "%0D%0A").replace(/"/g, "%22");
        const parts = form.#fields.map(([name, value]) =>
          `--${boundary}\r\nContent-Disposition: form-data; name="${quoted(name)}"\r\n\r\n${lines(value)}\r\n`);
        return [`multipart/form-data; boundary=${boundary}`, `${parts.join("")}--${boundary}--\r\n`];
      };
    }
  }

  platform.isToken = (text) => TOKEN.test(text);
  Object.assign(globalThis, { Headers, FormData });
});
