const util = require('util');

const envelope = (user) => `<?xml version="1.0" encoding="utf-8"?>
<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/">
  <soap:Body><GetStatus xmlns="urn:staff"><Id>${user}</Id></GetStatus></soap:Body>
</soap:Envelope>`;

module.exports.onExecutePostChallenge = async (event, api) => {
  const res = await fetch(event.configuration.endpoint, {
    method: 'POST',
    headers: { 'Content-Type': 'text/xml; charset=utf-8', SOAPAction: '"urn:staff#GetStatus"' },
    body: envelope(event.user.user_id),
  });
  const xml = await res.text();
  const status = /<Status>(\w+)<\/Status>/.exec(xml)?.[1];
  console.log(util.format('%s is %s', event.user.user_id, status));
  if (status !== 'active') api.access.deny('This account is not active.');
};
