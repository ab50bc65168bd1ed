/** The page with a name that is somebody's own: its password, whoever else comes in with it, and what waits for it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Chromium, ELSEWHERE, type Tab } from './support/browser.ts';
import { type Client, TestServer } from './support/chat.ts';
import { Command } from './support/command.ts';
import { needs } from './support/needs.ts';
import { nc, Pipe } from './support/netcat.ts';

const chromium = Chromium.forTheFile();

const PASSWORD = 'correct horse battery';

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'rxchat-page-'));
  onTestFinished(() => {
    rmSync(path, { recursive: true });
  });
  return path;
}

/** Makes the name somebody's own, who goes again. */
async function reserve(server: { connect: () => Client }, name = 'maya', password = PASSWORD): Promise<void> {
  const client = await server.connect().login(name);
  client.say(`/reserve ${password}`, '/quit');
  await client.sees(`* ${name} is yours; from now on log in with "${name} PASSWORD"`);
  await client.end();
  client.socket.end();
}

const focused = (tab: Tab, id: string): Promise<void> => tab.holds(`document.activeElement.id === '${id}'`);

test('a name that is somebody’s own takes its password, and what is wrong is said where it can be put right', async (context) => {
  const server = await TestServer.start({ dataDir: folder() });
  await reserve(server);
  const maya = await chromium.open(server.port, context);
  await maya.page.getByLabel('Your name here').fill('maya');
  await maya.page.keyboard.press('Enter');
  await maya.isRefused("The name maya is somebody's own; type its password, or another name");
  await focused(maya, 'password');
  await maya.page.keyboard.type('wrong horse');
  await maya.page.keyboard.press('Enter');
  await maya.isRefused('That is not the password of maya');
  await focused(maya, 'password');
  expect(await maya.password.inputValue()).toBe('');
  expect(await maya.password.getAttribute('aria-invalid')).toBe('true');
  await maya.page.keyboard.type(PASSWORD);
  await maya.page.keyboard.press('Enter');
  await maya.isIn('Server');
  expect(await maya.password.getAttribute('type')).toBe('password');
  expect(await maya.password.getAttribute('autocomplete')).toBe('current-password');
  expect(await maya.everything()).not.toMatch(/horse/);
});

test('a password for a name that is nobody’s own is no use, and neither is one in the field of the name', async (context) => {
  const server = await TestServer.start({ dataDir: folder() });
  const maya = await chromium.open(server.port, context);
  await maya.page.getByLabel('Your name here').fill('maya');
  await maya.password.fill(PASSWORD);
  await maya.page.keyboard.press('Enter');
  await maya.isRefused(
    'Nobody has reserved maya, so it has no password; leave the password empty, or take another name',
  );
  await focused(maya, 'name');
  await maya.password.fill('short');
  await maya.page.keyboard.press('Enter');
  await maya.isRefused('If maya is a name, it takes no password.');
  await focused(maya, 'name');
  await reserve(server);
  await maya.password.fill('');
  await maya.page.getByLabel('Your name here').fill(`maya ${PASSWORD}`);
  await maya.page.keyboard.press('Enter');
  await maya.isRefused('a password has its own field');
  await focused(maya, 'name');
  await maya.enter('maya', PASSWORD);
  expect(await maya.page.evaluate('Object.entries({ ...localStorage })')).toEqual([['rxchat-name', 'maya']]);
});

test('who has tried too many passwords is told when to try again, and need not type it anew', async (context) => {
  const server = await TestServer.start({ dataDir: folder() });
  await reserve(server);
  const maya = await chromium.open(server.port, context);
  await maya.page.getByLabel('Your name here').fill('maya');
  // From the third on each of them has to wait, twice as long as the one before: however slow this is, that is longer soon.
  let tried = '';
  for (
    let tries = 0;
    !(await maya.problem).includes('Too many passwords were tried; try again in');
    tries++
  ) {
    expect(tries).toBeLessThan(10);
    tried = `wrong horse ${String(tries)}`;
    await maya.password.fill(tried);
    await maya.page.keyboard.press('Enter');
    await maya.page.getByRole('button', { name: 'Come in', exact: true }).waitFor();
  }
  await focused(maya, 'password');
  expect(await maya.password.inputValue()).toBe(tried);
});

