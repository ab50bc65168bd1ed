/** The page where something is wrong: a text that wants to be more, a server that goes, a name that is taken. */
import { expect, test } from 'vitest';
import { TestServer, until } from './support/chat.ts';
import { Chromium } from './support/browser.ts';
import { Command } from './support/command.ts';

const chromium = Chromium.forTheFile();

const HOSTILE = [
  '<img src="http://evil.example/x.png" onerror="document.title=\'owned\'">',
  '<script>document.title="owned"</script>',
  'javascript:document.title="owned"',
  'data:text/html,<script>1</script>',
  '<a href="javascript:alert(1)">click</a> <style>*{display:none}</style>',
  '<svg/onload=alert(1)> &lt;b&gt; {{1+1}} ${1}',
  'https://a.example/"onmouseover="alert(1)',
  '\u202egnp.exe \u2066 \u0007 \u001b[31mred',
];

test('a hostile text stays text, and nothing is fetched from elsewhere', async (context) => {
  const server = await TestServer.start({ raw: true });
  const maya = await chromium.login('maya', server.port, context);
  await maya.join('#ops');
  const eve = await server.login('eve');
  eve.say(...HOSTILE.map((text) => `#ops: ${text}`), '#ops: that was all');
  await maya.hears('that was all');
  const texts = await maya.log.locator('.said .text').allTextContents();
  expect(texts).toEqual([...HOSTILE, 'that was all']);
  expect(await maya.log.locator('img, script, style, svg, [onerror], [onmouseover]').count()).toBe(0);
  expect(
    await maya.page.evaluate("[...document.querySelectorAll('.log a')].map((a) => a.href + ' ' + a.rel)"),
  ).toEqual(['http://evil.example/x.png noopener noreferrer', 'https://a.example/ noopener noreferrer']);
  await maya.say(...HOSTILE);
  await maya.holds(`document.querySelectorAll('.said').length === ${String(2 * HOSTILE.length + 1)}`);
  expect(await maya.page.title()).toBe('#ops – rxchat');
  const home = new URL(maya.page.url()).host;
  expect(maya.requests.length).toBeGreaterThan(5);
  expect(maya.requests.filter((url) => new URL(url).host !== home)).toEqual([]);
  expect(maya.complaints).toEqual([]);
});

test('a hostile name of a room is refused by the server, and said as text', async (context) => {
  const { port } = await TestServer.start();
  const maya = await chromium.login('maya', port, context);
  await maya.page.getByLabel('Room to join or open').fill('<img/src=x>');
  await maya.page.getByLabel('Room to join or open').press('Enter');
  await maya.hears('a room is "#" and a name');
  expect(maya.complaints).toEqual([]);
});

test('the server stops and starts again, and the page says so and is back where it was', async (context) => {
  const first = await Command.start();
  const maya = await chromium.login('maya', first.port, context);
  await maya.join('#dev');
  await maya.join('#ops');
  await first.kill();
  const status = maya.page.locator('#plight');
  await status.filter({ hasText: 'The connection is lost.' }).waitFor();
  await status.filter({ hasText: /Next try in \d+ s/ }).waitFor();
  await status.getByRole('button', { name: 'Try now' }).waitFor();
  await maya.say('is anybody there?');
  await maya.page.getByText('Your text stays here until there is.').waitFor();
  expect(await maya.text.inputValue()).toBe('is anybody there?');
  const second = new Command(['--port', String(first.port)]);
  await second.listens();
  await status.filter({ hasText: 'You are back, after' }).waitFor();
  await maya.hears('You were away from', 'What was said meanwhile is not here.');
  const jonas = await second.login('jonas');
  jonas.say('#ops: welcome back', '#dev: here, too');
  await maya.hears('jonas', 'welcome back');
  await maya.page.getByRole('button', { name: '#dev 1 unread' }).waitFor();
  await maya.text.press('Enter');
  await maya.hears('is anybody there?', 'Not sent: nobody else is in #ops');
});

