/** The page where something was said before, is kept, or is put in order: what is told again, and what operators do. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Chromium, type Tab } from './support/browser.ts';
import { type Client, TestServer, until } from './support/chat.ts';
import { needs } from './support/needs.ts';
import { nc, Pipe } from './support/netcat.ts';

const chromium = Chromium.forTheFile();

const PASSWORD = 'correct horse battery';
const DAY = 86_400_000;
const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'rxchat-page-'));
  onTestFinished(() => {
    rmSync(path, { recursive: true });
  });
  return path;
}

/** A server whose operator is olga. */
const start = (): Promise<TestServer> => TestServer.start({ dataDir: folder(), operator: 'olga' });

/** Whose name is their own from now on. */
async function owner(server: TestServer, name: string): Promise<Client> {
  const client = await server.login(name);
  client.say(`/reserve ${PASSWORD}`);
  await client.sees(`* ${name} is yours; from now on log in with "${name} PASSWORD"`);
  return client;
}

/** So many lines are said in #ops, and kept. */
async function talk(server: TestServer, count: number): Promise<Client> {
  const [jonas, priya] = [await server.login('jonas'), await server.login('priya')];
  for (const one of [jonas, priya]) one.say('/join #ops');
  await priya.sees(/^\* in #ops: .*jonas$/);
  jonas.say('/receipts on', ...Array.from({ length: count }, (_, index) => `#ops: line ${String(index)}`));
  await jonas.sees(new RegExp(`^\\* sent ${String(count)} to \\d in #ops; kept$`));
  return jonas;
}

const texts = (tab: Tab): Promise<string[]> => tab.log.locator('.past .text').allTextContents();
const lines = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, index) => `line ${String(from + index)}`);

test('what was said in a room before is offered to who enters it, shows if that is taken, and more of it in its place', async (context) => {
  needs(nc.program, nc.here, context);
  const server = await start();
  const jonas = await talk(server, 50);
  const { pipe, append } = Pipe.tail(nc.argv(server.port));
  append('carol', '/join #ops 2');
  await until(() => pipe.lines.some((line) => line.endsWith(': line 49')), 'carol reads what was said');
  const maya = await chromium.login('maya', server.port, context);
  await maya.join('#ops');
  jonas.say('#ops: and now');
  await maya.hears('jonas', 'and now');
  expect(await maya.past('said before').count()).toBe(0);
  await maya.page.getByRole('button', { name: 'Read what was said before' }).click();
  await maya.past('20 lines said before in #ops').waitFor();
  expect(await texts(maya)).toEqual([...lines(31, 50), 'and now']);
  await maya.page.getByRole('button', { name: 'Read 40 lines' }).click();
  await maya.past('40 lines said before in #ops').waitFor();
  expect(await texts(maya)).toEqual([...lines(11, 50), 'and now']);
  // What one types goes on below it, and is sent.
  await maya.holds("document.activeElement.id === 'text'");
  await maya.say('thanks');
  await until(() => pipe.lines.includes('from maya in #ops: thanks'), 'carol hears it');
  await maya.say('/history 60');
  await maya.past('52 lines said before in #ops').waitFor();
  await maya.log.getByText('That is all.').waitFor();
  expect(maya.complaints).toEqual([]);
});

test('who joins with a count is told at once, in the room, and offered nothing', async (context) => {
  const server = await start();
  await talk(server, 5);
  const maya = await chromium.login('maya', server.port, context);
  await maya.join('#dev');
  await maya.say('/join #ops 3');
  await maya.isIn('#ops');
  await maya.past('3 lines said before in #ops').waitFor();
  expect(await texts(maya)).toEqual(lines(2, 5));
  expect(await maya.page.getByRole('button', { name: 'Read what was said before' }).count()).toBe(0);
});

test('past lines have their time, and their day where that is not today', async (context) => {
  const server = await start();
  await talk(server, 3);
  const maya = await chromium.open(server.port, context);
  const spoken = new Date();
  await maya.page.clock.setSystemTime(spoken.getTime() + 3 * DAY);
  await maya.page.reload();
  await maya.enter('maya');
  await maya.say('/history #ops');
  await maya.past('3 lines said before in #ops').waitFor();
  const day = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeZone: 'UTC' }).format(spoken);
  expect(
    (await maya.log.locator('.past .mark').allTextContents()).map((mark) => mark.replace(/,/g, '')),
  ).toEqual([day.replace(/,/g, '')]);
  expect(await maya.log.locator('.past time').first().textContent()).toMatch(/^\d\d:\d\d$/);
  // Where it was typed, since one is in no such room.
  await maya.isIn('Server');
});

