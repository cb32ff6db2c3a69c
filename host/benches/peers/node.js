// Runs an action's file as Node.js would be used for it: node.js WAY FOLDER, where the
// folder holds action.js and event.json. For each line with a count: one line with the
// microseconds of so many calls. A fresh way shares nothing between two calls but what
// is compiled; a warm one shares all.
'use strict';
const fs = require('fs');
const path = require('path');
const readline = require('readline');
const vm = require('vm');
const { Worker } = require('worker_threads');

const [way, folder] = process.argv.slice(2);
const source = fs.readFileSync(path.join(folder, 'action.js'), 'utf8');
const text = fs.readFileSync(path.join(folder, 'event.json'), 'utf8');
const wrapped = `(function (exports, require, module) {${source}\n})`;

// The parts of the api that the actions of the benchmarks use.
const API = `(commands) => {
  const record = (...all) => { commands.push(all); return api; };
  const api = { access: { deny: record }, authentication: { challengeWith: record } };
  return api;
}`;
const api = eval(API);

// Text in, text out: what can cross the border of an isolate or a thread.
const CALL = `const api = ${API};
  const run = async (text) => {
    const commands = [];
    await exports.onExecutePostChallenge(JSON.parse(text), api(commands));
    return JSON.stringify(commands);
  };`;

function inContext(script) {
  const context = vm.createContext({ console });
  const module = { exports: {} };
  script.runInContext(context)(module.exports, require, module);
  return async () => {
    const commands = [];
    await module.exports.onExecutePostChallenge(JSON.parse(text), api(commands));
    return commands;
  };
}

async function inIsolate() {
  const ivm = require('isolated-vm');
  const isolate = new ivm.Isolate({ memoryLimit: 64 });
  const context = await isolate.createContext();
  await context.eval(`var exports = {}; ${wrapped}(exports); ${CALL}; globalThis.run = run;`);
  const run = await context.global.get('run', { reference: true });
  const call = async () =>
    JSON.parse(await run.apply(undefined, [text], { result: { promise: true } }));
  return [call, () => isolate.dispose()];
}

function inWorker() {
  const worker = new Worker(
    `const { parentPort } = require('worker_threads');
     const exports_ = {}; const module_ = { exports: exports_ };
     ${wrapped}(exports_, require, module_);
     { const exports = module_.exports; ${CALL}
       parentPort.on('message', async (text) => parentPort.postMessage(await run(text))); }`,
    { eval: true },
  );
  const call = () =>
    new Promise((done, failed) => {
      worker.once('error', failed);
      worker.once('message', (answer) => {
        worker.off('error', failed);
        done(JSON.parse(answer));
      });
      worker.postMessage(text);
    });
  return [call, () => worker.terminate()];
}

async function fresh(make) {
  const [call, end] = await make();
  const commands = await call();
  await end();
  return commands;
}

const ways = {
  // The script is compiled once, as a host would; its context is new.
  'vm': async () => {
    const script = new vm.Script(wrapped, { filename: 'action.js' });
    return () => inContext(script)();
  },
  'vm-warm': async () => inContext(new vm.Script(wrapped, { filename: 'action.js' })),
  'isolate': async () => () => fresh(inIsolate),
  'isolate-warm': async () => (await inIsolate())[0],
  'worker': async () => () => fresh(inWorker),
  'worker-warm': async () => inWorker()[0],
  'warm': async () => {
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
  let expected;
  try {
    call = await ways[way]();
    expected = JSON.stringify(await call());
  } catch (error) {
    console.error(`${way}: ${error.message.split('\n')[0]}`);
    process.exit(1);
  }
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const micros = [];
    for (let left = Number(line); left > 0; left--) {
      const start = process.hrtime.bigint();
      const commands = await call();
      micros.push(Number(process.hrtime.bigint() - start) / 1e3);
      if (JSON.stringify(commands) !== expected) throw new Error('it came to something else');
    }
    console.log(JSON.stringify(micros));
  }
  process.exit(0);
})();
