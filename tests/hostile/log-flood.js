// expect: run: host_calls_exceeded
// Logs for ever.
exports.onExecutePostChallenge = async () => {
  for (let n = 0; ; n += 1) console.log("line", n, { n });
};
