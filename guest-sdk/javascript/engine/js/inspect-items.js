// util.inspect of what holds other values: arrays, maps, sets, bytes, promises.
// Each pushes the text of its items.
(function (native, platform) {
  "use strict";
  const { Uint8Array } = globalThis;
  const { hasOwn } = Object;
  const eachOfMap = platform.uncurry(Map.prototype.forEach);
  const eachOfSet = platform.uncurry(Set.prototype.forEach);

  const more = (count) => `... ${count} more item${count > 1 ? "s" : ""}`;
  const indented = (run, f) => {
    run.indentation += 2;
    f();
    run.indentation -= 2;
  };
  platform.items = {
    Array(run, array, level, output) {
      const shown = Math.min(run.maxArrayLength, array.length);
      let i = 0;
      while (i < array.length && output.length < shown) {
        if (hasOwn(array, i)) {
          output.push(run.showMember(array, level, String(i)));
          i++;
          continue;
        }
        let end = i + 1;
        while (end < array.length && !hasOwn(array, end)) end++;
        output.push(`<${end - i} empty item${end - i > 1 ? "s" : ""}>`);
        i = end;
      }
      if (i < array.length) output.push(more(array.length - i));
    },
    Typed(run, array, level, output) {
      const shown = Math.min(run.maxArrayLength, array.length);
      for (let i = 0; i < shown; i++) output.push(run.showPrimitive(array[i]));
      if (shown < array.length) output.push(more(array.length - shown));
    },
    Set(run, set, level, output) {
      const shown = Math.min(run.maxArrayLength, set.size);
      indented(run, () => eachOfSet(set, (item) => {
        if (output.length < shown) output.push(run.show(item, level));
      }));
      if (shown < set.size) output.push(more(set.size - shown));
    },
    Map(run, map, level, output) {
      const shown = Math.min(run.maxArrayLength, map.size);
      indented(run, () => eachOfMap(map, (item, key) => {
        if (output.length < shown) output.push(`${run.show(key, level)} => ${run.show(item, level)}`);
      }));
      if (shown < map.size) output.push(more(map.size - shown));
    },
    ArrayBuffer(run, buffer, level, output) {
      const bytes = new Uint8Array(buffer);
      let hex = native.decode(bytes.subarray(0, Math.max(0, Math.min(run.maxArrayLength, bytes.length))), "hex").replace(/(..)(?=.)/g, "$1 ");
      if (bytes.length > run.maxArrayLength) hex += ` ... ${bytes.length - run.maxArrayLength} more byte${bytes.length - run.maxArrayLength > 1 ? "s" : ""}`;
      output.push(`[Uint8Contents]: <${hex}>`, `byteLength: ${buffer.byteLength}`);
    },
    DataView(run, view, level, output) {
      for (const key of ["byteLength", "byteOffset", "buffer"]) {
        indented(run, () => output.push(`${key}: ${run.show(view[key], level)}`));
      }
    },
    Promise(run, promise, level, output) {
      const state = native.promiseState(promise);
      if (state[0] === "pending") return void output.push("<pending>");
      indented(run, () => {
        const text = run.show(state[1], level);
        output.push(state[0] === "rejected" ? `<rejected> ${text}` : text);
      });
    },
    Unknown(run, value, level, output) {
      output.push("<items unknown>");
    },
  };
});
