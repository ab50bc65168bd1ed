/** What is written: effects of the chat in the shape in which they go to the worker and into tables. */
import type { Effect, Heard, Recall } from '../effect.ts';
import type { OwnerId, Place, Said } from '../past.ts';
import { detach } from '../safe.ts';
import type { Basis } from './basis.ts';

/** Lines that follow each other as one text, with line ends between them: as a string, or in UTF-8. */
export interface Run<Text = string> extends Omit<Said, 'texts'> {
  readonly text: Text;
  /** How many lines. */
  readonly count: number;
  /** Of the text, in UTF-8. */
  readonly bytes: number;
}

export type Deed<Text = string> =
  | { readonly do: 'keep'; readonly run: Run<Text>; readonly room: Place }
  | {
      readonly do: 'keep-talk';
      readonly run: Run<Text>;
      readonly owner: OwnerId;
      readonly mine: boolean;
      readonly peer: { readonly key: string; readonly shown: string };
    }
  | { readonly do: 'mail'; readonly run: Run<Text>; readonly owner: OwnerId }
  /** Without a verifier, the name has the one of this version already. */
  | (Extract<Effect, { do: 'reserve' }> & { readonly verifier?: string | undefined })
  /** What tells whether the password of that version is right, where it came from another node. */
  | { readonly do: 'verifier'; readonly version: string; readonly verifier: string }
  /** From here a node of a cluster goes on, if it has to begin anew. */
  | ({ readonly do: 'basis' } & Basis)
  | Exclude<Effect, { do: 'keep' | 'keep-talk' | 'mail' | 'recall' | 'reserve' | 'heard' }>;

/** What others need of all that is kept up to here. */
export interface Pack {
  readonly do: 'pack';
}

/** What goes to the worker, in order: what is to be written, and what is to be known or answered in between. */
export type Item<Text = string> = Deed<Text> | Recall | Heard | Pack;

export const isDeed = <Text>(item: Item<Text>): item is Deed<Text> =>
  item.do !== 'recall' && item.do !== 'heard' && item.do !== 'pack';

/** What of an effect is written. `verifierOf` gives what tells whether the password of a version is right. */
export function deedOf(
  effect: Exclude<Effect, { do: 'recall' | 'heard' }>,
  verifierOf: (version: string) => string | undefined,
): Deed {
  switch (effect.do) {
    case 'keep':
      return { do: 'keep', run: runOf(effect.said), room: effect.room };
    case 'keep-talk': {
      const { said, owner, mine, peer } = effect;
      return { do: 'keep-talk', run: runOf(said), owner, mine, peer };
    }
    case 'mail':
      return { do: 'mail', run: runOf(effect.said), owner: effect.owner };
    case 'reserve':
      return { ...effect, verifier: verifierOf(effect.version) };
    default:
      return effect;
  }
}

/** The texts in memory of their own: they are pieces of what was read of a socket, which would stay with them. */
export function runOf({ sequence, index, time, from, texts }: Said): Run {
  // `join` copies, but for a single text.
  const text = texts.length === 1 ? detach(texts[0] as string) : texts.join('\n');
  return { sequence, index, time, from, text, count: texts.length, bytes: Buffer.byteLength(text) };
}

/** The last `count` lines of it, or all if they are no more. */
export function lastOf(run: Run, count: number): Run {
  if (run.count <= count) return run;
  let start = run.text.length;
  for (let left = count; left > 0; left--) start = run.text.lastIndexOf('\n', start - 1);
  const text = detach(run.text.slice(start + 1));
  return { ...run, index: run.index + run.count - count, text, count, bytes: Buffer.byteLength(text) };
}

/** Is it asked, and nothing to be written? */
export const isQuestion = (item: Item<unknown>): item is Recall => item.do === 'recall';

/** What it costs to have it wait, in bytes. */
export function burdenOf(item: Item<unknown>): number {
  if (isQuestion(item)) return RECALL;
  if (item.do === 'basis') return DEED + (item.state?.byteLength ?? 0);
  return DEED + ('run' in item ? item.run.bytes : 0);
}

/** Bytes of anything but its text, and of a question. */
const DEED = 256;
const RECALL = 512;
