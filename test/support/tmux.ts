/** Terminals as people have them: a tmux of its own, with a shell in each window. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';

const run = promisify(execFile);

/** What a shell says when it waits for a command. */
export const PROMPT = 'shell>';
/** Milliseconds; a look at a terminal is a process of its own. */
const DEADLINE = 10_000;
const LOOK = 20;

/** A tmux server that nobody else knows, until the test is over. */
export class Tmux {
  readonly #folder = mkdtempSync(join(tmpdir(), 'rxchat-tmux-'));
  readonly #terminals: Terminal[] = [];

  constructor() {
    onTestFinished(async () => {
      // What runs in a terminal may outlive it, so first it is ended: the server stops at once at the second ctrl-c.
      for (const terminal of this.#terminals) {
        await terminal.press('C-c');
        await terminal.press('C-c');
        await terminal.shows(PROMPT).catch(() => undefined);
      }
      if (this.#terminals.length > 0) await this.run('kill-server');
      rmSync(this.#folder, { recursive: true });
    });
  }

  /** Opens a terminal, wide enough for an entry of the log, and waits for its shell. */
  async open(): Promise<Terminal> {
    const place =
      this.#terminals.length === 0 ? ['new-session', '-d', '-x', '160', '-y', '50'] : ['new-window', '-d'];
    const shell = `exec env ENV= PS1='${PROMPT} ' sh`;
    const id = await this.run(...place, '-P', '-F', '#{pane_id}', shell);
    const terminal = new Terminal(this, id.trim());
    this.#terminals.push(terminal);
    await terminal.shows(PROMPT);
    return terminal;
  }

  /** As somebody who closes its window. */
  async close(terminal: Terminal): Promise<void> {
    this.#terminals.splice(this.#terminals.indexOf(terminal), 1);
    await terminal.vanish();
  }

  async run(...args: readonly string[]): Promise<string> {
    const { stdout } = await run('tmux', ['-u', '-L', 'rxchat', '-f', '/dev/null', ...args], {
      env: { ...process.env, TMUX: undefined, TMUX_TMPDIR: this.#folder },
    });
    return stdout;
  }
}

export class Terminal {
  readonly #tmux: Tmux;
  readonly #id: string;

  constructor(tmux: Tmux, id: string) {
    this.#tmux = tmux;
    this.#id = id;
  }

  /** What is on it, without the empty lines at the end. */
  async screen(): Promise<string[]> {
    const text = await this.#tmux.run('capture-pane', '-p', '-t', this.#id);
    return text
      .trimEnd()
      .split('\n')
      .map((line) => line.trimEnd());
  }

  async vanish(): Promise<void> {
    await this.#tmux.run('kill-pane', '-t', this.#id);
  }

  /** Types a line, and the enter key. */
  async type(line: string): Promise<void> {
    await this.#tmux.run('send-keys', '-t', this.#id, '-l', '--', line);
    await this.press('Enter');
  }

  /** Presses a key, by its name in tmux, such as `C-c`. */
  async press(key: string): Promise<void> {
    await this.#tmux.run('send-keys', '-t', this.#id, key);
  }

  /** Waits until its last lines are these, each a text or like a pattern; gives them. */
  async shows(...lines: readonly (string | RegExp)[]): Promise<string[]> {
    const end = Date.now() + DEADLINE;
    for (;;) {
      const screen = await this.screen();
      const last = screen.slice(-lines.length);
      const alike = (line: string | RegExp, index: number): boolean => {
        const there = last[index];
        return line instanceof RegExp ? there !== undefined && line.test(there) : there === line;
      };
      if (lines.every(alike)) return last;
      if (Date.now() > end)
        throw new Error(`does not end in ${lines.map(String).join(' | ')}:\n${screen.join('\n')}`);
      await setTimeout(LOOK);
    }
  }
}
