/** Debian's Chromium without a screen, and people who use the page in it. */
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, chromium, type Locator, type Page } from 'playwright-core';
import { afterAll, beforeAll, onTestFinished, type TestContext, vi } from 'vitest';
import { installed, needs } from './needs.ts';

const CHROMIUM = '/usr/bin/chromium';
/** What a browser calls the server that thinks that it is on another machine. */
export const ELSEWHERE = 'chat.example';
/** Milliseconds; Chromium is not quick where others use the machine. */
const DEADLINE = 30_000;
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/**
 * The expression holds in the page, or will soon. Asked from here again and again: `waitForFunction` asks in the page, where
 * its policy does not let texts be run.
 */
export async function holds(page: Page, expression: string): Promise<void> {
  await vi.waitUntil(() => page.evaluate(expression), { timeout: DEADLINE, interval: 20 });
}

/** What axe-core does not like, in a few words. */
interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

/** A Chromium for the tests of a file, and windows of it. */
export class Chromium {
  #browser: Browser | undefined;

  /** To be called where tests are declared. */
  static forTheFile(): Chromium {
    vi.setConfig({ testTimeout: 4 * DEADLINE, hookTimeout: 2 * DEADLINE });
    const chromium = new Chromium();
    beforeAll(() => chromium.#start());
    afterAll(() => chromium.#browser?.close());
    return chromium;
  }

  async #start(): Promise<void> {
    if (!installed(CHROMIUM)) return;
    this.#browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: [
        ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
        // A name of the server that is no address of this machine.
        `--host-resolver-rules=MAP ${ELSEWHERE} 127.0.0.1`,
        ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
      ],
    });
  }

  /** The page of the server at that port, in a window that shares nothing with others; over TLS where its certificate may be anyone's. */
  async open(port: number, test: TestContext, options: BrowserContextOptions = {}): Promise<Tab> {
    needs('chromium', this.#browser !== undefined, test);
    const context = await (this.#browser as Browser).newContext({
      viewport: { width: 1100, height: 700 },
      timezoneId: 'UTC',
      ...options,
    });
    onTestFinished(() => context.close());
    context.setDefaultTimeout(DEADLINE);
    const tab = new Tab(await context.newPage());
    const scheme = options.ignoreHTTPSErrors === true ? 'https' : 'http';
    await tab.page.goto(`${scheme}://127.0.0.1:${String(port)}/`);
    return tab;
  }

  /** Somebody who has come in under that name. */
  async login(name: string, port: number, test: TestContext, options?: BrowserContextOptions): Promise<Tab> {
    const tab = await this.open(port, test, options);
    await tab.enter(name);
    return tab;
  }

  /** The same, with the password of a name that is their own. */
  async own(
    name: string,
    password: string,
    port: number,
    test: TestContext,
    options?: BrowserContextOptions,
  ): Promise<Tab> {
    const tab = await this.open(port, test, options);
    await tab.enter(name, password);
    return tab;
  }
}

export class Tab {
  readonly page: Page;
  /** What the console or the page complains of: errors, and what the policy forbids. */
  readonly complaints: string[] = [];
  /** Addresses that were asked for. */
  readonly requests: string[] = [];

  constructor(page: Page) {
    this.page = page;
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) this.complaints.push(message.text());
    });
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.context().on('request', (request) => this.requests.push(request.url()));
    page.on('websocket', (socket) => this.requests.push(socket.url()));
  }

  get text(): Locator {
    return this.page.locator('#text');
  }

  get log(): Locator {
    return this.page.getByRole('log');
  }

  get password(): Locator {
    return this.page.getByLabel('Password');
  }

  /** What is wrong with the name or the password. */
  async isRefused(words: string): Promise<void> {
    await this.page.getByRole('alert').filter({ hasText: words }).waitFor();
  }

  /** What is wrong with them now; nothing, if it is empty. */
  get problem(): Promise<string> {
    return this.page.locator('#refusal').innerText();
  }

  async enter(name: string, password = ''): Promise<void> {
    await this.page.getByLabel('Your name here').fill(name);
    await this.password.fill(password);
    await this.page.getByRole('button', { name: 'Come in' }).click();
    await this.text.waitFor();
  }

  async say(...lines: string[]): Promise<void> {
    for (const line of lines) {
      await this.text.fill(line);
      await this.text.press('Enter');
    }
  }

  /** In the log, one entry has all of it. */
  async hears(...words: string[]): Promise<Locator> {
    let entry = this.log.locator('.entry');
    for (const word of words) entry = entry.filter({ hasText: word });
    await entry.first().waitFor();
    return entry.first();
  }

  /** The row of a room or somebody in the side bar. */
  row(name: string): Locator {
    return this.page.locator('#server .row, #joined .row, #people .row').filter({ hasText: name });
  }

  async join(room: string): Promise<void> {
    await this.say(`/join ${room}`);
    await this.isIn(room);
  }

  /** What was told again: all that is shown together under that title. */
  past(title: string): Locator {
    return this.log.getByRole('group', { name: title });
  }

  /** All that somebody could see, or a script could find: the page with what stands in its fields, and what the browser keeps. */
  async everything(): Promise<string> {
    return await this.page.evaluate(`document.documentElement.outerHTML
      + [...document.querySelectorAll('input, textarea')].map(({ value }) => value).join(' ')
      + JSON.stringify({ ...localStorage, ...sessionStorage }) + document.cookie + location.href`);
  }

  /** The conversation that is shown. */
  async isIn(title: string): Promise<void> {
    await this.page.getByRole('heading', { level: 1, name: title, exact: true }).waitFor();
  }

  async holds(expression: string): Promise<void> {
    await holds(this.page, expression);
  }

  /** What axe-core finds in it as it is now. */
  async violations(): Promise<string[]> {
    await this.page.evaluate(axe);
    const found: Violation[] = await this.page.evaluate('axe.run().then(({ violations }) => violations)');
    return found.map(
      ({ id, nodes }) =>
        `${id}: ${nodes.map(({ html, failureSummary }) => html + failureSummary).join('\n')}`,
    );
  }
}
