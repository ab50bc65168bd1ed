/** What a chat would have kept, and where. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { merge, switchMap } from 'rxjs';
import { onTestFinished } from 'vitest';
import { consume } from '../../src/consume.ts';
import type { Effect } from '../../src/effect.ts';
import type { Found, Place, Query, Said } from '../../src/past.ts';
import type { ReceiptPart } from '../../src/message.ts';
import type { Archive, Result } from '../../src/store/archive.ts';
import type { Health, Pressure } from '../../src/store/condition.ts';
import { type Deed, deedOf } from '../../src/store/deed.ts';
import { type ArchiveOptions, openArchive } from '../../src/store/opening.ts';
import { Store } from '../../src/store/store.ts';
import type { Keeping } from '../../src/store/trim.ts';
import type { Decided } from '../../src/store/watch.ts';
import { until } from './chat.ts';

export const FOR_EVER: Keeping = { seconds: Infinity, lines: Infinity, bytes: Infinity };

export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'rxchat-store-'));
  onTestFinished(() => {
    rmSync(path, { recursive: true });
  });
  return path;
}

export const room = (shown: string, which?: string): Place => ({
  key: shown.toLowerCase(),
  shown,
  private: which,
});

export const said = (sequence: number, texts: readonly string[], from = 'Alice', index = 0): Said => ({
  ...{ sequence, index, from, texts },
  time: 1_700_000_000_000 + sequence,
});

export const keep = (where: Place, ...line: Parameters<typeof said>): Effect => ({
  do: 'keep',
  said: said(...line),
  room: where,
});

/** As they go to the store. */
export const deeds = (...effects: readonly Effect[]): Deed[] =>
  effects.map((effect) => {
    if (effect.do === 'recall' || effect.do === 'heard') throw new Error('nothing is written');
    return deedOf(effect, (version) => `verifier of ${version}`);
  });

/** A store that is closed after the test. */
export function open(at?: string, keeping = FOR_EVER): Store {
  const store = new Store(at, keeping);
  onTestFinished(() => {
    store.close();
  });
  return store;
}

/** The texts of it, and nothing else. */
export const texts = ({ lines }: Found): string[] => lines.flatMap((line) => line.texts);

/** An archive that is open until the test is over, and all that it says. */
export class TestArchive {
  readonly answers: Result[] = [];
  readonly levels: Pressure[] = [];
  readonly health: Health[] = [];
  readonly decided: Decided[] = [];
  /** It says at once that it has heard of what somebody else has decided. */
  hears = true;
  completed = false;
  error: Error | undefined;
  #archive: Archive | undefined;
  #number = 0;

  static async open(options: Partial<ArchiveOptions> = {}): Promise<TestArchive> {
    const test = new TestArchive();
    const opening = openArchive({
      folder: undefined,
      keeping: FOR_EVER,
      history: 200,
      verifierOf: (version) => `verifier of ${version}`,
      ...options,
    })
      .pipe(
        switchMap((archive) => {
          test.#archive = archive;
          return merge(
            archive.answers.pipe(consume((answers) => test.answers.push(...answers))),
            archive.levels.pipe(consume((level) => test.levels.push(level))),
            archive.health.pipe(consume((health) => test.health.push(health))),
            archive.decided.pipe(
              consume((decided) => {
                test.decided.push(decided);
                const { number, decisions } = decided;
                if (test.hears) archive.perform([{ do: 'heard', node: '', number, decisions }]);
              }),
            ),
          );
        }),
      )
      .subscribe({
        error: (error: unknown) => {
          test.error = error as Error;
        },
        complete: () => {
          test.completed = true;
        },
      });
    onTestFinished(() => {
      opening.unsubscribe();
    });
    await until(() => test.#archive !== undefined || test.error !== undefined, 'the archive is open');
    return test;
  }

  get archive(): Archive {
    return this.#archive as Archive;
  }

  /** The answer to a question. */
  async asks(query: Query): Promise<Found> {
    const client = `client ${String(++this.#number)}`;
    const answer = (): Result | undefined =>
      this.answers.find((each) => each.type === 'recalled' && each.client === client);
    this.archive.perform([{ do: 'recall', client, query }]);
    await until(() => answer() !== undefined, 'it answers');
    const found = answer();
    if (found && 'found' in found) return found.found;
    throw new Error(JSON.stringify(found));
  }

  /** The lines whose receipts say so. */
  receipts(what: 'kept' | 'lost'): number[] {
    return this.answers.flatMap((each) => (each.type === 'kept' ? each[what].map(({ line }) => line) : []));
  }

  async close(): Promise<void> {
    this.archive.close();
    await until(() => this.completed, 'it is closed');
  }
}

export const receipt = (line: number): ReceiptPart => ({ client: 'alice', line, part: 0 });
