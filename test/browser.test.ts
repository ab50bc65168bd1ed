/** The page, used by people in a real browser, together with people who have a netcat. */
import { expect, test } from 'vitest';
import { Chromium } from './support/browser.ts';
import { Pair } from './support/certificate.ts';
import { TestServer, until } from './support/chat.ts';
import { needs } from './support/needs.ts';
import { nc, Pipe } from './support/netcat.ts';

const chromium = Chromium.forTheFile();

test('two browsers and a netcat talk in a room and directly, both ways', async (context) => {
  needs(nc.program, nc.here, context);
  const { port } = await TestServer.start();
  const maya = await chromium.login('maya', port, context);
  const jonas = await chromium.login('jonas', port, context);
  const { pipe, append } = Pipe.tail(nc.argv(port));
  append('carol', '/join #ops');
  await pipe.prints('* nobody else is in #ops');
  await maya.join('#ops');
  await jonas.join('#ops');
  await maya.say('the disk is full');
  await jonas.hears('maya', 'the disk is full');
  append('#ops: which one?', 'jonas: psst');
  await maya.hears('carol', 'which one?');
  await jonas.row('carol').click();
  await jonas.hears('carol', 'psst');
  await jonas.say('yes?', '//tmp', '/me waves');
  await pipe.prints(
    '* nobody else is in #ops',
    '* maya joined #ops',
    '* jonas joined #ops',
    'from maya in #ops: the disk is full',
    'from jonas: yes?',
    'from jonas: /tmp',
    'from jonas: /me waves',
  );
  await maya.row('jonas').click();
  await maya.say('bob: is this for you?');
  await jonas.row('maya').click();
  await jonas.hears('maya', 'bob: is this for you?');
  expect([...maya.complaints, ...jonas.complaints]).toEqual([]);
});

test('over TLS the page opens its WebSocket over TLS, too, and one talks with whoever has none', async (context) => {
  const pair = await Pair.made();
  const server = await TestServer.start(pair.options);
  const maya = await chromium.login('maya', server.port, context, { ignoreHTTPSErrors: true });
  const jonas = await server.login('jonas');
  await maya.join('#ops');
  jonas.say('/join #ops', '#ops: psst');
  await maya.hears('jonas', 'psst');
  jonas.forget();
  await maya.say('what is it?');
  await jonas.hears('from maya in #ops: what is it?');
  await maya.hears('what is it?', 'sent');
  expect(maya.requests.filter((url) => url.startsWith('wss:'))).toHaveLength(1);
  expect(maya.requests.filter((url) => !/^(https|wss):/.test(url))).toEqual([]);
  expect(maya.complaints).toEqual([]);
});

test('what is wrong with a name is said in the words of the server', async (context) => {
  const { port } = await TestServer.start();
  await chromium.login('maya', port, context);
  const other = await chromium.open(port, context);
  const alert = other.page.getByRole('alert');
  for (const [name, words] of [
    ['Maya', 'The name Maya is taken; type another'],
    ['a b', 'A name is 1 to 32 letters'],
    ['/quit', 'A name is 1 to 32 letters'],
    ['maya: x', 'A name is 1 to 32 letters'],
  ] as const) {
    await other.page.getByLabel('Your name here').fill(name);
    await other.page.keyboard.press('Enter');
    await alert.filter({ hasText: words }).waitFor();
  }
  await other.enter('jonas');
  await other.isIn('Server');
});

test('a server that is not there is said on the first screen', async (context) => {
  const server = await TestServer.start();
  const tab = await chromium.open(server.port, context);
  server.stop.next();
  await until(() => server.completed, 'the server is gone');
  await tab.page.getByLabel('Your name here').fill('maya');
  await tab.page.keyboard.press('Enter');
  await tab.page.getByRole('alert').filter({ hasText: 'There is no answer' }).waitFor();
});

test('what is said elsewhere is counted until it is looked at, and marked where it begins', async (context) => {
  const { port } = await TestServer.start();
  const maya = await chromium.login('maya', port, context);
  const jonas = await chromium.login('jonas', port, context);
  await maya.join('#ops');
  await jonas.join('#ops');
  await maya.join('#dev');
  await jonas.say('one', 'two', '/msg maya: three');
  await maya.page.getByRole('button', { name: '#ops 2 unread' }).waitFor();
  await maya.page.getByRole('button', { name: 'jonas 1 unread' }).waitFor();
  await maya.holds("document.title === '(3) #dev – rxchat'");
  await maya.row('#ops').click();
  await maya.hears('jonas', 'one');
  await maya.holds("document.title === '(1) #ops – rxchat'");
  await maya.holds("document.querySelector('.mark.new').nextElementSibling.textContent.includes('one')");
});

