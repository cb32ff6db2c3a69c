// What attackers try. Each attempt ends at the page that says no, always the
// same, and changes nothing. `ada` is a user nobody else has used.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { PASSWORD } from './way.mjs';
import { claims, sign, totp } from './token.mjs';

/** A token as the verifier would sign it for who is on its page right now. */
function answer(visitor, changes = {}, key = visitor.settings.verifierKey) {
  const query = new URL(visitor.sentTo ?? visitor.page.url()).searchParams;
  const now = Math.floor(Date.now() / 1000);
  const told = claims(query.get('session_token'));
  const state = query.get('state');
  const said = { iss: 'v', sub: told.sub, state, iat: now, exp: now + 60, result: 'ok' };
  const token = sign({ ...said, ...changes }, key);
  return `${visitor.settings.origin}/continue?state=${state}&session_token=${token}`;
}

/** A link works once, and only by its button. */
export async function usedLink(come, ada) {
  const visitor = await come();
  const link = await visitor.forgets(ada.email);
  await visitor.opens(link);
  const other = await come();
  await other.isRefused(await other.page.goto(link));
  const token = new URL(link).searchParams.get('token');
  const used = { form: { token } };
  await other.isRefused(await other.context.request.post(`${other.settings.origin}/reset`, used));
  // A newer link ends the one before it.
  const [older, newer] = [await other.asks(ada.email), await other.asks(ada.email)];
  await other.isRefused(await other.page.goto(older));
  assert.equal((await other.page.goto(newer)).status(), 200);
  await Promise.all([visitor.leave(), other.leave()]);
}

/** Somebody else's /continue, with and without a cookie of one's own. */
export async function otherBrowser(come, ada, bob) {
  const [visitor, thief] = [await come(), await come()];
  await visitor.opens(await visitor.forgets(ada.email));
  const url = answer(visitor);
  await thief.isRefused(await thief.page.goto(url));
  await thief.isSent(bob.email);
  await thief.isRefused(await thief.page.goto(url));
  // Posted, it comes to a page that posts it again, and that to the same.
  const posted = await (await come()).context.request.post(url, { form: { a: 'b' } });
  assert.match(await posted.text(), /continue\/again/);
  const again = url.replace('/continue?', '/continue/again?');
  await thief.isRefused(await thief.context.request.post(again, { form: {} }));
  // Nothing ran: its owner goes on.
  await visitor.page.goto(url);
  await visitor.sees('Enter your code');
  const waiting = visitor.page.url();
  await thief.isRefused(await thief.page.goto(waiting));
  const state = new URL(waiting).searchParams.get('state');
  const form = { state, code: totp(ada.secret) };
  const challenge = `${visitor.settings.origin}/challenge`;
  await thief.isRefused(await thief.context.request.post(challenge, { form }));
  await visitor.types(totp(ada.secret), 'Choose a new password');
  await thief.isRefused(await thief.page.goto(`${visitor.settings.origin}/new-password`));
  await Promise.all([visitor.leave(), thief.leave()]);
}

/** After the end nothing is left to go on with. */
export async function replays(come, ada) {
  const visitor = await come();
  const { origin } = visitor.settings;
  await visitor.opens(await visitor.forgets(ada.email));
  const back = answer(visitor);
  await visitor.page.goto(back);
  await visitor.sees('Enter your code');
  const waiting = visitor.page.url();
  await visitor.types(totp(ada.secret), 'Choose a new password');
  const headers = { cookie: await visitor.cookie() };
  await visitor.chooses(PASSWORD);
  const stranger = await come();
  const post = (path, form) => stranger.context.request.post(origin + path, { form, headers });
  const other = 'another password, which must not be';
  await visitor.isRefused(await post('/new-password', { password: other, again: other }));
  await visitor.isRefused(await post('/challenge', {
    state: new URL(waiting).searchParams.get('state'),
    code: totp(ada.secret, 1),
  }));
  for (const url of [back, waiting, `${origin}/new-password`]) {
    await visitor.isRefused(await visitor.page.goto(url));
    await visitor.isRefused(await stranger.context.request.get(url, { headers }));
  }
  assert.ok(await visitor.isPassword(ada, PASSWORD));
  assert.ok(!(await visitor.isPassword(ada, other)));
  await Promise.all([visitor.leave(), stranger.leave()]);
}

