// The way of a user, step by step. What is looked at on every page is here too:
// headers, scripts that should not run, policies that are broken.
import assert from 'node:assert/strict';
import { totp } from './token.mjs';

export const PASSWORD = 'correct horse battery staple';

const HEADERS = {
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

/** A browser of its own: cookies are not shared. */
export class Visitor {
  constructor(settings, mailbox, context, page) {
    Object.assign(this, { settings, mailbox, context, page, shots: false });
  }

  static async come(settings, mailbox, browser, options = {}) {
    const context = await browser.newContext({
      viewport: { width: 900, height: 760 },
      ...options,
    });
    context.setDefaultTimeout(20_000);
    const page = await context.newPage();
    const visitor = new Visitor(settings, mailbox, context, page);
    page.on('dialog', (dialog) => visitor.wrong(`a script ran: ${dialog.message()}`));
    page.on('pageerror', (error) => visitor.wrong(`a script failed: ${error}`));
    page.on('console', (message) => {
      if (message.text().includes('Content Security Policy')) visitor.wrong(message.text());
    });
    page.on('response', (response) => visitor.#checked(response));
    return visitor;
  }

  problems = [];

  wrong(what) {
    this.problems.push(what);
  }

  #checked(response) {
    const { origin, verifier } = this.settings;
    if (![origin, verifier].includes(new URL(response.url()).origin)) return;
    const headers = response.headers();
    for (const [name, value] of Object.entries(HEADERS)) {
      if (headers[name] !== value) this.wrong(`${response.url()}: ${name}: ${headers[name]}`);
    }
    if (!headers['content-security-policy']?.includes("default-src 'none'")) {
      this.wrong(`${response.url()}: no policy`);
    }
  }

  async leave() {
    await this.context.close();
    assert.deepEqual(this.problems, []);
  }

  async shot(name) {
    if (!this.shots) return;
    const path = `${this.settings.screenshots}/${name}.png`;
    await this.page.screenshot({ path, animations: 'disabled' });
  }

  async heading() {
    return this.page.locator('h1').innerText();
  }

  /** Presses a button, and waits for the page that comes of it. */
  async press(name, heading) {
    await this.page.getByRole('button', { name, exact: true }).click();
    await this.sees(heading);
  }

  async sees(heading) {
    await this.page.getByRole('heading', { level: 1, name: heading, exact: true }).waitFor();
  }

  /** From the form to the mail. */
  async forgets(email) {
    await this.page.goto(`${this.settings.origin}/forgot`);
    await this.shot('01-forgot');
    await this.page.getByLabel('E-mail address').fill(email);
    await this.press('Send the link', 'Check your mail');
    await this.shot('02-sent');
    return this.mailbox.link(email);
  }

  /** The same without a page. */
  async asks(email) {
    const form = { email };
    await this.context.request.post(`${this.settings.origin}/forgot`, { form, maxRedirects: 0 });
    return this.mailbox.link(email);
  }

  /** To the verifier's door, without a page: `sentTo` is where that is. */
  async isSent(email) {
    const form = { token: new URL(await this.asks(email)).searchParams.get('token') };
    const reset = `${this.settings.origin}/reset`;
    const answered = await this.context.request.post(reset, { form, maxRedirects: 0 });
    this.sentTo = answered.headers().location;
  }

  /** Opens the link, and gets to the verifier. */
  async opens(link) {
    await this.page.goto(link);
    await this.sees('Set a new password');
    await this.shot('03-link');
    await this.press('Continue', 'Is it you?');
    assert.equal(new URL(this.page.url()).origin, this.settings.verifier);
    await this.shot('04-verifier');
  }

  /** Confirms, and comes back to the challenge. */
  async confirms() {
    await this.press('Yes, it is me', 'Enter your code');
    assert.equal(new URL(this.page.url()).origin, this.settings.origin);
    await this.shot('05-challenge');
  }

  async types(code, heading) {
    await this.page.getByLabel('Code').fill(code);
    await this.press('Continue', heading);
  }

  async chooses(password, heading = 'Your password was changed') {
    await this.page.getByLabel('New password').fill(password);
    await this.page.getByLabel('The same again').fill(password);
    await this.press('Set the password', heading);
  }

  /** To the challenge. */
  async isChallenged(user) {
    await this.opens(await this.forgets(user.email));
    await this.confirms();
  }

  /** To the form for the new password. */
  async mayChoose(user) {
    await this.isChallenged(user);
    await this.types(totp(user.secret), 'Choose a new password');
    await this.shot('07-new-password');
  }

  /** Whether this is the user's password now. */
  async isPassword(user, password) {
    const form = { email: user.email, password };
    const answer = await this.context.request.post(`${this.settings.origin}/sign-in`, { form });
    assert.ok([200, 403].includes(answer.status()), `${answer.status()}`);
    return answer.ok();
  }

  /** The page that says no: always the same. */
  async isRefused(response) {
    assert.equal(response.status(), 400, response.url());
    assert.equal(await response.text(), this.settings.refusal, response.url());
  }

  /** The cookie, as the browser would send it. */
  async cookie() {
    const cookies = await this.context.cookies(this.settings.origin);
    const found = cookies.find((cookie) => cookie.name === 'reset-without-tls');
    assert.ok(found, 'no cookie');
    assert.deepEqual([found.httpOnly, found.sameSite, found.path], [true, 'Lax', '/']);
    return `${found.name}=${found.value}`;
  }
}

/** From the beginning to the end. */
export async function wholeWay(visitor, user) {
  visitor.shots = true;
  await visitor.isChallenged(user);
  await visitor.types('000000' === totp(user.secret) ? '000001' : '000000', 'Enter your code');
  assert.match(await visitor.page.locator('#problem').innerText(), /wrong/);
  await visitor.shot('06-wrong-code');
  await visitor.types(totp(user.secret), 'Choose a new password');
  await visitor.shot('07-new-password');
  await visitor.page.getByLabel('New password').fill(PASSWORD);
  await visitor.page.getByLabel('The same again').fill(`${PASSWORD}?`);
  await visitor.press('Set the password', 'Choose a new password');
  assert.match(await visitor.page.locator('#problem').innerText(), /differ/);
  await visitor.chooses(PASSWORD);
  assert.equal(visitor.page.url(), visitor.settings.doneUrl);
  await visitor.shot('08-done');
  await visitor.page.getByRole('link', { name: 'Sign in' }).click();
  await visitor.sees('Sign in');
  await visitor.page.getByLabel('E-mail address').fill(user.email);
  await visitor.page.getByLabel('Password').fill(user.password);
  await visitor.press('Sign in', 'Sign in');
  assert.match(await visitor.page.locator('.problem').innerText(), /wrong/);
  await visitor.page.getByLabel('E-mail address').fill(user.email);
  await visitor.page.getByLabel('Password').fill(PASSWORD);
  await visitor.press('Sign in', 'Welcome back');
  await visitor.shot('09-signed-in');
}

/** The same without scripts: every page that only passes on has a button. */
export async function wayWithoutScripts(visitor, user) {
  await visitor.opens(await visitor.forgets(user.email));
  if (visitor.settings.returns === 'post') {
    visitor.shots = true;
    await visitor.press('Yes, it is me', 'Thank you');
    await visitor.shot('11-verifier-back');
    await visitor.press('Go back', 'One moment …');
    await visitor.shot('12-one-moment');
    visitor.shots = false;
    await visitor.press('Continue', 'Enter your code');
  } else {
    await visitor.press('Yes, it is me', 'Enter your code');
  }
  await visitor.types(totp(user.secret), 'Choose a new password');
}
