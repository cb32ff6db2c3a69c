// structuredClone.
(function (native, platform) {
  "use strict";
  const { Date, DataView, DOMException, Map, Object, RegExp, Set } = globalThis;
  const { uncurry, kind } = platform;
  const get = uncurry(Map.prototype.get);
  const set = uncurry(Map.prototype.set);
  const has = uncurry(Map.prototype.has);
  const eachOfMap = uncurry(Map.prototype.forEach);
  const eachOfSet = uncurry(Set.prototype.forEach);
  const addToSet = uncurry(Set.prototype.add);
  const time = uncurry(Date.prototype.getTime);
  const copyBuffer = uncurry(ArrayBuffer.prototype.slice);
  const transferBuffer = uncurry(ArrayBuffer.prototype.transfer);
  const { keys, defineProperty, getPrototypeOf, hasOwn } = Object;
  const ERRORS = { __proto__: null, Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };

  const refused = (what) => new DOMException(`${what} could not be cloned.`, "DataCloneError");
  const put = (object, key, value) => {
    defineProperty(object, key, { __proto__: null, value, writable: true, enumerable: true, configurable: true });
  };

  const members = (seen, from, to) => {
    const names = keys(from);
    for (let i = 0; i < names.length; i++) {
      if (hasOwn(from, names[i])) put(to, names[i], clone(seen, from[names[i]]));
    }
    return to;
  };

  const cloneError = (seen, error) => {
    const name = error.name === undefined ? "Error" : `${error.name}`;
    const copy = new (ERRORS[name] ?? Error)();
    set(seen, error, copy);
    const own = (key, value) => {
      defineProperty(copy, key, { __proto__: null, value, writable: true, configurable: true, enumerable: false });
    };
    const message = Object.getOwnPropertyDescriptor(error, "message");
    if (message !== undefined && "value" in message) own("message", `${message.value}`);
    const { stack } = error;
    own("stack", typeof stack === "string" ? stack : "");
    if (hasOwn(error, "cause")) own("cause", clone(seen, error.cause));
    return copy;
  };

  const clone = (seen, value) => {
    const type = kind(value);
    switch (type) {
      case "null": case "undefined": case "boolean": case "number": case "string": case "bigint": return value;
      case "symbol": throw refused(value.toString());
      case "function": throw refused(`${value}`);
    }
    if (has(seen, value)) return get(seen, value);
    const keep = (copy) => {
      set(seen, value, copy);
      return copy;
    };
    const Typed = platform.typedArray(type);
    if (Typed !== undefined || type === "DataView") {
      const buffer = clone(seen, value.buffer);
      return keep(new (Typed ?? DataView)(buffer, value.byteOffset, type === "DataView" ? value.byteLength : value.length));
    }
    switch (type) {
      case "Boolean": case "Number": case "String": case "BigInt": return keep(Object(value.valueOf()));
      case "Date": return keep(new Date(time(value)));
      case "RegExp": return keep(new RegExp(value.source, value.flags));
      case "ArrayBuffer": return keep(copyBuffer(value, 0));
      case "Error": return cloneError(seen, value);
      case "Map": {
        const copy = keep(new Map());
        const entries = [];
        eachOfMap(value, (item, key) => void entries.push(key, item));
        for (let i = 0; i < entries.length; i += 2) set(copy, clone(seen, entries[i]), clone(seen, entries[i + 1]));
        return copy;
      }
      case "Set": {
        const copy = keep(new Set());
        const items = [];
        eachOfSet(value, (item) => void items.push(item));
        for (let i = 0; i < items.length; i++) addToSet(copy, clone(seen, items[i]));
        return copy;
      }
      case "Array": {
        const copy = keep([]);
        copy.length = value.length;
        return members(seen, value, copy);
      }
      case "DOMException": return keep(new DOMException(value.message, value.name));
      case "Object": case "Arguments": return members(seen, value, keep({}));
    }
    const name = getPrototypeOf(value)?.constructor?.name;
    throw refused(`#<${type === "Proxy" ? "Object" : name ?? type}>`);
  };

  platform.define(globalThis, {
    structuredClone(value, options) {
      if (arguments.length === 0) {
        throw platform.error(TypeError, "ERR_MISSING_ARGS", "The value argument must be specified");
      }
      const seen = new Map();
      const { transfer = [] } = options ?? {};
      for (const buffer of transfer) {
        if (kind(buffer) !== "ArrayBuffer") {
          throw new DOMException("Found invalid object in transferList", "DataCloneError");
        }
      }
      // What is transferred is moved at the end: nothing is, when it fails.
      const copy = clone(seen, value);
      for (const buffer of transfer) {
        if (has(seen, buffer)) transferBuffer(buffer);
      }
      return copy;
    },
  });
});
