// Errors as an author wants them: name, message, and a stack with the frames
// that are the file's own.
(function (native, platform) {
  "use strict";
  const ours = (line) => line.includes("flowhost:") || line.includes("(native)");

  // The frames of an error without those of the platform.
  platform.frames = (error) => {
    const stack = typeof error.stack === "string" ? error.stack : "";
    return stack.split("\n").filter((line) => line.trim() !== "" && !ours(line)).join("\n");
  };

  platform.describe = (thrown) => {
    if (!(thrown instanceof Error)) {
      return ["Uncaught", platform.inspect(thrown), null];
    }
    const name = String(thrown.name || "Error");
    const message = String(thrown.message);
    const frames = platform.frames(thrown);
    const head = message === "" ? name : `${name}: ${message}`;
    return [name, message, frames === "" ? head : `${head}\n${frames}`];
  };

  // A handler need not be async: what it throws rejects all the same.
  platform.start = async (handler, makeArguments) => {
    await handler(...makeArguments());
  };
});
