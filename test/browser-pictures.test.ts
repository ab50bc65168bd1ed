/** The pictures of the README: an hour in a small company, made anew with TEST_PICTURES=1. */
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Chromium } from './support/browser.ts';
import { type Client, TestServer } from './support/chat.ts';
import { ROOT } from './support/needs.ts';

const chromium = Chromium.forTheFile();
const PICTURES = join(ROOT, 'docs', 'pictures');
/** Bytes; they travel with every clone. */
const LARGEST = 150_000;

test.runIf(process.env['TEST_PICTURES'] === '1')(
  'the pictures show what happened to web3',
  async (context) => {
    const server = await TestServer.start();
    const [ci, priya, tomas] = await Promise.all(['ci', 'priya', 'tomas'].map((name) => server.login(name)));
    const people = [ci, priya, tomas] as [Client, Client, Client];
    people[0].say('/join #ops #releases');
    people[1].say('/join #dev');
    people[2].say('/join #dev #lunch');
    people[1].say('/join #ops');
    const away = await server.login('jonas');
    away.say('/reserve correct-horse', '/quit');
    await away.end();
    people[0].say('#ops: release 4.2 is out: https://git.example.com/shop/releases/4.2');
    people[1].say(
      '#ops: looks good so far',
      'jonas: the graphs of web3 have looked odd since noon',
      'jonas: tell me when you are back',
    );
    await people[1].sees('* jonas is away; kept for jonas');
    const maya = await chromium.login('maya', server.port, context, {
      viewport: { width: 1080, height: 830 },
    });
    const jonas = await chromium.own('jonas', 'correct-horse', server.port, context, {
      viewport: { width: 1080, height: 830 },
      colorScheme: 'dark',
    });
    const phone = await chromium.login('amira', server.port, context, {
      viewport: { width: 390, height: 760 },
      deviceScaleFactor: 1.5,
      hasTouch: true,
      isMobile: true,
    });
    await maya.join('#dev');
    await maya.join('#ops');
    await maya.page.getByRole('button', { name: 'Read what was said before' }).click();
    await maya.hears('looks good so far');
    await jonas.join('#dev');
    await jonas.join('#ops');
    await phone.join('#ops');
    await maya.hears('amira came in');
    people[0].say('#ops: web3: /var is 98 % full');
    await maya.hears('98 %');
    await maya.say('It was 91 % an hour ago. I am looking.');
    await jonas.hears('I am looking');
    await jonas.say('Checkout answers with 502: https://status.example.com/checkout');
    await maya.hears('502');
    await maya.say(
      '40 GB of debug log from the payment worker, since the release this morning.',
      'I am rotating it now.',
    );
    await phone.hears('rotating');
    await phone.say('Shall I tell the shop that it is us?');
    await maya.hears('Shall I');
    await maya.say('Yes, please. Ten minutes, I think.');
    await jonas.hears('Ten minutes');
    people[1].say('#ops: /me turns the debug log off: https://git.example.com/shop/pull/812');
    await maya.hears('turns the debug log off');
    people[0].say('#ops: web3: /var is 61 % full', '#ops: checkout: all is well again');
    await maya.hears('all is well');
    await jonas.say('Confirmed, orders are coming in. Thank you, both of you!');
    await maya.hears('Confirmed');
    people[2].say(
      '#dev: who has an hour for the review of the importer?',
      '#dev: no hurry',
      'maya: tell me if I can take over',
    );
    people[1].say('jonas: shall we write it up together?');
    await maya.page.getByRole('button', { name: 'tomas 1 unread' }).waitFor();
    await jonas.row('priya').click();
    await jonas.hears('write it up');
    await jonas.say('Gladly. At four?');
    people[1].say(
      'jonas: four is good. I begin with when we noticed: https://wiki.example.com/incidents/web3',
    );
    await jonas.hears('four is good');
    await jonas.say('I have the graphs. Somebody should find out why nobody was paged at 90 %.');
    await jonas.hears('nobody was paged', 'sent');
    await jonas.text.fill('/');
    await jonas.text.pressSequentially('h');
    mkdirSync(PICTURES, { recursive: true });
    for (const [tab, name] of [
      [maya, 'page-light'],
      [jonas, 'page-dark'],
      [phone, 'page-phone'],
    ] as const) {
      const path = join(PICTURES, `${name}.png`);
      // Whoever is pictured knows by now who is here.
      await tab.page.keyboard.press('Shift');
      await tab.page.locator('#people .row').filter({ hasText: 'tomas' }).waitFor({ state: 'attached' });
      await tab.page.screenshot({ path });
      expect(statSync(path).size).toBeLessThan(LARGEST);
    }
  },
);
