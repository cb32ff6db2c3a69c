// expect: run: memory_limit_exceeded
// Ever more promises, all of them waited for.
exports.onExecutePostChallenge = async () => {
  const all = [];
  const more = () => {
    for (let n = 0; n < 1000; n += 1) all.push(Promise.resolve(new Uint8Array(4096)));
  };
  for (;;) {
    more();
    await null;
  }
};
