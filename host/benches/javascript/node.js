// Runs action.js as Node.js would be used for it. For each line with a count:
// one line with the microseconds of so many calls.
'use strict';
const fs = require('fs');
const path = require('path');
const readline = require('readline');
const vm = require('vm');

const source = fs.readFileSync(path.join(__dirname, 'action.js'), 'utf8');
const text = fs.readFileSync(path.join(__dirname, 'event.json'), 'utf8');
const wrapped = `(function (exports, require, module) {${source}\n})`;

const api = (commands) => {
  const api = { authentication: { challengeWith(...all) { commands.push(all); return api; } } };
  return api;
};

const ways = {
  // The script is compiled once, as a host would; its context is new.
  async vm() {
    const script = new vm.Script(wrapped, { filename: 'action.js' });
    return async () => {
      const context = vm.createContext({ console });
      const module = { exports: {} };
      script.runInContext(context)(module.exports, require, module);
      const commands = [];
      await module.exports.onExecutePostChallenge(JSON.parse(text), api(commands));
      return commands;
    };
  },
  async isolate() {
    const ivm = require('isolated-vm');
    const code = `${wrapped}(exports = {});
      const commands = [];
      const api = { authentication: { challengeWith(...all) { commands.push(all); return api; } } };
      globalThis.run = async (text) => {
        await exports.onExecutePostChallenge(JSON.parse(text), api);
        return JSON.stringify(commands);
      };`;
    return async () => {
      const isolate = new ivm.Isolate({ memoryLimit: 64 });
      const context = await isolate.createContext();
      await context.eval(`var exports; ${code}`);
      const run = await context.global.get('run', { reference: true });
      const answer = await run.apply(undefined, [text], { result: { promise: true } });
      isolate.dispose();
      return JSON.parse(answer);
    };
  },
  async warm() {
    const module = { exports: {} };
    vm.runInThisContext(wrapped)(module.exports, require, module);
    return async () => {
      const commands = [];
      await module.exports.onExecutePostChallenge(JSON.parse(text), api(commands));
      return commands;
    };
  },
};

(async () => {
  let call;
  try {
    call = await ways[process.argv[2]]();
  } catch (error) {
    console.error(`${process.argv[2]}: ${error.message.split('\n')[0]}`);
    process.exit(1);
  }
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const micros = [];
    for (let left = Number(line); left > 0; left--) {
      const start = process.hrtime.bigint();
      const commands = await call();
      micros.push(Number(process.hrtime.bigint() - start) / 1e3);
      if (commands.length !== 1) throw new Error('the action did not challenge');
    }
    console.log(JSON.stringify(micros));
  }
})();
