// Plays the password reset in a browser: the whole way, and what attackers try.
// Started by `tests/suites/browser.rs`, which says where everything is.
import { chromium } from 'playwright-core';
import * as attacks from './attacks.mjs';
import { Mailbox } from './mail.mjs';
import { Visitor, wayWithoutScripts, wholeWay } from './way.mjs';

const ARGUMENTS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const settings = JSON.parse(process.argv[2]);
const [a, b, c, d, e, f, g, h, i] = settings.users;
const mailbox = await Mailbox.open(settings.mailPort);
const browser = await chromium.launch({ executablePath: settings.browser, args: ARGUMENTS });
const visitors = [];
const come = async (options) => {
  const visitor = await Visitor.come(settings, mailbox, browser, options);
  visitors.push(visitor);
  return visitor;
};

const steps = {
  'the whole way': async () => {
    const visitor = await come();
    const nowhere = await visitor.page.goto(`${settings.origin}/new-password`);
    settings.refusal = await nowhere.text();
    settings.doneUrl = doneUrl();
    await wholeWay(visitor, a);
    await visitor.page.goto(`${settings.origin}/new-password`);
    await visitor.shot('13-refused');
    await visitor.leave();
  },
  'in the dark, without scripts': async () => {
    const visitor = await come({ javaScriptEnabled: false, colorScheme: 'dark' });
    await wayWithoutScripts(visitor, b);
    await visitor.page.goto(`${settings.origin}/forgot`);
    visitor.shots = true;
    await visitor.shot('14-dark');
    await visitor.leave();
  },
  'a link that was used': () => attacks.usedLink(come, c),
  'the /continue of another browser': () => attacks.otherBrowser(come, c, d),
  'replays after the end': () => attacks.replays(come, d),
  'false tokens': () => attacks.falseTokens(come, [e, f, g]),
  'a password before the end': () => attacks.tooEarly(come, e),
  'wrong codes': () => attacks.wrongCodes(come, h, f),
  'forms of another site': () => attacks.otherSite(come, g),
  'scripts and line breaks': () => attacks.injections(come, h, mailbox),
  'open redirects': () => attacks.openRedirects(come, i),
};

/** Where the flow's actions lead at the end. */
function doneUrl() {
  const query = settings.language === 'rust' ? '?reset=done&ui_locale=en' : '';
  return `${settings.origin}/done${query}`;
}

let failed = false;
try {
  for (const [name, step] of Object.entries(steps)) {
    const begun = Date.now();
    await step();
    console.log(`${name}: ${Date.now() - begun} ms`);
    await Promise.all(visitors.splice(0).map((visitor) => visitor.context.close()));
  }
} catch (error) {
  failed = true;
  console.error(error);
  for (const visitor of visitors) {
    console.error(visitor.page.url(), visitor.problems);
    await visitor.page.screenshot({ path: `${settings.screenshots}/failed.png` }).catch(() => {});
  }
} finally {
  await browser.close();
  await mailbox.close();
}
process.exit(failed ? 1 : 0);