test('one can log out while there is no connection, and nothing is tried any more', async (context) => {
  const server = await Command.start();
  const maya = await chromium.login('maya', server.port, context);
  await server.kill();
  await maya.page.getByText('The connection is lost.').waitFor();
  await maya.page.getByRole('button', { name: 'Log out' }).click();
  await maya.page.getByLabel('Your name here').waitFor();
  const tried = maya.requests.length;
  const again = new Command(['--port', String(server.port)]);
  await again.listens();
  const jonas = await again.login('jonas');
  jonas.say('maya: are you there?', '/ping');
  await jonas.hears('! maya is not here', '* pong');
  expect(maya.requests.length).toBe(tried);
  await maya.enter('maya');
});

test('one can log out where the line is dead and nobody answers, and is at the first screen in a moment', async (context) => {
  const server = await Command.start();
  const maya = await chromium.login('maya', server.port, context);
  server.child.kill('SIGSTOP');
  await maya.page.getByRole('button', { name: 'Log out' }).click();
  await maya.page.getByLabel('Your name here').waitFor();
  await server.kill();
});

test('what is said to somebody between the login and the answer to it is not lost', async (context) => {
  const server = await TestServer.start();
  const jonas = await server.login('jonas');
  const maya = await chromium.open(server.port, context);
  let answer = (): void => undefined;
  // The lines of the page but its first ping, which a slow network has for as long as we like.
  await maya.page.routeWebSocket(/./, (page) => {
    const line = page.connectToServer();
    page.onMessage((said) => {
      const lines = String(said).split('\n');
      if (lines.at(-1) !== '/ping') {
        line.send(said);
        return;
      }
      if (lines.length > 1) line.send(lines.slice(0, -1).join('\n'));
      answer = () => {
        line.send('/ping');
      };
    });
  });
  await maya.page.reload();
  await maya.page.getByLabel('Your name here').fill('maya');
  await maya.page.keyboard.press('Enter');
  while (!jonas.text.includes('maya')) {
    jonas.forget();
    jonas.say('/who');
    await until(() => jonas.lines.length > 0, 'an answer');
  }
  jonas.forget();
  jonas.say('/receipts on', 'maya: are you there?');
  await jonas.hears('* receipts on', '* sent 1 to maya');
  answer();
  await maya.page.getByRole('button', { name: 'jonas 1 unread' }).click();
  await maya.hears('jonas', 'are you there?');
});

test('a line that had no answer when the connection broke is perhaps not sent', async (context) => {
  const server = await Command.start();
  const maya = await chromium.login('maya', server.port, context);
  await maya.join('#ops');
  server.child.kill('SIGSTOP');
  await maya.say('did you hear that?');
  await maya.hears('did you hear that?', 'on its way');
  await server.kill();
  await maya.hears('did you hear that?', 'Perhaps not sent: the connection broke before an answer came');
});

test('a name that somebody else has by now is said, and tried again until it is free', async (context) => {
  const first = await Command.start();
  const maya = await chromium.login('maya', first.port, context);
  await maya.join('#ops');
  await maya.page.context().setOffline(true);
  await first.kill();
  await maya.page.getByText('The connection is lost.').waitFor();
  const second = new Command(['--port', String(first.port)]);
  await second.listens();
  const ghost = await second.login('maya');
  await maya.page.context().setOffline(false);
  await maya.page.getByText('The name maya is still taken').waitFor();
  ghost.socket.destroy();
  await maya.page.getByText('You are back, after').waitFor();
});

test('a server that is full is not to be told from one that is down: it says so before anybody speaks HTTP', async (context) => {
  const server = await TestServer.start({ maxClients: 8 });
  const maya = await chromium.open(server.port, context);
  const others = Array.from({ length: 9 }, () => server.connect());
  await until(
    () => others.some(({ text }) => text === '! the server is full; try again later\n'),
    'it is full',
  );
  await maya.page.getByLabel('Your name here').fill('maya');
  await maya.page.keyboard.press('Enter');
  await maya.page.getByRole('alert').filter({ hasText: 'The server may be down, or full.' }).waitFor();
});
