// util: what of Node's there is. What there is not is undefined, so that
// packages can look whether it is there.
(function (native, platform) {
  "use strict";
  const { TextDecoder, TextEncoder } = globalThis;
  const { error, inspect, invalidArgument, kind } = platform;
  const PROMISIFIED = Symbol.for("nodejs.util.promisify.custom");

  const isFunction = (name, value) => {
    if (typeof value !== "function") throw invalidArgument(name, "of type function", value);
  };

  const promisify = (original) => {
    isFunction("original", original);
    const custom = original[PROMISIFIED];
    if (custom) {
      isFunction("util.promisify.custom", custom);
      return Object.defineProperty(custom, PROMISIFIED, { value: custom, configurable: true });
    }
    const promised = function (...values) {
      return new Promise((resolve, reject) => {
        Reflect.apply(original, this, [...values, (error, value) => (error ? reject(error) : resolve(value))]);
      });
    };
    Object.setPrototypeOf(promised, Object.getPrototypeOf(original));
    Object.defineProperty(promised, PROMISIFIED, { value: promised, configurable: true });
    return Object.defineProperties(promised, Object.getOwnPropertyDescriptors(original));
  };
  promisify.custom = PROMISIFIED;
  globalThis.setTimeout[PROMISIFIED] = (millis, value) => new Promise((done) => setTimeout(done, millis, value));
  globalThis.setImmediate[PROMISIFIED] = (value) => new Promise((done) => setImmediate(done, value));

  const callbackify = (original) => {
    isFunction("original", original);
    const called = function (...values) {
      const callback = values.pop();
      isFunction("last argument", callback);
      Reflect.apply(original, this, values).then(
        (value) => queueMicrotask(() => Reflect.apply(callback, this, [null, value])),
        (reason) => queueMicrotask(() => {
          const cause = reason || error(Error, "ERR_FALSY_VALUE_REJECTION", "Promise was rejected with falsy value", { reason });
          Reflect.apply(callback, this, [cause]);
        }),
      );
    };
    return Object.defineProperty(called, "name", { value: `${original.name}Callbackified`, configurable: true });
  };

  const inherits = (child, parent) => {
    if (child === undefined || child === null) isFunction("ctor", child);
    if (parent === undefined || parent === null) isFunction("superCtor", parent);
    if (parent.prototype === undefined) throw invalidArgument("superCtor.prototype", "of type object", parent.prototype);
    Object.defineProperty(child, "super_", { value: parent, writable: true, configurable: true });
    Object.setPrototypeOf(child.prototype, parent.prototype);
  };

  const warned = new Set();
  const deprecate = (original, message, code) => {
    isFunction("fn", original);
    let told = false;
    const deprecated = function (...values) {
      if (!told && !warned.has(code)) {
        told = true;
        if (code !== undefined) warned.add(code);
        console.warn(`DeprecationWarning: ${message}`);
      }
      return new.target ? Reflect.construct(original, values, new.target) : Reflect.apply(original, this, values);
    };
    Object.setPrototypeOf(deprecated, original);
    if (original.prototype) deprecated.prototype = original.prototype;
    return deprecated;
  };

  const types = {};
  const type = (name, ...kinds) => {
    types[`is${name}`] = (value) => typeof value === "object" && value !== null && kinds.includes(kind(value));
  };
  for (const name of ["Date", "RegExp", "Map", "Set", "WeakMap", "WeakSet", "Promise", "ArrayBuffer",
    "SharedArrayBuffer", "DataView", "Proxy", "Uint8Array", "Uint8ClampedArray", "Uint16Array", "Uint32Array",
    "Int8Array", "Int16Array", "Int32Array", "Float32Array", "Float64Array", "BigInt64Array", "BigUint64Array",
    "MapIterator", "SetIterator"]) type(name, name);
  type("NativeError", "Error");
  type("AnyArrayBuffer", "ArrayBuffer", "SharedArrayBuffer");
  type("ArgumentsObject", "Arguments");
  type("GeneratorObject", "Generator");
  type("BoxedPrimitive", "Boolean", "Number", "String", "Symbol", "BigInt");
  type("NumberObject", "Number");
  type("StringObject", "String");
  type("BooleanObject", "Boolean");
  type("BigIntObject", "BigInt");
  type("SymbolObject", "Symbol");
  types.isTypedArray = (value) => platform.typedArray(kind(value)) !== undefined;
  types.isArrayBufferView = (value) => ArrayBuffer.isView(value);
  const prototypes = [async function () {}, function* () {}, async function* () {}].map(Object.getPrototypeOf);
  types.isAsyncFunction = (value) =>
    typeof value === "function" && [prototypes[0], prototypes[2]].includes(Object.getPrototypeOf(value));
  types.isGeneratorFunction = (value) =>
    typeof value === "function" && [prototypes[1], prototypes[2]].includes(Object.getPrototypeOf(value));
  types.isExternal = types.isModuleNamespaceObject = types.isKeyObject = types.isCryptoKey = () => false;

  const format = (...values) => platform.printf(values, inspect);
  const util = {
    inspect, format,
    formatWithOptions: (options, ...values) =>
      platform.printf(values, (value, more) => inspect(value, { ...options, ...more })),
    promisify, callbackify, inherits, deprecate, types,
    isDeepStrictEqual: (one, other) => platform.equal(one, other),
    isArray: Array.isArray,
    isError: (value) => platform.isError(value),
    debug: () => Object.assign(() => {}, { enabled: false }),
    debuglog: () => Object.assign(() => {}, { enabled: false }),
    stripVTControlCharacters: (text) => `${text}`.replace(/[\u001b\u009b][[\]()#;?]*(?:(?:\d{1,4}(?:;\d{0,4})*)?[\dA-PR-TZcf-nq-uy=><~])/g, ""),
    toUSVString: (text) => `${text}`.toWellFormed(),
    TextEncoder, TextDecoder,
  };
  // Old packages still ask so.
  const simple = (name, test) => {
    util[`is${name}`] = test;
  };
  for (const name of ["Boolean", "Number", "String", "Symbol", "Undefined", "Function"]) {
    const type = name.toLowerCase();
    simple(name, (value) => typeof value === type);
  }
  simple("Null", (value) => value === null);
  simple("NullOrUndefined", (value) => value === null || value === undefined);
  simple("Object", (value) => typeof value === "object" && value !== null);
  simple("Primitive", (value) => value === null || (typeof value !== "object" && typeof value !== "function"));
  simple("Date", types.isDate);
  simple("RegExp", types.isRegExp);
  simple("Buffer", (value) => Buffer.isBuffer(value));
  util._extend = (target, source) => (typeof source === "object" && source !== null ? Object.assign(target, source) : target);

  platform.modules.set("util", () => util);
  platform.modules.set("util/types", () => types);
});