test('where others could read a password, that is said before it is typed, and in the words of the server after it', async (context) => {
  const server = await TestServer.start({
    dataDir: folder(),
    trustProxy: '127.0.0.1/32',
    allowHost: ELSEWHERE,
  });
  // Whoever comes through it is from elsewhere, as the proxy says; it is the only way in.
  const through = (address: string) =>
    createServer((client) => {
      const onward = connect(server.port, '127.0.0.1');
      onward.write(`PROXY TCP4 ${address} 192.0.2.1 4711 80\r\n`);
      client.pipe(onward).pipe(client);
      for (const socket of [client, onward]) socket.on('error', () => socket.destroy());
    });
  const proxies = [through('127.0.0.1'), through('192.0.2.7')];
  for (const proxy of proxies) {
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      proxy.close();
    });
  }
  const [near = 0, far = 0] = proxies.map((proxy) => (proxy.address() as { port: number }).port);
  const warning = 'This page did not come over TLS (https), so others on the way could read a password.';
  const here = await chromium.login('maya', near, context);
  await here.say(`/reserve ${PASSWORD}`, '/quit');
  await here.password.waitFor();
  expect(await here.page.getByText('could read').count()).toBe(0);

  const maya = await chromium.open(far, context);
  await maya.page.goto(`http://${ELSEWHERE}:${String(far)}/`);
  await maya.page.getByText(warning).waitFor();
  expect(await maya.violations()).toEqual([]);
  await maya.page.getByLabel('Your name here').fill('maya');
  await maya.password.fill(PASSWORD);
  await maya.page.keyboard.press('Enter');
  await maya.isRefused(
    'A password is for TLS only, like "ncat --ssl HOST PORT", if this server has it: others could read it here',
  );
  await focused(maya, 'name');
  expect(await maya.password.inputValue()).toBe('');
  await maya.enter('mona');
  await maya.say(`/reserve ${PASSWORD}`);
  await maya.hears('a password is for TLS only', 'others could read it here');
  await maya.say('/reserve');
  await maya.page.getByText('so others on the way could read it.').waitFor();
  expect(await maya.everything()).not.toMatch(/horse/);
});

test('the connection is lost, and the page comes back with the password, into the same rooms', async (context) => {
  const dataDir = folder();
  const first = await Command.start(['--data-dir', dataDir]);
  await reserve(first);
  const maya = await chromium.own('maya', PASSWORD, first.port, context);
  await maya.join('#dev');
  await maya.join('#ops');
  await first.kill();
  await maya.page.getByText('The connection is lost.').waitFor();
  const second = new Command(['--port', String(first.port), '--data-dir', dataDir]);
  await second.listens();
  await maya.page.getByText('You are back, after').waitFor();
  await maya.hears('You were away from', 'What was said meanwhile is not here.');
  const jonas = await second.login('jonas');
  jonas.say('/who #ops', '/who #dev', '/history #ops');
  await jonas.sees('* in #dev: maya');
  expect(await maya.everything()).not.toMatch(/horse/);
});

test('a password that is typed is hidden, is not brought back by the arrow keys, and stands nowhere', async (context) => {
  const server = await TestServer.start({ dataDir: folder() });
  const maya = await chromium.login('maya', server.port, context);
  await maya.join('#ops');
  const masked = "getComputedStyle(document.getElementById('text')).webkitTextSecurity === 'disc'";
  await maya.text.pressSequentially('/reserve');
  expect(await maya.page.evaluate(masked)).toBe(false);
  await maya.text.press('Escape');
  await maya.text.pressSequentially(' correct');
  expect(await maya.page.evaluate(masked)).toBe(true);
  await maya.page.getByText('A password is hidden while you type it').waitFor();
  await maya.text.pressSequentially(' horse battery');
  await maya.text.press('Enter');
  await maya.hears('maya is yours from now on');
  expect(await maya.page.evaluate(masked)).toBe(false);
  await maya.say('/name mia', `/name maya ${PASSWORD}`);
  await maya.hears('You are now maya.');
  await maya.say('/name mia', '/name maya wrong-horse');
  await maya.hears('that is not the password of maya');
  for (const expected of ['/name mia', '/join #ops', '/join #ops']) {
    await maya.text.press('ArrowUp');
    expect(await maya.text.inputValue()).toBe(expected);
  }
  expect(await maya.everything()).not.toMatch(/horse/);
  expect(maya.complaints).toEqual([]);
});

test('/reserve alone asks for the password in a field that hides it', async (context) => {
  needs(nc.program, nc.here, context);
  const server = await TestServer.start({ dataDir: folder() });
  const maya = await chromium.login('maya', server.port, context);
  await maya.join('#ops');
  await maya.say('/reserve');
  const field = maya.page.getByLabel('A password for maya, of 8 characters or more');
  await field.waitFor();
  await focused(maya, 'new-password');
  expect([await field.getAttribute('type'), await field.getAttribute('autocomplete')]).toEqual([
    'password',
    'new-password',
  ]);
  expect(await maya.violations()).toEqual([]);
  await maya.page.keyboard.type('short');
  await maya.page.keyboard.press('Enter');
  await maya.hears('a password has 8 to 128 characters');
  await focused(maya, 'text');
  await maya.page.keyboard.type('/reserve');
  await maya.page.keyboard.press('Enter');
  await maya.page.keyboard.type('never to be sent');
  await maya.page.keyboard.press('Escape');
  await focused(maya, 'text');
  expect(await field.isVisible()).toBe(false);
  await maya.say('/reserve');
  await maya.page.keyboard.type(PASSWORD);
  await maya.page.keyboard.press('Enter');
  await maya.hears('maya is yours from now on');
  expect(await maya.everything()).not.toMatch(/horse|never to be/);
  const { pipe, append } = Pipe.tail(nc.argv(server.port));
  append(`maya ${PASSWORD}`, '/ping');
  await pipe.prints('* nobody else is in #ops', '* pong');
});

