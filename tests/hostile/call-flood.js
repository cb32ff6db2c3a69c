// expect: run: host_calls_exceeded
// Asks the cache for ever.
exports.onExecutePostChallenge = async (event, api) => {
  for (;;) api.cache.get("key");
};
