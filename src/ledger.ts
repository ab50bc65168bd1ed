/** What of a turn is to be kept, and what somebody wants to read again: all that leaves the chat beside deliveries and orders. */
import type { Effect } from './effect.ts';
import type { Message } from './event.ts';
import type { ClientId, Name, ReceiptPart } from './message.ts';
import type { OwnerId, Query, Reservation, Said } from './past.ts';
import type { Client } from './client.ts';
import { Registry } from './registry.ts';
import type { Room } from './rooms.ts';
import { Rounds } from './rounds.ts';
import type { ChatSettings } from './settings.ts';

/** Lines of mail that are told at once; the next ones come when these are taken. */
const MAIL = 100;

export class Ledger {
  readonly registry: Registry;
  readonly rounds = new Rounds();
  /** What is said is kept, and who was there; otherwise only names, mail and bans are. */
  keeps: boolean;
  effects: Effect[] = [];

  constructor(settings: ChatSettings) {
    this.registry = new Registry(settings);
    this.keeps = settings.keeps;
  }

  /** From now on it goes by these. */
  set settings(settings: ChatSettings) {
    this.registry.limits = settings;
    this.keeps = settings.keeps;
  }

  note(effect: Effect): void {
    this.effects.push(effect);
  }

  /** The name is nobody's any more, and what waited for it is gone. */
  release({ key, owner }: { readonly key: string; readonly owner: OwnerId }): void {
    this.registry.release(key);
    this.rounds.forget(owner);
  }

  /** Where somebody is, whose name is its own. */
  seat(effect: Extract<Effect, { do: 'enter' | 'leave' | 'gone' }>): void {
    if (this.keeps) this.note(effect);
  }

  /** Said in `room`; `joined` where it was said right behind what was kept last, and is part of that already. */
  said(room: Room, message: Message, joined: boolean, receipt?: ReceiptPart): void {
    if (!joined && this.keeps) this.note({ do: 'keep', said: saidOf(message), room: room.place, receipt });
  }

  /** `from` said it to `named`: it is kept for those of them whose names are their own. */
  talked(from: Client, named: readonly Client[], message: Message): void {
    if (!this.keeps || this.registry.isEmpty) return;
    const said = saidOf(message);
    const speaker = from.name as Name;
    for (const one of named) {
      const other = one.name as Name;
      if (from.owner !== undefined) this.#talk(said, from.owner, true, other);
      if (one.owner !== undefined && one !== from && !one.ignores(from))
        this.#talk(said, one.owner, false, speaker);
    }
  }

  /** `from` said it to somebody who is not here. */
  mail(from: Client, to: Reservation, message: Message, receipt?: ReceiptPart): void {
    const said = saidOf(message);
    this.registry.mailed(to.key, said.texts.length, bytesOf(said.texts));
    this.note({ do: 'mail', said, owner: to.owner, receipt });
    const speaker = from.name as Name;
    this.#talk(said, to.owner, false, speaker);
    if (from.owner !== undefined) this.#talk(said, from.owner, true, to);
  }

  /** How many of `texts` there is room for in what waits for it. */
  roomFor(to: Reservation, texts: readonly string[]): number {
    return this.registry.roomFor(
      to.key,
      texts.map((text) => Buffer.byteLength(text)),
    );
  }

  /** What waits for `owner`, as whom `client` has the name of that key, is to be told to `client`, unless some of it is on its way. */
  fetchMail(client: ClientId, owner: OwnerId, key: string): void {
    const after = this.rounds.begin(owner, key, client);
    if (after !== undefined) this.recall(client, { of: 'mail', owner, after, count: MAIL });
  }

  recall(client: ClientId, query: Query): void {
    this.note({ do: 'recall', client, query });
  }

  #talk(said: Said, owner: OwnerId, mine: boolean, { key, shown }: Name): void {
    if (this.keeps) this.note({ do: 'keep-talk', said, owner, mine, peer: { key, shown } });
  }
}

/** Bytes of texts, in UTF-8, as those who keep them count them. */
export const bytesOf = (texts: readonly string[]): number =>
  texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);

/** The texts stay the message's own: what is said right behind it becomes part of both. */
const saidOf = ({ from, texts, stamp: { sequence, time }, index }: Message): Said => ({
  sequence,
  index,
  time,
  from,
  texts,
});
