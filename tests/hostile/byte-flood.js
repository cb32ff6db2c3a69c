// expect: run: host_call_bytes_exceeded
// Logs half a million characters at a time.
exports.onExecutePostChallenge = async () => {
  const text = "x".repeat(500000);
  for (;;) console.log(text);
};
