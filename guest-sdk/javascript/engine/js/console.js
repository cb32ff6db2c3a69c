// console: values as text, one message a call.
(function (native, platform) {
  "use strict";
  const plain = (value) => {
    const seen = [];
    return JSON.stringify(value, function (key, member) {
      if (typeof member === "bigint") return `${member}n`;
      if (typeof member === "function") return `[Function: ${member.name || "anonymous"}]`;
      if (member instanceof Error) return `${member.name}: ${member.message}`;
      if (typeof member !== "object" || member === null) return member;
      while (seen.length > 0 && seen[seen.length - 1] !== this) seen.pop();
      if (seen.includes(member)) return "[Circular]";
      seen.push(member);
      return member;
    }, 2);
  };

  platform.inspect = (value) => {
    if (typeof value === "string") return value;
    if (value instanceof Error) return platform.describe(value)[2];
    if (typeof value === "bigint") return `${value}n`;
    if (typeof value === "function") return `[Function: ${value.name || "anonymous"}]`;
    if (typeof value !== "object" || value === null) return String(value);
    return plain(value) ?? String(value);
  };

  platform.format = (values) => values.map(platform.inspect).join(" ");

  // The trigger says where messages go.
  const write = (level) => (...values) => platform.log?.(level, platform.format(values));
  globalThis.console = {
    debug: write("debug"), trace: write("debug"), log: write("info"), info: write("info"),
    warn: write("warn"), error: write("error"),
  };
});
