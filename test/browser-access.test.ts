/** The page for whoever has no mouse, does not see it, or holds it in one hand. */
import { expect, test } from 'vitest';
import { TestServer } from './support/chat.ts';
import { Chromium, type Tab, holds } from './support/browser.ts';

const chromium = Chromium.forTheFile();

const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };

/** A chat with one of everything in it. */
async function furnish(maya: Tab, server: TestServer): Promise<void> {
  const jonas = await server.login('jonas');
  await maya.join('#ops');
  jonas.say(
    '/join #dev',
    '/join #ops',
    '#ops: see https://status.example/web3',
    '#ops: /me waves',
    'maya: psst',
  );
  await maya.hears('jonas', 'waves');
  await maya.say('thanks', '/msg bob: and you?', '/who jonas', '/foo');
  await maya.hears('there is no /foo');
  await maya.hears('and you?', 'Not sent');
  await maya.page
    .getByRole('button', { name: 'jonas 1 unread', includeHidden: true })
    .waitFor({ state: 'attached' });
}

test('axe finds nothing on the first screen, with what is wrong said or not', async (context) => {
  const server = await TestServer.start();
  await server.login('maya');
  for (const colorScheme of ['light', 'dark'] as const) {
    const tab = await chromium.open(server.port, context, { colorScheme });
    expect(await tab.violations()).toEqual([]);
    await tab.page.getByLabel('Your name here').fill('maya');
    await tab.page.keyboard.press('Enter');
    await tab.page.getByRole('alert').filter({ hasText: 'taken' }).waitFor();
    expect(await tab.violations()).toEqual([]);
  }
});

test.for(['light', 'dark'] as const)(
  'axe finds nothing in the chat, in the %s',
  async (colorScheme, context) => {
    const server = await TestServer.start();
    const maya = await chromium.login('maya', server.port, context, { colorScheme });
    await furnish(maya, server);
    await maya.page.getByText('Keys and commands').click();
    expect(await maya.violations()).toEqual([]);
    await maya.text.pressSequentially('/');
    await maya.text.press('ArrowDown');
    expect(await maya.violations()).toEqual([]);
    server.stop.next();
    await maya.page.getByRole('button', { name: 'Try now' }).waitFor();
    expect(await maya.violations()).toEqual([]);
  },
);

test('axe finds nothing on a phone, with the drawer shut or open', async (context) => {
  const server = await TestServer.start();
  const maya = await chromium.login('maya', server.port, context, PHONE);
  await furnish(maya, server);
  expect(await maya.violations()).toEqual([]);
  await maya.page.getByRole('button', { name: 'Rooms and people' }).click();
  expect(await maya.violations()).toEqual([]);
});

test('a name is readable in any colour, in the light and in the dark', async (context) => {
  const server = await TestServer.start();
  for (const colorScheme of ['light', 'dark'] as const) {
    const maya = await chromium.login(`maya-${colorScheme}`, server.port, context, { colorScheme });
    const contrasts: number[] = await maya.page.evaluate(CONTRASTS);
    expect(contrasts).toHaveLength(720);
    expect(Math.min(...contrasts)).toBeGreaterThanOrEqual(4.5);
  }
});

/** The contrast (WCAG 2, 1.4.3) of names of each hue with the log's ground and the side bar's. */
const CONTRASTS = `(() => {
  const ink = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const luminance = (colour) => {
    ink.fillStyle = colour;
    ink.fillRect(0, 0, 1, 1);
    const [r, g, b] = [...ink.getImageData(0, 0, 1, 1).data].map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const name = document.createElement('span');
  name.className = 'name';
  document.body.append(name);
  const grounds = [document.body, document.getElementById('side')].map((one) => luminance(getComputedStyle(one).backgroundColor));
  const contrasts = [];
  for (let hue = 0; hue < 360; hue++) {
    name.style.setProperty('--hue', hue);
    const own = luminance(getComputedStyle(name).color);
    for (const ground of grounds) contrasts.push((Math.max(own, ground) + 0.05) / (Math.min(own, ground) + 0.05));
  }
  return contrasts;
})()`;

