// How util.inspect puts parts on lines: on one while they fit, numbers in
// columns.
(function (native, platform) {
  "use strict";
  const { sqrt, max, min, round, floor } = Math;
  const width = (text) => text.length;

  // Long arrays of short items, in columns, as Node chooses them.
  const columns = (run, output, value) => {
    const cut = run.maxArrayLength < output.length ? 1 : 0;
    const lengths = output.slice(0, output.length - cut).map((text) => width(text) + 2);
    const total = lengths.reduce((sum, length) => sum + length, 0);
    const widest = max(0, ...lengths);
    if (widest * 3 + run.indentation >= run.breakLength) return output;
    if (total / widest <= 5 && widest - 2 > 6) return output;
    const biased = max(widest - 3 - sqrt(widest - total / output.length), 1);
    const count = min(
      round(sqrt(2.5 * biased * lengths.length) / biased),
      floor((run.breakLength - run.indentation) / widest),
      run.compact * 4,
      15,
    );
    if (count <= 1) return output;
    const widths = [];
    for (let i = 0; i < count; i++) {
      let most = 0;
      for (let j = i; j < lengths.length; j += count) most = max(most, lengths[j]);
      widths.push(most);
    }
    let pad = "padStart";
    if (value !== undefined) {
      for (let i = 0; i < output.length; i++) {
        if (typeof value[i] !== "number" && typeof value[i] !== "bigint") {
          pad = "padEnd";
          break;
        }
      }
    }
    const lines = [];
    for (let i = 0; i < lengths.length; i += count) {
      const end = min(i + count, lengths.length);
      let line = "";
      for (let j = i; j < end - 1; j++) line += `${output[j]}, `[pad](widths[j - i]);
      line += pad === "padStart" ? output[end - 1].padStart(widths[end - 1 - i] - 2) : output[end - 1];
      lines.push(line);
    }
    if (cut === 1) lines.push(output[output.length - 1]);
    return lines;
  };

  const fits = (run, output, start, base) => {
    let total = output.length + start;
    if (total + output.length > run.breakLength) return false;
    for (const part of output) {
      total += width(part);
      if (total > run.breakLength) return false;
    }
    return base === "" || !base.includes("\n");
  };

  // `compact: true`, which lines up what is below a single brace.
  const tight = (run, output, base, open, close) => {
    const after = base === "" ? "" : ` ${base}`;
    if (fits(run, output, 0, base)) return `${open}${after} ${output.join(", ")} ${close}`;
    const indentation = " ".repeat(run.indentation);
    const first = base === "" && open.length === 1 ? " " : `${after}\n${indentation}  `;
    return `${open}${first}${output.join(`,\n${indentation}  `)} ${close}`;
  };

  const layOut = (run, output, base, open, close, array, level, value) => {
    const before = base === "" ? "" : `${base} `;
    if (run.compact === true) return tight(run, output, base, open, close);
    const compact = run.compact === false ? 0 : run.compact;
    const entries = output.length;
    if (compact > 0 && array && entries > 6) output = columns(run, output, value);
    // Together with what is in it, no more than that many levels on a line.
    if (run.level - level < compact && entries === output.length) {
      const start = output.length + run.indentation + open.length + base.length + 10;
      if (fits(run, output, start, base)) {
        const joined = output.join(", ");
        if (!joined.includes("\n")) return `${before}${open} ${joined} ${close}`;
      }
    }
    const indentation = `\n${" ".repeat(run.indentation)}`;
    return `${before}${open}${indentation}  ${output.join(`,${indentation}  `)}${indentation}${close}`;
  };

  platform.layout = { layOut };
});
