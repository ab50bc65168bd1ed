/** What is kept, beside the chat: open before it, told what it has done, heard by it, and closed behind it. */
import {
  concat,
  concatMap,
  connect,
  defer,
  delay,
  EMPTY,
  map,
  merge,
  mergeMap,
  type Observable,
  of,
  retry,
  takeUntil,
  timer,
} from 'rxjs';
import type { Admission } from './admission.ts';
import type { Broker } from './broker.ts';
import type { Chat } from './chat.ts';
import type { Connection } from './connection.ts';
import { consume } from './consume.ts';
import type { Effect } from './effect.ts';
import type { Input, NodeId, ReceiptPart } from './message.ts';
import { networkOf, Networks } from './network.ts';
import { nodeOf } from './node.ts';
import type { Notice } from './notice.ts';
import type { Ban, Found } from './past.ts';
import { safe } from './safe.ts';
import type { Archive, Result } from './store/archive.ts';
import { type ArchiveOptions, openArchive } from './store/opening.ts';
import type { Vault } from './vault/vault.ts';

/** Milliseconds after which it is told that what is kept is not open yet. */
const LATE = 5000;
/** Milliseconds until it is tried again to tell the other nodes something. */
const AGAIN = 1000;

interface OpeningOptions extends Omit<ArchiveOptions, 'verifierOf'> {
  readonly vault: Vault;
  readonly stop: Observable<unknown>;
  /** Seconds from `stop` until nobody waits for the disk to open. */
  readonly patience: number;
}

/**
 * Emits what `work` does with what is kept, which is open meanwhile; then writes what is left, and says what of it cannot be.
 * Errors with a StoreUnusable where it cannot be opened.
 */
export function withArchive(
  { vault, stop, patience, ...options }: OpeningOptions,
  work: (archive: Archive) => Observable<Notice>,
): Observable<Notice> {
  let isLate = false;
  const late = timer(LATE).pipe(
    map((): Notice => {
      isLate = true;
      return { type: 'storage', ok: false, error: 'the disk takes long to open what is kept' };
    }),
  );
  const mended = defer(() => (isLate ? of<Notice>({ type: 'storage', ok: true, lost: 0 }) : EMPTY));
  return openArchive({ ...options, verifierOf: (version) => vault.verifierOf(version) }).pipe(
    connect((opened) =>
      merge(
        late.pipe(takeUntil(opened)),
        opened.pipe(mergeMap((archive) => concat(mended, work(archive), closed(archive)))),
        // A stop is not for a server only that runs already: the disk may never answer.
      ).pipe(takeUntil(stop.pipe(delay(patience * 1000), takeUntil(opened)))),
    ),
  );
}

function closed(archive: Archive): Observable<Notice> {
  return merge(
    archive.health.pipe(map((health): Notice => ({ type: 'storage', ...health }))),
    defer(() => {
      archive.close();
      return EMPTY;
    }),
  );
}

/** Between whom it goes back and forth. */
interface Parties {
  readonly node: NodeId;
  /** What is in the file is what the chat begins with. */
  readonly isFirst: boolean;
  readonly chat: Pick<Chat, 'registry'>;
  readonly archive: Archive;
  readonly vault: Vault;
  readonly admission: Admission;
  /** Who is here. */
  readonly presence: Iterable<{ readonly connection: Connection }>;
  readonly broker: Broker;
  /** Control characters are passed on. */
  readonly raw: boolean;
}

export class Kept {
  readonly #parties: Parties;
  /** Publishes what the chat is to hear of it, and emits what whoever runs the server is. */
  readonly notices: Observable<Notice>;

