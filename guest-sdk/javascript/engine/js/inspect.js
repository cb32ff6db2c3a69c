// util.inspect: values as Node shows them.
(function (native, platform) {
  "use strict";
  const { uncurry, kind } = platform;
  const { getOwnPropertyDescriptor, getPrototypeOf, keys: enumerable, is } = Object;
  const { ownKeys } = Reflect;
  const isEnumerable = uncurry(Object.prototype.propertyIsEnumerable);
  const hasOwn = uncurry(Object.prototype.hasOwnProperty);
  const functionText = uncurry(Function.prototype.toString);
  const regexpText = uncurry(RegExp.prototype.toString);
  const dateText = uncurry(Date.prototype.toISOString);
  const dateValue = uncurry(Date.prototype.getTime);
  const { layOut } = platform.layout;
  const { items } = platform;
  const CUSTOM = Symbol.for("nodejs.util.inspect.custom");

  const DEFAULTS = {
    showHidden: false, depth: 2, colors: false, customInspect: true, showProxy: false,
    maxArrayLength: 100, maxStringLength: 10000, breakLength: 80, compact: 3, sorted: false,
    getters: false, numericSeparator: false,
  };
  // No answer is longer: what is left out is said by `...`.
  const MOST = 1 << 20;

  const ESCAPES = { "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", "\\": "\\\\" };
  const escaped = (char) =>
    ESCAPES[char] ?? (char.length > 1 || char.charCodeAt(0) > 255
      ? `\\u${char.charCodeAt(0).toString(16).toUpperCase()}`
      : `\\x${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`);
  const SPECIAL = /[\x00-\x1f\\\x7f-\x9f]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
  const quote = (text) => {
    let mark = "'";
    if (text.includes("'")) mark = !text.includes('"') ? '"' : !text.includes("`") && !text.includes("${") ? "`" : "'";
    const plain = text.replace(SPECIAL, escaped);
    return mark + (mark === "'" ? plain.replaceAll("'", "\\'") : plain) + mark;
  };

  const showString = (run, text) => {
    let rest = "";
    if (text.length > run.maxStringLength) {
      const more = text.length - run.maxStringLength;
      text = text.slice(0, run.maxStringLength);
      rest = `... ${more} more character${more > 1 ? "s" : ""}`;
    }
    // Long text is broken into its lines.
    if (text.length > 16 && text.length > run.breakLength - run.indentation - 4) {
      const lines = text.split(/(?<=\n)/);
      if (lines.length > 1) return lines.map(quote).join(` +\n${" ".repeat(run.indentation + 2)}`) + rest;
    }
    return quote(text) + rest;
  };
  const separated = (text) => text.replace(/\B(?=(\d{3})+$)/g, "_");
  const showNumber = (run, value) => {
    if (is(value, -0)) return "-0";
    return run.numericSeparator && Number.isInteger(value) ? separated(`${value}`) : `${value}`;
  };
  const showPrimitive = (run, value) => {
    switch (typeof value) {
      case "string": return showString(run, value);
      case "number": return showNumber(run, value);
      case "bigint": return `${run.numericSeparator ? separated(`${value}`) : value}n`;
      default: return String(value);
    }
  };

  // The name of what made an object; null when it has no prototype.
  const nameOf = (object) => {
    for (let at = object, first = true; at !== null; at = getPrototypeOf(at), first = false) {
      const own = getOwnPropertyDescriptor(at, "constructor");
      if (own !== undefined && typeof own.value === "function" && own.value.name !== "" && object instanceof own.value) {
        return `${own.value.name}`;
      }
    }
    return null;
  };
  const prefix = (name, tag, fallback, size = "") => {
    if (name === null) {
      return tag !== "" && tag !== fallback
        ? `[${fallback}${size}: null prototype] [${tag}] ` : `[${fallback}${size}: null prototype] `;
    }
    return tag !== "" && tag !== name ? `${name}${size} [${tag}] ` : `${name}${size} `;
  };
  const tagOf = (object, name) => {
    const tag = object[Symbol.toStringTag];
    return typeof tag === "string" && tag !== "" && tag !== name ? tag : "";
  };

  const showFunction = (run, value, name, tag) => {
    const text = functionText(value);
    if (text.startsWith("class") && text.endsWith("}")) {
      const own = hasOwn(value, "name") && value.name !== "" ? value.name : "(anonymous)";
      let shown = `[class ${own}`;
      const parent = getPrototypeOf(value)?.name;
      if (name !== "Function" && name !== null) shown += ` [${name}]`;
      if (parent) shown += ` extends ${parent}`;
      else if (getPrototypeOf(value) === null) shown += " extends null";
      return `${shown}]`;
    }
    const type = `${/^async\b/.test(text) ? "Async" : ""}${/^(async\s+)?(function\s*)?\*/.test(text) ? "Generator" : ""}Function`;
    let shown = `[${type}`;
    if (name === null) shown += " (null prototype)";
    shown += value.name === "" || typeof value.name !== "string" ? " (anonymous)" : `: ${value.name}`;
    shown += "]";
    if (name !== type && name !== null && name !== "Function") shown += ` ${name}`;
    return tag !== "" && name !== tag && tag !== type ? `${shown} [${tag}]` : shown;
  };

  const showError = (run, error, keys) => {
    let text = typeof error.stack === "string" && error.stack !== "" ? error.stack : String(error);
    if (!text.includes("\n    at ")) text = `[${text}]`;
    if (hasOwn(error, "cause") && !keys.includes("cause")) keys.push("cause");
    if (Array.isArray(error.errors) && hasOwn(error, "errors") && !keys.includes("errors")) keys.push("errors");
    return run.indentation === 0 ? text : text.replaceAll("\n", `\n${" ".repeat(run.indentation)}`);
  };

  const keyText = (run, object, key, descriptor) => {
    if (typeof key === "symbol") return `[${key.toString()}]`;
    if (key === "__proto__") return "['__proto__']";
    if (descriptor.enumerable === false) return `[${key}]`;
    return /^[a-zA-Z_][a-zA-Z_0-9]*$/.test(key) ? key : quote(key);
  };
  const showProperty = (run, object, level, key, inArray) => {
    let descriptor = getOwnPropertyDescriptor(object, key) ?? { value: object[key], enumerable: true };
    if (platform.isLazy(descriptor.get)) descriptor = { value: object[key], enumerable: true };
    let text;
    let gap = " ";
    if ("value" in descriptor) {
      const indentation = run.compact === true && !inArray ? 3 : 2;
      run.indentation += indentation;
      text = show(run, descriptor.value, level);
      if (indentation === 3 && text.length > run.breakLength) gap = `\n${" ".repeat(run.indentation)}`;
      run.indentation -= indentation;
    } else if (descriptor.get !== undefined) {
      text = descriptor.set !== undefined ? "[Getter/Setter]" : "[Getter]";
    } else {
      text = descriptor.set !== undefined ? "[Setter]" : "undefined";
    }
    return inArray === "index" ? text : `${keyText(run, object, key, descriptor)}:${gap}${text}`;
  };

  // How an object of that kind begins: the text before its braces, the braces,
  // and what lists its items.
  const shape = (run, value, type, name, tag, keys) => {
    if (platform.typedArray(type) !== undefined) {
      return { open: `${prefix(name, tag, type, `(${value.length})`)}[`, close: "]", list: items.Typed, array: true };
    }
    switch (type) {
      case "Array":
        return {
          open: name === "Array" && tag === "" ? "[" : `${prefix(name, tag, "Array", `(${value.length})`)}[`,
          close: "]", list: items.Array, array: true,
        };
      case "Arguments": return { open: "[Arguments] {" };
      case "Map": return { open: `${prefix(name, tag, "Map", `(${value.size})`)}{`, list: items.Map };
      case "Set": return { open: `${prefix(name, tag, "Set", `(${value.size})`)}{`, list: items.Set };
      case "ArrayBuffer": case "SharedArrayBuffer": return { open: `${prefix(name, tag, type)}{`, list: items.ArrayBuffer };
      case "DataView": return { open: `${prefix(name, tag, type)}{`, list: items.DataView };
      case "Promise": return { open: `${prefix(name, tag, type)}{`, list: items.Promise };
      case "WeakSet": case "WeakMap": return { open: `${prefix(name, tag, type)}{`, list: items.Unknown };
      case "function": return { base: showFunction(run, value, name, tag) };
      case "RegExp": return { base: regexpText(value) };
      case "Date": {
        const text = dateValue(value) === dateValue(value) ? dateText(value) : "Invalid Date";
        return { base: name === "Date" || name === null ? text : `${prefix(name, tag, "Date")}${text}` };
      }
      case "Error": case "DOMException": return { base: showError(run, value, keys) };
      case "Boolean": case "Number": case "String": case "Symbol": case "BigInt": {
        const inner = value.valueOf();
        const text = typeof inner === "string" ? quote(inner) : showPrimitive(run, inner);
        if (type === "String") keys.splice(0, value.length);
        return { base: `[${type}${name === type || name === null ? "" : ` (${name})`}: ${text}]` };
      }
      case "Generator": return { open: "Object [Generator] {" };
      default: {
        if (name === "Object" && tag === "") return { open: "{" };
        const open = `${prefix(name, tag, "Object")}{`;
        return keys.length === 0 ? { base: `${open}}` } : { open };
      }
    }
  };

  // What has no items is shown as that even where objects are not gone into.
  const isEmpty = (type, value) => {
    if (type === "Map" || type === "Set") return value.size === 0;
    return (type === "Array" || platform.typedArray(type) !== undefined) && value.length === 0;
  };

  const showObject = (run, value, level) => {
    const type = kind(value) === "Proxy" && !Array.isArray(value) ? "Object" : kind(value) === "Proxy" ? "Array" : kind(value);
    const name = nameOf(value);
    const tag = tagOf(value, name);
    const listed = type === "Array" || type === "String" || platform.typedArray(type) !== undefined;
    const chosen = run.showHidden ? ownKeys(value) : ownKeys(value).filter((key) => isEnumerable(value, key));
    let keys = listed ? chosen.filter((key) => typeof key === "symbol" || !(/^(0|[1-9]\d*)$/.test(key) && (type !== "String" || key < value.length))) : chosen;
    if (type === "String") keys = chosen;
    if (type === "function" && run.showHidden === false) keys = chosen;
    const { base = "", open, close = "}", list, array = false } = shape(run, value, type, name, tag, keys);
    if (open === undefined) {
      if (keys.length === 0) return base;
    } else if (list === undefined && keys.length === 0) return `${open}}`;
    if (list !== undefined && keys.length === 0 && isEmpty(type, value)) return `${open}${close}`;
    if (level > run.depth) return `[${nameOf(value) === null ? `${type === "Array" ? "Array" : "Object"}: null prototype` : tag !== "" ? `${name} [${tag}]` : name}]`;
    level++;
    run.seen.push(value);
    run.level = level;
    const output = [];
    list?.(run, value, level, output);
    for (const key of keys) {
      if (run.budget < 0) {
        output.push("...");
        break;
      }
      output.push(showProperty(run, value, level, key, array ? "key" : false));
    }
    run.seen.pop();
    let head = open ?? "{";
    const mark = run.circular?.get(value);
    let before = base;
    if (mark !== undefined) {
      if (before === "") head = `<ref *${mark}> ${head}`;
      else before = `<ref *${mark}> ${before}`;
    }
    if (run.sorted) {
      // Of what has items in an order only the other members are sorted.
      const members = array ? output.splice(output.length - keys.length) : output;
      members.sort(typeof run.sorted === "function" ? run.sorted : undefined);
      if (array) output.push(...members);
    }
    const text = layOut(run, output, before, head, close, array, level, value);
    run.budget -= text.length;
    return text;
  };

  const show = (run, value, level, typed) => {
    if ((typeof value !== "object" && typeof value !== "function") || value === null) {
      return value === null ? "null" : showPrimitive(run, value);
    }
    if (run.budget < 0) return "...";
    if (run.customInspect) {
      const custom = value[CUSTOM];
      if (typeof custom === "function" && custom !== inspect) {
        const depth = run.depth - level;
        const { seen, budget, circular, indentation, level: _, show: __, showMember, showPrimitive: ___, ...options } = run;
        const text = custom.call(value, depth, { ...options, stylize: String }, inspect);
        if (text !== value) {
          if (typeof text !== "object") return `${text}`.replaceAll("\n", `\n${" ".repeat(run.indentation)}`);
          return show(run, text, level);
        }
      }
    }
    if (run.seen.includes(value)) {
      run.circular ??= new Map();
      if (!run.circular.has(value)) run.circular.set(value, run.circular.size + 1);
      return `[Circular *${run.circular.get(value)}]`;
    }
    return showObject(run, value, level);
  };

  const inspect = (value, options, ...old) => {
    const run = { ...DEFAULTS };
    if (typeof options === "boolean") {
      run.showHidden = options;
      if (old[0] !== undefined) run.depth = old[0];
    } else if (typeof options === "object" && options !== null) {
      for (const key of enumerable(options)) if (key in DEFAULTS) run[key] = options[key];
    }
    for (const key of ["depth", "maxArrayLength", "maxStringLength", "breakLength"]) run[key] ??= Infinity;
    run.show = (value, level) => show(run, value, level);
    run.showMember = (object, level, key) => showProperty(run, object, level, key, "index");
    run.showPrimitive = (value) => showPrimitive(run, value);
    run.seen = [];
    run.indentation = 0;
    run.level = 0;
    run.budget = MOST;
    return show(run, value, 0);
  };
  inspect.custom = CUSTOM;
  inspect.defaultOptions = DEFAULTS;
  platform.inspect = inspect;
  platform.CUSTOM = CUSTOM;
});
