// expect: run: action_error
// An object that asks itself what it is.
exports.onExecutePostChallenge = async (event, api) => {
  api.access.deny("no");
  const self = new Proxy({}, { get: (target, name, receiver) => receiver[name] });
  self.anything;
};
