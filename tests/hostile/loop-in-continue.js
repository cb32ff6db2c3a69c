// expect: resume: out_of_fuel
// Sends the user away, and never ends when they are back.
exports.onExecutePostChallenge = async (event, api) => {
  api.redirect.sendUserTo("https://verify.example.com/");
};
exports.onContinuePostChallenge = async (event, api) => {
  api.access.deny("no");
  for (;;) {}
};