test('a search is answered where it was typed, with where each line was said, as text', async (context) => {
  const server = await start();
  const [jonas, priya] = [await server.login('jonas'), await server.login('priya')];
  for (const one of [jonas, priya]) one.say('/join #ops', '/join #dev');
  await jonas.sees('* priya joined #dev');
  jonas.say(
    '/receipts on',
    '#ops: the disk <img src=x onerror=alert(1)>',
    '#dev: see https://a.example/ about a disk',
  );
  await jonas.sees('* sent 2 to 1 in #dev; kept');
  const maya = await chromium.login('maya', server.port, context);
  await maya.say('/search disk');
  await maya.past('2 lines with “disk”, the newest first').waitFor();
  expect(await texts(maya)).toEqual([
    'in #dev: see https://a.example/ about a disk',
    'in #ops: the disk <img src=x onerror=alert(1)>',
  ]);
  await maya.isIn('Server');
  expect(await maya.log.locator('img').count()).toBe(0);
  await maya.say('/search nothing-like-that');
  await maya.hears('Nothing with “nothing-like-that” is kept.');
  expect(maya.complaints).toEqual([]);
});

test('two hundred lines that are told again are not read out: only what they are is', async (context) => {
  const server = await start();
  await talk(server, 200);
  const maya = await chromium.login('maya', server.port, context);
  await maya.join('#ops');
  await maya.say('/history 200');
  const past = maya.past('200 lines said before in #ops');
  await past.waitFor();
  const loud: string[] = await maya.page.evaluate(`[...document.querySelectorAll('.past *')]
    .filter((one) => one.childElementCount === 0 && one.closest('[aria-live]').getAttribute('aria-live') !== 'off')
    .map((one) => one.textContent)`);
  expect(loud).toEqual(['200 lines said before in #ops', 'That is all.']);
  expect(await past.locator('.entry').count()).toBe(200);
});

test('what comes up around the log does not hide its end from who reads it, and who reads further up stays there', async (context) => {
  const server = await start();
  const before = await owner(server, 'maya');
  await talk(server, 40);
  const maya = await chromium.own('maya', PASSWORD, server.port, context);
  await before.end();
  await maya.say('/join #ops 40');
  await maya.past('40 lines said before in #ops').waitFor();
  const isAtEnd =
    "(({ scrollTop, scrollHeight, clientHeight }) => scrollHeight - scrollTop - clientHeight < 2)(document.querySelector('.log'))";
  await maya.holds(isAtEnd);
  // Each makes the place of the log smaller: in the same frame, so that the log is scrolled before it is known.
  await maya.say('thanks');
  await maya.text.fill('/reserve another password');
  const elsewhere = server.connect();
  elsewhere.say(`maya ${PASSWORD}`);
  await maya.page.getByRole('button', { name: 'Take the name back' }).waitFor();
  await maya.holds(isAtEnd);
  expect(await maya.page.getByRole('button', { name: 'New messages below' }).isVisible()).toBe(false);
  await maya.page.evaluate("document.querySelector('.log').scrollTop = 0");
  await maya.holds("document.querySelector('.log').scrollTop === 0");
  await maya.page.getByRole('button', { name: 'Take the name back' }).click();
  await maya.page.getByRole('button', { name: 'New messages below' }).waitFor();
  await maya.holds("document.querySelector('.log').scrollTop === 0");
});

test('who comes in under a name of their own is offered what their rooms said meanwhile', async (context) => {
  const server = await start();
  const [before, jonas, priya] = [
    await owner(server, 'maya'),
    await server.login('jonas'),
    await server.login('priya'),
  ];
  for (const one of [jonas, priya, before]) one.say('/join #ops');
  await jonas.sees('* maya joined #ops');
  before.say('/quit');
  await jonas.sees('* maya left #ops');
  jonas.say('/receipts on', '#ops: the disk is full');
  await jonas.sees('* sent 1 to 1 in #ops; kept');
  const maya = await chromium.own('maya', PASSWORD, server.port, context);
  expect(await maya.log.locator('.past').count()).toBe(0);
  await maya.page.getByRole('button', { name: 'Catch up' }).click();
  await maya.past('1 line said in your rooms while you were gone').waitFor();
  expect(await texts(maya)).toEqual(['in #ops: the disk is full']);
  await maya.row('jonas').click();
  await maya.log.getByText('Nothing was said since you came.').waitFor();
  await maya.page.getByRole('button', { name: 'Read what was said before' }).click();
  await maya.hears('Nothing that you and jonas said before is kept.');
  // Nobody else is: for them there is nothing of the kind.
  const stranger = await chromium.login('mona', server.port, context);
  await stranger.hears('You are in.');
  await stranger.row('jonas').click();
  await stranger.isIn('jonas');
  expect(await stranger.page.getByRole('button', { name: /Catch up|Read what/ }).count()).toBe(0);
});