/** Tokens that the verifier did not sign for this user and this state, now. */
export async function falseTokens(come, users) {
  const now = Math.floor(Date.now() / 1000);
  const key = 'a key of somebody else, just as long as it';
  const tries = [
    (visitor) => answer(visitor, {}, key),
    (visitor) => answer(visitor, { sub: 'local|somebody-else' }),
    (visitor) => answer(visitor, { state: 'x'.repeat(43) }),
    (visitor) => answer(visitor, { iat: now - 300, exp: now - 180 }),
    (visitor) => answer(visitor, { result: 'refused' }),
    (visitor) => answer(visitor).replace(/session_token=.*/, 'session_token=x'),
    (visitor) => answer(visitor).replace(/session_token=[^.]*/, 'session_token=eyJhbGciOiJub25lIn0'),
  ];
  for (const [number, url] of tries.entries()) {
    const ada = users[number % users.length];
    const visitor = await come();
    await visitor.isSent(ada.email);
    const right = answer(visitor);
    if (number === 0) {
      await visitor.page.goto(url(visitor));
      await visitor.sees('This did not work');
      visitor.shots = true;
      await visitor.shot('10-denied');
    }
    const response = await visitor.context.request.get(url(visitor));
    assert.equal(response.status(), 403, `${number}`);
    assert.match(await response.text(), /We could not verify your identity\./);
    // The flow is over, whatever comes now.
    const later = await visitor.context.request.get(right, { maxRedirects: 0 });
    assert.ok([400, 403].includes(later.status()), `${later.status()}`);
    const password = `${visitor.settings.origin}/new-password`;
    await visitor.isRefused(await visitor.context.request.get(password));
    await visitor.leave();
  }
}

/** The form for the password before the flow is completed. */
export async function tooEarly(come, ada) {
  const visitor = await come();
  const page = `${visitor.settings.origin}/new-password`;
  const form = { password: PASSWORD, again: PASSWORD };
  const no = async () => {
    await visitor.isRefused(await visitor.page.goto(page));
    await visitor.isRefused(await visitor.context.request.post(page, { form }));
  };
  await no();
  const link = await visitor.forgets(ada.email);
  await visitor.opens(link);
  const back = answer(visitor);
  await no();
  await visitor.page.goto(back);
  await visitor.sees('Enter your code');
  await no();
  assert.ok(await visitor.isPassword(ada, ada.password));
  await visitor.leave();
}

/** Wrong codes, too many, and one that was used. */
export async function wrongCodes(come, ada, bob) {
  const visitor = await come();
  await visitor.isChallenged(ada);
  const code = totp(ada.secret);
  await visitor.types(code, 'Choose a new password');
  const again = await come();
  await again.isChallenged(ada);
  await again.types(code, 'Enter your code');
  assert.match(await again.page.locator('#problem').innerText(), /used before/);
  const guesser = await come();
  await guesser.isChallenged(bob);
  const waiting = guesser.page.url();
  for (let number = 0; number < 5; number += 1) {
    await guesser.types(wrong(bob, number), 'Enter your code');
  }
  await guesser.types(totp(bob.secret), 'This did not work');
  await guesser.isRefused(await guesser.page.goto(waiting));
  await Promise.all([visitor.leave(), again.leave(), guesser.leave()]);
}

/** Five digits that are not the code of any step around now. */
function wrong(user, number) {
  const right = [-1, 0, 1, 2].map((ahead) => totp(user.secret, ahead));
  const guess = String(123_456 + number);
  return right.includes(guess) ? '654321' : guess;
}

/** Forms on another site, in the browser of somebody who may set a password. */
export async function otherSite(come, ada) {
  const visitor = await come();
  const { origin } = visitor.settings;
  await visitor.mayChoose(ada);
  const spare = await (await come()).asks(ada.email);
  const forms = [
    ['/new-password', { password: PASSWORD, again: PASSWORD }],
    ['/challenge', { state: 'x'.repeat(43), code: '123456' }],
    ['/reset', { token: new URL(spare).searchParams.get('token') }],
    ['/forgot', { email: ada.email }],
    ['/sign-in', { email: ada.email, password: ada.password }],
  ];
  const site = await evil(forms.map(([path, fields]) => form(origin + path, fields)));
  for (const number of forms.keys()) {
    // 127.0.0.1 and localhost are different sites.
    await visitor.page.goto(`http://localhost:${site.port}/${number}`);
    const answered = visitor.page.waitForResponse((it) => it.url().startsWith(origin));
    await visitor.page.locator('button').click();
    await visitor.isRefused(await answered);
  }
  await site.close();
  // Nothing changed: not the password, not the link, not the flow.
  assert.ok(await visitor.isPassword(ada, ada.password));
  const response = await visitor.page.goto(spare);
  assert.equal(response.status(), 200);
  await visitor.page.goto(`${origin}/new-password`);
  await visitor.chooses(PASSWORD);
  await visitor.leave();
}