test('with the keyboard alone one logs in, joins, talks, and turns to another conversation', async (context) => {
  const server = await TestServer.start();
  const { page, ...rest } = await chromium.open(server.port, context);
  const { keyboard } = page;
  const jonas = await server.login('jonas');
  await keyboard.type('maya');
  await keyboard.press('Enter');
  await page.locator('#text').waitFor();
  await keyboard.type('/join #ops');
  await keyboard.press('Enter');
  await page.getByRole('heading', { name: '#ops' }).waitFor();
  jonas.say('/join #ops');
  await jonas.hears('* in #ops: maya');
  await keyboard.type('hello');
  await keyboard.press('Enter');
  await jonas.hears('* in #ops: maya', 'from maya in #ops: hello');
  await keyboard.press('Alt+ArrowUp');
  await page.getByRole('heading', { name: 'Server' }).waitFor();
  await keyboard.press('Alt+ArrowUp');
  await page.getByRole('heading', { name: '#ops' }).waitFor();
  // Back through the page to the side bar, and to the text again by one key.
  for (const where of ['.offer', '.log', '#close', '#leave']) {
    await keyboard.press('Shift+Tab');
    await holds(page, `document.activeElement.matches('${where}')`);
  }
  await keyboard.press('Escape');
  await holds(page, "document.activeElement.id === 'text'");
  await keyboard.type('still here');
  await keyboard.press('Enter');
  await jonas.hears('* in #ops: maya', 'from maya in #ops: hello', 'from maya in #ops: still here');
  expect(rest).toMatchObject({ complaints: [] });
});

test('on a phone the side bar is a drawer, everything is large enough, and nothing is cut off', async (context) => {
  const server = await TestServer.start();
  const maya = await chromium.login('maya', server.port, context, PHONE);
  await furnish(maya, server);
  const drawer = maya.page.getByRole('button', { name: 'Rooms and people' });
  expect(await maya.page.getByRole('navigation').isVisible()).toBe(false);
  await drawer.tap();
  expect(await drawer.getAttribute('aria-expanded')).toBe('true');
  await maya.row('jonas').tap();
  await maya.isIn('jonas');
  await maya.hears('psst');
  expect(await maya.page.getByRole('navigation').isVisible()).toBe(false);
  await drawer.tap();
  await maya.page.keyboard.press('Escape');
  expect(await drawer.getAttribute('aria-expanded')).toBe('false');
  await maya.say('y'.repeat(300));
  await drawer.tap();
  const sizes: unknown[] = await maya.page
    .evaluate(`[...document.querySelectorAll('button, input, textarea, summary')]
    .filter((one) => one.checkVisibility())
    .map((one) => [one.id || one.textContent, one.getBoundingClientRect().height >= 44 || one.tagName === 'SUMMARY', parseFloat(getComputedStyle(one).fontSize) >= 16 || !one.matches('input, textarea')])
    .filter(([, high, large]) => !high || !large)`);
  expect(sizes).toEqual([]);
  expect(await maya.page.evaluate('document.documentElement.scrollWidth')).toBe(360);
  expect(
    await maya.page.evaluate(
      "document.querySelector('.log').scrollWidth <= document.querySelector('.log').clientWidth",
    ),
  ).toBe(true);
});

test('who reads further up is not torn away, and is told that there is more below', async (context) => {
  const server = await TestServer.start();
  const maya = await chromium.login('maya', server.port, context);
  await maya.join('#ops');
  const jonas = await server.login('jonas');
  jonas.say(...Array.from({ length: 100 }, (_, index) => `#ops: line ${String(index)}`));
  await maya.hears('line 99');
  await maya.page.evaluate("document.querySelector('.log').scrollTop = 0");
  await maya.holds("document.querySelector('.log').scrollTop === 0");
  jonas.say('#ops: and one more');
  await maya.page.getByRole('button', { name: 'New messages below' }).waitFor();
  await maya.holds("document.querySelector('.log').scrollTop === 0");
  await maya.page.getByRole('button', { name: 'New messages below' }).click();
  await maya.holds(
    "(({ scrollTop, scrollHeight, clientHeight }) => scrollHeight - scrollTop - clientHeight < 2)(document.querySelector('.log'))",
  );
});