test('of each line of mine it is said whether it is kept', async (context) => {
  const server = await start();
  const olga = await owner(server, 'olga');
  await talk(server, 1);
  olga.say('/quit');
  await olga.end();
  const maya = await chromium.login('maya', server.port, context);
  await maya.join('#ops');
  await maya.say('in the room');
  await maya.hears('in the room', 'sent and kept');
  await maya.say('/msg olga, jonas: to both', '/msg olga: to her');
  await maya.hears('to both', 'Sent: kept for olga, who is away');
  await maya.hears('to her', 'Kept for olga, who is away');
});

test('what operators do is said in words, to them and to whom it is about, with times as they are here', async (context) => {
  const server = await start();
  await owner(server, 'olga');
  const options = { timezoneId: 'Asia/Tokyo' };
  const maya = await chromium.login('maya', server.port, context, options);
  const olga = await chromium.own('olga', PASSWORD, server.port, context, options);
  await maya.join('#ops');
  await olga.say('/announce <b>tea</b> is ready');
  await maya.hears('olga', 'to everybody: <b>tea</b> is ready');
  await maya.isIn('#ops');
  await olga.hears('to everybody:');
  await olga.say('/mute maya for 10min please calm down', '/ban eve flooding', '/bans');
  await olga.hears('maya may not speak until');
  await olga.hears('eve – may not come in, by olga: flooding');
  await maya.say('hello?');
  const muted = await maya.hears('hello?', 'Not sent: you may not speak here until', '(please calm down)');
  const [, told] = /until .*?(\d\d:\d\d) \(/.exec(await muted.innerText()) ?? [];
  const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'short', timeZone: 'Asia/Tokyo' });
  expect([9, 10].map((minutes) => clock.format(Date.now() + 60_000 * minutes))).toContain(told);
  await olga.say('/unmute maya', '/unban eve', '/unban eve');
  await olga.hears('eve may come in again.');
  await olga.hears('there is no such ban');
  await maya.say('thanks');
  await maya.hears('thanks', 'Not sent: nobody else is in #ops');
  await olga.say('/kick maya');
  await olga.hears('maya is put out, and may come again.');
  await maya.page.getByText('The server says: olga has put you out.').waitFor();
  const tried = maya.requests.length;
  await maya.page.evaluate("dispatchEvent(new Event('online'))");
  await olga.say('/who');
  await olga.hears('Here: olga.');
  expect(maya.requests.length).toBe(tried);
  await maya.page.getByRole('button', { name: 'Come in again' }).click();
  await maya.page.getByText('You are back, after').waitFor();
  await olga.say('/ban maya for 1h');
  await maya.page.getByText('The server says: you are banned until').waitFor();
  await maya.page.getByRole('button', { name: 'Try again' }).click();
  await maya.isRefused('You are banned until');
});

test('the commands of the server are completed, those of operators once one is one, and what stands behind them', async (context) => {
  const server = await start();
  const olga = await chromium.login('olga', server.port, context);
  await olga.join('#ops');
  const offered = async (typed: string): Promise<string[]> => {
    await olga.text.fill('');
    await olga.text.pressSequentially(typed);
    return olga.page.getByRole('option').locator('.label').allTextContents();
  };
  expect(await offered('/hi')).toEqual(['/history [#ROOM | NAME] [COUNT]']);
  expect(await offered('/history #o')).toEqual(['#ops']);
  expect(await offered('/c')).toEqual(['/catchup']);
  expect(await offered('/ba')).toEqual(['/back']);
  expect(await offered('/help ca')).toEqual(['catchup']);
  await olga.say(`/reserve ${PASSWORD}`);
  await olga.hears('olga is yours from now on');
  await olga.page.getByRole('heading', { name: '#ops' }).waitFor();
  for (let commands: string[] = []; commands.length < 3;) commands = await offered('/ba');
  expect(await offered('/ba')).toEqual(['/back', '/ban NAME | ADDRESS | NETWORK [for TIME] [WHY]', '/bans']);
  expect(await offered('/ban eve f')).toEqual(['for 10min', 'for 2h', 'for 7d']);
});