test('a name that becomes one’s own while one is here is come back to with its password', async (context) => {
  const dataDir = folder();
  const first = await Command.start(['--data-dir', dataDir]);
  const maya = await chromium.login('maya', first.port, context);
  await maya.say(`/reserve ${PASSWORD}`);
  await maya.hears('maya is yours from now on');
  await first.kill();
  await maya.page.getByText('The connection is lost.').waitFor();
  const second = new Command(['--port', String(first.port), '--data-dir', dataDir]);
  await second.listens();
  await maya.page.getByText('You are back, after').waitFor();
  await maya.say('/unreserve');
  await maya.hears('maya is anybody’s again');
});

test('whoever comes in elsewhere with the password has the name, until it is taken back', async (context) => {
  needs(nc.program, nc.here, context);
  const server = await TestServer.start({ dataDir: folder() });
  await reserve(server);
  const jonas = await server.login('jonas');
  jonas.say('/join #ops');
  const maya = await chromium.own('maya', PASSWORD, server.port, context);
  await maya.join('#ops');
  const { pipe, append } = Pipe.tail(nc.argv(server.port));
  append(`maya ${PASSWORD}`);
  await pipe.prints('* in #ops: jonas');
  const plight = maya.page.locator('#plight');
  await plight.filter({ hasText: 'Somebody came in as maya elsewhere, with its password' }).waitFor();
  const back = plight.getByRole('button', { name: 'Take the name back' });
  await back.waitFor();
  expect(await maya.violations()).toEqual([]);
  // Neither the time, nor the network, nor somebody who looks, makes the page fight for it.
  const tried = maya.requests.length;
  await maya.page.evaluate(
    "dispatchEvent(new Event('online')); document.dispatchEvent(new Event('visibilitychange'))",
  );
  await maya.say('is this on?');
  await maya.page.getByText('Your text stays here until there is.').waitFor();
  jonas.say('#ops: who is it?');
  await pipe.prints('* in #ops: jonas', 'from jonas in #ops: who is it?');
  expect(maya.requests.length).toBe(tried);
  await back.click();
  await pipe.prints(
    '* in #ops: jonas',
    'from jonas in #ops: who is it?',
    '! somebody has logged in as maya with its password; closing',
  );
  await maya.page.getByText('You are back, after').waitFor();
  await maya.text.press('Enter');
  await maya.hears('is this on?', 'sent');
  expect(await maya.log.getByText('You are in #ops, with jonas.').count()).toBe(2);
  jonas.say('#ops: welcome back');
  await maya.hears('jonas', 'welcome back');
});

test('whose password was changed elsewhere is asked for the new one, and is back in the rooms', async (context) => {
  const server = await TestServer.start({ dataDir: folder() });
  await reserve(server);
  const maya = await chromium.own('maya', PASSWORD, server.port, context);
  await maya.join('#ops');
  const elsewhere = server.connect();
  elsewhere.say(`maya ${PASSWORD}`, '/reserve another horse');
  await elsewhere.sees('* the password of maya is another one now');
  await maya.page.getByRole('button', { name: 'Take the name back' }).click();
  await maya.isRefused('That is not the password of maya');
  await focused(maya, 'password');
  await maya.enter('maya', 'another horse');
  await maya.isIn('#ops');
  await maya.hears('You were away from');
  await elsewhere.sees('! somebody has logged in as maya with its password; closing');
});

test('a name that an administrator has reserved for somebody meanwhile asks for its password', async (context) => {
  const dataDir = folder();
  const server = await Command.start(['--data-dir', dataDir]);
  const maya = await chromium.login('maya', server.port, context);
  await maya.join('#ops');
  const admin = new Command(['admin', 'reserve', 'maya', '--data-dir', dataDir], {
    before: `echo "${PASSWORD}" |`,
  });
  expect(await admin.exits()).toBe(0);
  await maya.isRefused("The name maya is somebody's own; type its password, or another name");
  await focused(maya, 'password');
  await maya.page.keyboard.type(PASSWORD);
  await maya.page.keyboard.press('Enter');
  await maya.isIn('#ops');
  await maya.hears('You were away from');
});

test('what was said to somebody who is away is kept, and stands in its conversation with its time at the next login', async (context) => {
  const dataDir = folder();
  const server = await TestServer.start({ dataDir });
  await reserve(server);
  const jonas = await chromium.login('jonas', server.port, context);
  await jonas.say('/msg maya: <b>are you there?</b>', '/msg maya: call me');
  await jonas.hears('call me', 'Kept for maya, who is away');
  const maya = await chromium.own('maya', PASSWORD, server.port, context);
  await maya.page.getByRole('button', { name: 'jonas 2 unread' }).click();
  const mail = maya.past('2 lines kept for you while you were away');
  await mail.waitFor();
  expect(await mail.locator('.text').allTextContents()).toEqual(['<b>are you there?</b>', 'call me']);
  expect(await mail.locator('time').first().textContent()).toMatch(/^\d\d:\d\d$/);
  expect(await maya.log.locator('.mark.new').count()).toBe(1);
});