function form(action, fields) {
  const inputs = Object.entries(fields).map(
    ([name, value]) => `<input type="hidden" name="${name}" value="${value}">`,
  );
  return `<form method="post" action="${action}">${inputs.join('')}<button>Win a car</button></form>`;
}

async function evil(pages) {
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'text/html');
    response.end(pages[Number(request.url.slice(1))] ?? '');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => new Promise((resolve) => (server.closeAllConnections(), server.close(resolve)));
  return { port: server.address().port, close };
}

/** Line breaks and scripts wherever text goes in. */
export async function injections(come, ada, mailbox) {
  const visitor = await come();
  const { origin, verifier } = visitor.settings;
  const request = visitor.context.request;
  const script = '"><script>alert(1)</script>';
  const addresses = [
    `${ada.email}\r\nBcc: evil@example.org`,
    `${ada.email}, evil@example.org`,
    `${ada.email}\0`,
    `<${script}>@example.com`,
    `"${ada.email}\r\nRCPT TO:<evil@example.org>"@example.com`,
    'x'.repeat(10_000),
    '',
  ];
  for (const email of addresses) {
    const answered = await request.post(`${origin}/forgot`, { form: { email }, maxRedirects: 0 });
    assert.deepEqual([answered.status(), answered.headers().location], [303, '/forgot/sent'], email);
  }
  for (const path of ['/reset?token=', '/challenge?state=', '/continue?state=', '/forgot/']) {
    for (const text of [script, 'x\r\nSet-Cookie: reset-without-tls=x', '%FF', '%00']) {
      const encoded = text.startsWith('%') ? text : encodeURIComponent(text);
      const response = await visitor.page.goto(origin + path + encoded);
      assert.ok([400, 404].includes(response.status()), response.url());
      assert.equal(await response.text(), visitor.settings.refusal, response.url());
    }
  }
  // A page that shows what came: the one that sends a form again.
  const site = await evil([
    `<form method="post" action="${origin}/continue?state=${'x'.repeat(43)}">
       <textarea name="a&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;">${script}\n&lt;/textarea&gt;</textarea>
       <button>Win a car</button></form>`,
  ]);
  await visitor.page.goto(`http://localhost:${site.port}/0`);
  await visitor.page.locator('button').click();
  await visitor.sees('This did not work');
  await site.close();
  const page = await visitor.page.goto(`${verifier}/start?state=${encodeURIComponent(script)}&session_token=x`);
  assert.equal(page.status(), 400);
  assert.equal(mailbox.all.filter((mail) => mail.to.some((it) => it.includes('evil'))).length, 0);
  assert.equal(mailbox.all.filter((mail) => mail.to.includes(ada.email)).length, 2);
  await visitor.leave();
}

/** Wherever a URL of somebody else might be taken for ours. */
export async function openRedirects(come, ada) {
  const visitor = await come();
  const { origin, verifier } = visitor.settings;
  const evil = 'https://evil.example';
  const request = visitor.context.request;
  const more = `next=${evil}&return_to=${evil}&returnTo=${evil}&redirect_uri=${evil}&result_url=${evil}`;
  for (const url of [`/?${more}`, `/forgot?${more}`, `/sign-in?${more}`, '//evil.example/forgot',
    `/continue?state=${evil}&${more}`, '/\\evil.example', `/done?${more}`]) {
    const answered = await request.get(origin + url, { maxRedirects: 0 });
    const to = answered.headers().location ?? '/';
    assert.equal(new URL(to, origin).origin, origin, url);
    assert.ok(!(await answered.text()).includes('evil'), url);
  }
  // The host of a request is in no link.
  const headers = { host: 'evil.example' };
  const elsewhere = await request.post(`${origin}/forgot`, { form: { email: ada.email }, headers });
  await visitor.isRefused(elsewhere);
  // What comes back with the token decides nothing.
  await visitor.opens(await visitor.forgets(ada.email));
  await visitor.page.goto(`${answer(visitor)}&${more}`);
  await visitor.sees('Enter your code');
  await visitor.types(totp(ada.secret), 'Choose a new password');
  await visitor.page.goto(`${origin}/new-password?${more}`);
  await visitor.chooses(PASSWORD);
  assert.equal(visitor.page.url(), visitor.settings.doneUrl);
  // The verifier leads back to where it was told to when it was set up.
  const refused = await request.get(`${verifier}/start?${more}`, { maxRedirects: 0 });
  assert.equal(refused.status(), 400);
  await visitor.leave();
}
