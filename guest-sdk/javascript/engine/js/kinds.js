// What the other scripts are written with: methods as functions, taken before
// a file can replace them; what kind of object a value is; errors with codes.
(function (native, platform) {
  "use strict";
  const { bind, call } = Function.prototype;
  const { assign } = Object;
  // Scripts that must go on when a file broke what is built in join text with
  // `+`: QuickJS calls `String.prototype.concat` for a template.
  //
  // uncurry(method)(object, …arguments), whatever becomes of `call`.
  const uncurry = bind.bind(call);
  platform.uncurry = uncurry;
  platform.modules = new Map();
  // Getters behind which there is nothing but a value that was not made yet.
  const lazy = new WeakSet();
  const [isLazy, addLazy] = [uncurry(lazy.has), uncurry(lazy.add)];
  platform.isLazy = (getter) => isLazy(lazy, getter);
  platform.addLazy = (getter) => addLazy(lazy, getter);

  // Properties as built-in ones are: they can be replaced and are not listed.
  platform.define = (object, members) => {
    for (const key of Reflect.ownKeys(members)) {
      const descriptor = Object.getOwnPropertyDescriptor(members, key);
      Object.defineProperty(object, key, { ...descriptor, enumerable: false });
    }
  };
  // The members of a class as the web wants them: they are listed.
  platform.list = (object, ...keys) => {
    for (const key of keys) {
      const descriptor = Object.getOwnPropertyDescriptor(object, key);
      Object.defineProperty(object, key, { ...descriptor, enumerable: true });
    }
  };
  platform.tag = (Class, name) => {
    Object.defineProperty(Class.prototype, Symbol.toStringTag, { value: name, configurable: true });
  };

  const kinds = { __proto__: null };
  const learn = (kind, sample) => {
    kinds[native.classOf(sample)] = kind;
  };
  learn("Object", {});
  learn("Array", []);
  learn("Error", new Error());
  learn("Date", new Date(0));
  learn("RegExp", /x/);
  learn("Map", new Map());
  learn("Set", new Set());
  learn("WeakMap", new WeakMap());
  learn("WeakSet", new WeakSet());
  learn("WeakRef", new WeakRef({}));
  learn("Promise", Promise.resolve());
  learn("Proxy", new Proxy({}, {}));
  learn("ArrayBuffer", new ArrayBuffer(0));
  learn("SharedArrayBuffer", new SharedArrayBuffer(0));
  learn("DataView", new DataView(new ArrayBuffer(0)));
  learn("Boolean", Object(true));
  learn("Number", Object(1));
  learn("String", Object("x"));
  learn("Symbol", Object(Symbol.iterator));
  learn("BigInt", Object(1n));
  learn("DOMException", new DOMException("x"));
  learn("Arguments", (function () { return arguments; })());
  learn("Arguments", Function("return arguments")());
  learn("Generator", (function* () {})());
  learn("MapIterator", new Map().keys());
  learn("SetIterator", new Set().keys());
  const typed = { __proto__: null };
  for (const Array of [
    Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array,
    Float32Array, Float64Array, BigInt64Array, BigUint64Array, globalThis.Float16Array,
  ]) {
    if (Array === undefined) continue;
    learn(Array.name, new Array(0));
    typed[Array.name] = Array;
  }

  // "null", what typeof says, or which built-in class made the object:
  // `Object` for all that none did.
  platform.kind = (value) => {
    if (value === null) return "null";
    const type = typeof value;
    return type === "object" ? kinds[native.classOf(value)] ?? "Object" : type;
  };
  // The constructor of typed arrays of that kind.
  platform.typedArray = (kind) => typed[kind];

  // An error as Node makes them.
  platform.error = (Class, code, message, more) => {
    const error = new Class(message);
    error.code = code;
    return more === undefined ? error : assign(error, more);
  };

  const described = (value) => {
    if (value === null || value === undefined) return `Received ${value}`;
    if (typeof value === "function") return `Received function ${value.name}`;
    if (typeof value === "object") {
      const name = value.constructor?.name;
      return typeof name === "string" && name !== ""
        ? `Received an instance of ${name}` : `Received ${platform.inspect(value, { depth: -1 })}`;
    }
    let text = platform.inspect(value);
    if (text.length > 28) text = `${text.slice(0, 25)}...`;
    return `Received type ${typeof value} (${text})`;
  };
  platform.invalidArgument = (name, expected, value) => {
    const what = name.endsWith(" argument") ? name : `"${name}" ${name.includes(".") ? "property" : "argument"}`;
    const message = `The ${what} must be ${expected}. ${described(value)}`;
    return platform.error(TypeError, "ERR_INVALID_ARG_TYPE", message);
  };
  platform.outOfRange = (name, range, value) => {
    const received = typeof value === "number" || typeof value === "bigint" ? grouped(value) : platform.inspect(value);
    const message = `The value of "${name}" is out of range. It must be ${range}. Received ${received}`;
    return platform.error(RangeError, "ERR_OUT_OF_RANGE", message);
  };
  // Large numbers are written 4_294_967_296.
  const grouped = (value) => {
    const text = String(value);
    const large = typeof value === "bigint"
      ? value > 4294967296n || value < -4294967296n
      : Number.isInteger(value) && Math.abs(value) > 4294967296;
    const digits = large ? text.replace(/\B(?=(\d{3})+$)/g, "_") : text;
    return typeof value === "bigint" ? `${digits}n` : digits;
  };
});
