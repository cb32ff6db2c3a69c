// expect: run: host_calls_exceeded
// Ever more timers that are never over.
exports.onExecutePostChallenge = async () => {
  for (;;) setTimeout(() => {}, 1e9);
};
