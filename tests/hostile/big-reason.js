// expect: run: host_call_bytes_exceeded
// A reason of 2 MiB.
exports.onExecutePostChallenge = async (event, api) => {
  try {
    api.access.deny("x".repeat(1 << 21));
  } catch {}
};
