// require: the modules that exist, and what to do about all others.
(function (native, platform) {
  "use strict";
  const modules = (platform.modules ??= new Map());

  platform.require = (name) => {
    if (typeof name !== "string") throw new TypeError("require: the name must be a string");
    const found = modules.get(name.startsWith("node:") ? name.slice(5) : name);
    if (found !== undefined) return found();
    const error = new Error(
      `Cannot find module '${name}': an action is one file. Bundle npm packages and other files into it first; ` +
      "what exists is listed in guest-sdk/javascript/README.md#what-exists",
    );
    error.code = "MODULE_NOT_FOUND";
    throw error;
  };
});