  constructor(parties: Parties) {
    const { node, archive, vault, broker, raw } = (this.#parties = parties);
    this.notices = merge(
      defer(() => {
        this.#begin();
        return EMPTY;
      }),
      archive.decided.pipe(
        // Whoever has the password of a name is to have it wherever that is known.
        concatMap((decided) =>
          defer(() => vault.share(decided.verifiers)).pipe(
            retry({ delay: AGAIN }),
            map(() => decided),
          ),
        ),
        consume(({ number, decisions }) => {
          broker.publish([{ type: 'decided', node, number, decisions }]);
        }),
      ),
      archive.answers.pipe(
        consume((answers) => {
          broker.publish(answers.flatMap((result) => inputsOf(result, node, raw)));
        }),
      ),
      archive.levels.pipe(
        consume((level) => {
          broker.publish([{ type: 'storage-level', node, level }]);
        }),
      ),
      archive.health.pipe(
        map((health): Notice => {
          broker.publish([{ type: 'storage', node, ok: health.ok, lost: health.ok ? health.lost : 0 }]);
          return { type: 'storage', ...health };
        }),
      ),
      archive.damages.pipe(map((error): Notice => ({ type: 'damage', error }))),
    );
  }

  /** What the chat has done is written, and holds for passwords and at the door. */
  perform(effects: readonly Effect[]): void {
    const { node, archive, vault } = this.#parties;
    archive.perform(partsOf(effects, node));
    vault.obey(effects);
    if (effects.some(isAboutBans)) this.#bar(effects);
  }

  /** Names and bans hold from the start. */
  #begin(): void {
    const { isFirst, chat, archive, vault, admission, broker } = this.#parties;
    const { reservations, bans } = isFirst
      ? archive.registry
      : { reservations: chat.registry.names, bans: chat.registry.bans };
    vault.become(reservations, isFirst ? archive.registry.verifiers : new Map());
    for (const ban of bans) admission.ban(ban);
    if (isFirst) broker.publish([{ type: 'registry', reservations, bans }]);
  }

  /** Who comes from there is refused from now on, or not any more; who is here is told to go. */
  #bar(effects: readonly Effect[]): void {
    const { admission, presence, broker } = this.#parties;
    const all = effects.flatMap<Effect>((effect) => (effect.do === 'heard' ? effect.decisions : effect));
    const barred = new Networks<Ban>();
    for (const effect of all) {
      if (effect.do === 'unban' && effect.kind === 'address') admission.unban(effect.of);
      if (effect.do !== 'ban' || effect.ban.kind !== 'address') continue;
      admission.ban(effect.ban);
      const network = networkOf(effect.ban.of);
      if (network) barred.set(network, effect.ban);
    }
    if (barred.isEmpty) return;
    const banned = [...presence].flatMap(({ connection: { id, address } }): Input[] => {
      const [ban] = barred.of(address);
      return ban ? [{ type: 'banned', client: id, ban }] : [];
    });
    broker.publish(banned);
  }
}

/** What of them is for what this node keeps. */
function partsOf(effects: readonly Effect[], node: NodeId): readonly Effect[] {
  const parts: Effect[] = [];
  for (const effect of effects) {
    if (effect.do === 'heard' && effect.node !== node) parts.push(...effect.decisions);
    else {
      const part = partOf(effect, node);
      if (part) parts.push(part);
    }
  }
  return parts;
}

/** Questions and receipts are for the node of whoever waits for them. */
function partOf(effect: Effect, node: NodeId): Effect | undefined {
  switch (effect.do) {
    case 'recall':
      return nodeOf(effect.client) === node ? effect : undefined;
    case 'keep':
    case 'mail':
      return effect.receipt && nodeOf(effect.receipt.client) !== node
        ? { ...effect, receipt: undefined }
        : effect;
    default:
      return effect;
  }
}

const isAboutBans = ({ do: deed }: Effect): boolean => deed === 'ban' || deed === 'unban' || deed === 'heard';

/** What whoever keeps it has done, as the chat hears it. */
function inputsOf(result: Result, node: NodeId, raw: boolean): Input[] {
  if (result.type === 'recalled') {
    const { client, query } = result;
    const found = 'found' in result ? result.found : undefined;
    return [{ type: 'recalled', client, query, found: raw ? found : found && safely(found) }];
  }
  const all = (receipts: readonly ReceiptPart[], isKept: boolean): Input[] =>
    receipts.map((receipt) => {
      const what = isKept ? { taken: 1, lost: [] } : { taken: 0, lost: [''] };
      return { type: 'taken', client: receipt.client, node, receipt, ...what };
    });
  return [...all(result.kept, true), ...all(result.lost, false)];
}

/** It may have been said while a server passed on everything. */
const safely = (found: Found): Found => ({
  ...found,
  lines: found.lines.map((line) => ({ ...line, texts: line.texts.map(safe) })),
});
