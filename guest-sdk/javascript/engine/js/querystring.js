// querystring, as Node has it.
(function (native, platform) {
  "use strict";
  const { URIError, encodeURIComponent, isFinite } = globalThis;
  const { error, uncurry } = platform;
  const indexOf = uncurry(String.prototype.indexOf);
  const slice = uncurry(String.prototype.slice);
  const replaceAll = uncurry(String.prototype.replaceAll);
  const { isArray } = Array;
  const { keys } = Object;
  const MOST_KEYS = 1000;

  const escape = (value) => {
    const text = typeof value === "object" && value !== null ? String(value) : `${value}`;
    try {
      return encodeURIComponent(text);
    } catch {
      throw error(URIError, "ERR_INVALID_URI", "URI malformed");
    }
  };
  // As forgiving as can be: what is no escape stays, what is no UTF-8 becomes
  // U+FFFD.
  const unescape = (text) => native.unescape(`${text}`);
  const primitive = (value) => {
    switch (typeof value) {
      case "string": return value;
      case "number": return isFinite(value) ? `${value}` : "";
      case "bigint": case "boolean": return `${value}`;
      default: return "";
    }
  };

  const querystring = {
    escape,
    unescape,
    unescapeBuffer: (text) => Buffer.from(native.unescapeBytes(`${text}`)),
    stringify(object, separator, equals, options) {
      const encode = typeof options?.encodeURIComponent === "function" ? options.encodeURIComponent : querystring.escape;
      if (typeof object !== "object" || object === null) return "";
      const is = equals || "=";
      let form = "";
      const add = (name, value) => {
        form += `${form === "" ? "" : separator || "&"}${name}${is}${encode(primitive(value))}`;
      };
      for (const key of keys(object)) {
        const name = encode(key);
        const value = object[key];
        if (!isArray(value)) add(name, value);
        else for (const item of value) add(name, item);
      }
      return form;
    },
    parse(form, separator, equals, options) {
      const found = { __proto__: null };
      if (typeof form !== "string" || form === "") return found;
      const between = separator ? `${separator}` : "&";
      const is = equals ? `${equals}` : "=";
      const decode = typeof options?.decodeURIComponent === "function" ? options.decodeURIComponent : querystring.unescape;
      let most = typeof options?.maxKeys === "number" ? options.maxKeys : MOST_KEYS;
      if (!(most > 0)) most = Infinity;
      const decoded = (text) => {
        const spaced = replaceAll(text, "+", " ");
        try {
          return decode(spaced);
        } catch {
          return unescape(spaced);
        }
      };
      for (let from = 0; from <= form.length && most > 0; ) {
        let end = indexOf(form, between, from);
        if (end < 0) end = form.length;
        const pair = slice(form, from, end);
        from = end + between.length;
        if (pair === "") continue;
        most--;
        const at = indexOf(pair, is);
        const name = decoded(at < 0 ? pair : slice(pair, 0, at));
        const value = at < 0 ? "" : decoded(slice(pair, at + is.length));
        if (!(name in found)) found[name] = value;
        else if (isArray(found[name])) found[name].push(value);
        else found[name] = [found[name], value];
      }
      return found;
    },
  };
  querystring.encode = querystring.stringify;
  querystring.decode = querystring.parse;
  platform.querystring = querystring;
  platform.modules.set("querystring", () => querystring);
});