test('operators are told that the disk is full, and when it is not any more; each line says that it is not kept', async (context) => {
  const dataDir = folder();
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', dataDir]).status === 0;
  needs('right to mount a disk', mounted, context);
  onTestFinished(() => {
    spawnSync('umount', ['-l', dataDir]);
  });
  const server = await TestServer.start({ dataDir, operator: 'olga' });
  await owner(server, 'olga');
  await talk(server, 1);
  const olga = await chromium.own('olga', PASSWORD, server.port, context);
  await olga.join('#ops');
  const ballast = join(dataDir, 'ballast');
  for (let size = 4 * 1024 * 1024; size > 512; size /= 2)
    try {
      writeFileSync(ballast, Buffer.alloc(size), { flag: 'a' });
    } catch {
      // It is what fits.
    }
  await olga.say('is there room?'.repeat(1000), 'and now?');
  await olga.hears('What is said is not kept now: the disk of the server is full, or broken.');
  await olga.hears('and now?', 'Sent: not kept, so nobody can read it again');
  rmSync(ballast);
  await olga.hears('What is said is kept again.');
  await olga.say('well?');
  await olga.hears('well?', 'sent and kept');
});

/** All that may be told again, in one log. */
async function remember(maya: Tab): Promise<void> {
  await maya.page
    .getByRole('button', { name: 'jonas 1 unread', includeHidden: true })
    .waitFor({ state: 'attached' });
  await maya.page.getByRole('button', { name: 'Catch up' }).click();
  await maya.past('said in your rooms').waitFor();
  await maya.say('/search line', '/msg zoe: good night');
  await maya.past('with “line”').waitFor();
  await maya.hears('good night', 'Kept for zoe');
}

test.for([
  ['in the light', { colorScheme: 'light' }],
  ['in the dark', { colorScheme: 'dark' }],
  ['on a phone', PHONE],
] as const)(
  'axe finds nothing in what is told again, %s, and nothing is cut off',
  async ([, options], context) => {
    const server = await start();
    const [before, olga] = [await owner(server, 'maya'), await owner(server, 'olga')];
    (await owner(server, 'zoe')).say('/quit');
    before.say('/join #ops');
    const jonas = await talk(server, 3);
    before.say('/quit');
    await jonas.sees('* maya left #ops');
    jonas.say('#ops: one more line', `maya: ${'psst '.repeat(50)}`);
    await jonas.sees('* sent 5; kept for maya');
    const maya = await chromium.own('maya', PASSWORD, server.port, context, options);
    await remember(maya);
    expect(await maya.violations()).toEqual([]);
    await maya.say('/join #ops 2');
    await maya.past('2 lines said before in #ops').waitFor();
    olga.say('/announce tea is ready');
    await maya.hears('tea is ready');
    await maya.text.fill('/reserve another password');
    expect(await maya.violations()).toEqual([]);
    await maya.text.fill('');
    await maya.say('/to jonas');
    await maya.past('kept for you').waitFor();
    expect(await maya.violations()).toEqual([]);
    const small: unknown[] = await maya.page.evaluate(`[...document.querySelectorAll('.log button')]
    .filter((one) => one.getBoundingClientRect().height < (innerWidth < 400 ? 44 : 24)).map((one) => one.textContent)`);
    expect(small).toEqual([]);
    expect(await maya.page.evaluate('document.documentElement.scrollWidth === innerWidth')).toBe(true);
    expect(
      await maya.page.evaluate(
        "(({ scrollWidth, clientWidth }) => scrollWidth <= clientWidth)(document.querySelector('.log'))",
      ),
    ).toBe(true);
  },
);

test('with the keyboard alone one logs in with a password, and reads what was said', async (context) => {
  const server = await start();
  (await owner(server, 'maya')).say('/quit');
  await talk(server, 3);
  const { page, ...rest } = await chromium.open(server.port, context);
  const { keyboard } = page;
  await keyboard.type('maya');
  await keyboard.press('Tab');
  await keyboard.type(PASSWORD);
  await keyboard.press('Enter');
  await page.locator('#text').waitFor();
  await keyboard.type('/join #ops');
  await keyboard.press('Enter');
  await page.getByRole('heading', { name: '#ops' }).waitFor();
  await page.getByRole('button', { name: 'Read what was said before' }).waitFor();
  await keyboard.press('Shift+Tab');
  await keyboard.press('Enter');
  await page.getByRole('group', { name: '3 lines said before in #ops' }).waitFor();
  await keyboard.type('hello');
  await keyboard.press('Enter');
  await page.getByRole('log').locator('.entry').filter({ hasText: 'hello' }).waitFor();
  expect(rest).toMatchObject({ complaints: [] });
});