test('each line of mine says whether it was sent, and why not', async (context) => {
  const { port } = await TestServer.start({ maxLine: 100 });
  const maya = await chromium.login('maya', port, context);
  const jonas = await chromium.login('jonas', port, context);
  await maya.join('#ops');
  await maya.say('is anybody here?');
  await maya.hears('is anybody here?', 'Not sent: nobody else is in #ops');
  await jonas.join('#ops');
  await maya.hears('jonas came in');
  await maya.say('ah', 'x'.repeat(200), 'and now?');
  await maya.hears('ah', 'sent');
  await maya.hears('xxx', 'Not sent: that line is longer than 100 bytes');
  await maya.hears('and now?', 'sent');
  await maya.say('/msg bob: are you there?');
  const refused = await maya.hears('are you there?', 'Not sent: bob is not here');
  await refused.getByRole('button', { name: 'Type it again' }).click();
  expect(await maya.text.inputValue()).toBe('/msg bob: are you there?');
});

test('lines that are pasted together are sent one by one, in order', async (context) => {
  const { port } = await TestServer.start();
  const maya = await chromium.login('maya', port, context);
  const jonas = await chromium.login('jonas', port, context);
  await maya.join('#ops');
  await jonas.join('#ops');
  await maya.text.fill('one\n\ntwo\r\n/me waves\n//three');
  await maya.page.getByRole('button', { name: 'Send 4 lines' }).click();
  await jonas.hears('/three');
  expect(await jonas.log.locator('.said .text').allTextContents()).toEqual(['one', 'two', 'waves', '/three']);
  expect(await maya.text.inputValue()).toBe('');
});

test('commands, rooms and names are completed by tab and by the arrow keys', async (context) => {
  const { port } = await TestServer.start();
  const maya = await chromium.login('maya', port, context);
  await chromium.login('jonas', port, context);
  await maya.page.keyboard.press('Shift');
  await maya.text.pressSequentially('/jo');
  await maya.page.getByRole('option', { name: '/join' }).waitFor();
  await maya.text.press('Tab');
  expect(await maya.text.inputValue()).toBe('/join ');
  await maya.text.pressSequentially('#ops');
  await maya.text.press('Enter');
  await maya.isIn('#ops');
  await maya.row('jonas').waitFor();
  await maya.text.pressSequentially('thanks, jo');
  await maya.text.press('Tab');
  expect(await maya.text.inputValue()).toBe('thanks, jonas ');
  await maya.text.fill('');
  await maya.text.pressSequentially('/un');
  await maya.text.press('ArrowDown');
  await maya.holds(
    "document.getElementById(document.activeElement.getAttribute('aria-activedescendant')).textContent.startsWith('/unignore')",
  );
  await maya.text.press('Escape');
  expect(await maya.page.getByRole('listbox').count()).toBe(0);
  await maya.text.fill('');
  await maya.text.press('Tab');
  await maya.holds("document.activeElement.id === 'send'");
});

test('the arrow keys bring back what was typed', async (context) => {
  const { port } = await TestServer.start();
  const maya = await chromium.login('maya', port, context);
  await maya.join('#ops');
  await maya.say('one', 'two');
  await maya.text.fill('draft');
  for (const expected of ['two', 'one', '/join #ops', '/join #ops']) {
    await maya.text.press('ArrowUp');
    expect(await maya.text.inputValue()).toBe(expected);
  }
  for (const expected of ['one', 'two', 'draft']) {
    await maya.text.press('ArrowDown');
    expect(await maya.text.inputValue()).toBe(expected);
  }
});

test('/quit goes back to the first screen, and knows the name', async (context) => {
  const { port } = await TestServer.start();
  const maya = await chromium.login('maya', port, context);
  await maya.join('#ops');
  await maya.page.getByRole('button', { name: 'Log out' }).click();
  const field = maya.page.getByLabel('Your name here');
  await field.waitFor();
  expect(await field.inputValue()).toBe('maya');
  await maya.enter('maya');
  await maya.isIn('Server');
  expect(await maya.row('#ops').count()).toBe(0);
  expect(await maya.page.evaluate('Object.entries({ ...localStorage })')).toEqual([['rxchat-name', 'maya']]);
});

test('a flood of 3,000 lines leaves a log of 2,000 that answers at once', async (context) => {
  const server = await TestServer.start();
  const maya = await chromium.login('maya', server.port, context);
  await maya.join('#ops');
  const flood = await server.login('flood');
  flood.say(...Array.from({ length: 3000 }, (_, index) => `#ops: line ${String(index)}`));
  await maya.hears('line 2999');
  expect(await maya.log.locator('.entry').count()).toBe(2000);
  await maya.say('stop it');
  await maya.hears('stop it');
});
