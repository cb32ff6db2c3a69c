// console: one message a call. What its levels are for is the trigger's to say,
// which gets them as `platform.log(level, text)`.
(function (native, platform) {
  "use strict";
  const { uncurry, show } = platform;
  const { is, keys } = Object;
  const { isArray } = Array;
  const { parseInt: integer, parseFloat: float } = Number;
  const { stringify } = JSON;
  const toNumber = Number;
  const toText = String;
  const slice = uncurry(String.prototype.slice);
  const get = uncurry(Map.prototype.get);
  const set = uncurry(Map.prototype.set);
  const remove = uncurry(Map.prototype.delete);
  const padEnd = uncurry(String.prototype.padEnd);
  const has = uncurry(Set.prototype.has);
  const { hasOwn, getPrototypeOf } = Object;
  const builtins = new Set();
  for (const name of Reflect.ownKeys(globalThis)) {
    if (typeof globalThis[name] === "function") builtins.add(globalThis[name]);
  }
  const { toPrimitive } = Symbol;
  const datePrimitive = Date.prototype[toPrimitive];

  const numeral = (value, convert) => {
    if (typeof value === "bigint") return value + "n";
    if (typeof value === "symbol") return "NaN";
    const number = convert(value);
    return is(number, -0) ? "-0" : "" + number;
  };
  const json = (value) => {
    try {
      return stringify(value);
    } catch (error) {
      if (/circular/.test(error?.message)) return "[Circular]";
      throw error;
    }
  };
  // Whether an object says by itself what it is as text.
  const hasText = (value) => {
    const primitive = value[toPrimitive];
    if (typeof primitive === "function" && primitive !== datePrimitive) return true;
    if (typeof value.toString !== "function") return false;
    let owner = value;
    while (owner !== null && !hasOwn(owner, "toString")) owner = getPrototypeOf(owner);
    return owner === null || owner === value || !hasOwn(owner, "constructor") || !has(builtins, owner.constructor);
  };
  const substitutes = {
    __proto__: null,
    s: (value, inspect) => {
      if (typeof value === "number") return numeral(value, toNumber);
      if (typeof value === "bigint") return value + "n";
      return typeof value !== "object" || value === null || hasText(value) ? toText(value) : inspect(value, { depth: 0 });
    },
    d: (value) => numeral(value, toNumber),
    i: (value) => numeral(value, integer),
    f: (value) => (typeof value === "symbol" ? "NaN" : numeral(float(value), toNumber)),
    j: (value) => json(value),
    o: (value, inspect) => inspect(value, { showHidden: true, depth: 4 }),
    O: (value, inspect) => inspect(value),
    c: () => "",
  };

  // Values as one text: placeholders of the first, the others behind it.
  platform.printf = (values, inspect, longest = Infinity) => {
    let text = "";
    let used = 0;
    const first = values[0];
    if (typeof first === "string" && values.length > 1) {
      used = 1;
      let from = 0;
      for (let i = 0; i < first.length - 1; i++) {
        if (first[i] !== "%") continue;
        const letter = first[i + 1];
        const substitute = substitutes[letter];
        if (letter !== "%" && (substitute === undefined || used === values.length)) {
          if (substitute === undefined) i++;
          continue;
        }
        text += slice(first, from, i) + (letter === "%" ? "%" : substitute(values[used++], inspect));
        from = i + 2;
        i++;
      }
      text += slice(first, from);
    } else if (values.length > 0) {
      used = 1;
      text = typeof first === "string" ? first : inspect(first);
    }
    for (; used < values.length && text.length <= longest; used++) {
      const value = values[used];
      text += " " + (typeof value === "string" ? value : inspect(value));
    }
    return text;
  };

  // The same as a message, which fails at nothing.
  const format = (values) => {
    try {
      return platform.cut(platform.printf(values, show, platform.longest));
    } catch {
      let text = "";
      for (let i = 0; i < values.length; i++) text += (i === 0 ? "" : " ") + show(values[i]);
      return platform.cut(text);
    }
  };
  platform.format = format;

  let groups = "";
  const emit = (level, text) => {
    if (groups !== "") {
      let shifted = groups;
      for (let i = 0; i < text.length; i++) shifted += text[i] === "\n" ? "\n" + groups : text[i];
      text = shifted;
    }
    platform.log?.(level, text);
  };
  const write = (level) => (...values) => emit(level, format(values));
  const label = (value) => (value === undefined ? "default" : show(value));

  const counts = new Map();
  const starts = new Map();
  const elapsed = (name) => {
    const millis = native.now() - get(starts, name);
    return millis >= 1000 ? (millis / 1000).toFixed(3) + "s" : millis.toFixed(3) + "ms";
  };

  // Rows under the names of their columns.
  const table = (rows, columns) => {
    if (typeof rows !== "object" || rows === null) return show(rows);
    const names = ["(index)"];
    const lines = [];
    for (const key of keys(rows)) {
      const line = { __proto__: null, "(index)": key };
      const row = rows[key];
      if (typeof row === "object" && row !== null) {
        for (const name of keys(row)) line[name] = show(row[name]);
      } else {
        line.Values = show(row);
      }
      for (const name of keys(line)) {
        if (!names.includes(name) && (!isArray(columns) || columns.includes(name))) names.push(name);
      }
      lines.push(line);
    }
    const cells = [names, ...lines.map((line) => names.map((name) => line[name] ?? ""))];
    const widths = names.map((_, at) => Math.max(...cells.map((row) => row[at].length)));
    return cells.map((row) => row.map((cell, at) => padEnd(cell, widths[at])).join(" | ").trimEnd()).join("\n");
  };

  globalThis.console = {
    debug: write("debug"), log: write("info"), info: write("info"), warn: write("warn"), error: write("error"),
    trace(...values) {
      const { stack } = new Error();
      emit("debug", "Trace" + (values.length > 0 ? ": " + format(values) : "") + slice(stack, 5));
    },
    assert(condition, ...values) {
      if (condition) return;
      emit("error", values.length === 0 ? "Assertion failed" : "Assertion failed: " + format(values));
    },
    dir: (value) => emit("info", show(value)),
    dirxml: write("info"),
    table(rows, columns) {
      let text;
      try {
        text = table(rows, columns);
      } catch {
        text = show(rows);
      }
      emit("info", platform.cut(text));
    },
    count(name) {
      const count = (get(counts, label(name)) ?? 0) + 1;
      set(counts, label(name), count);
      emit("info", label(name) + ": " + count);
    },
    countReset(name) {
      remove(counts, label(name));
    },
    time(name) {
      set(starts, label(name), native.now());
    },
    timeLog(name, ...values) {
      if (get(starts, label(name)) === undefined) return emit("warn", "No such label '" + label(name) + "' for console.timeLog()");
      emit("info", label(name) + ": " + elapsed(label(name)) + (values.length > 0 ? " " + format(values) : ""));
    },
    timeEnd(name) {
      if (get(starts, label(name)) === undefined) return emit("warn", "No such label '" + label(name) + "' for console.timeEnd()");
      emit("info", label(name) + ": " + elapsed(label(name)));
      remove(starts, label(name));
    },
    group(...values) {
      if (values.length > 0) emit("info", format(values));
      if (groups.length < 40) groups += "  ";
    },
    groupEnd() {
      groups = slice(groups, 2);
    },
  };
  console.groupCollapsed = console.group;
  platform.define(globalThis, { console });
});
