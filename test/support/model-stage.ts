/** The chat, told the same as its model, and what it makes everybody hear, told in the model's way. */
import { Chat, type Handled } from '../../src/chat.ts';
import type { Effect } from '../../src/effect.ts';
import type { ClientId, Input, ReceiptPart } from '../../src/message.ts';
import type { MailPart } from '../../src/past.ts';
import { text } from '../../src/text.ts';
import { PlainArchive } from './model-archive.ts';
import { idOf, MOST_BANS, MOST_MAIL, MOST_MAIL_BYTES, MOST_NAMES, OPERATOR } from './model-book.ts';
import { MOST_ROOMS } from './model-commands.ts';
import * as invariants from './model-invariants.ts';
import type { Step, Story } from './model.ts';
import * as inputs from './turn.ts';

export const LIMITS = {
  ...inputs.LIMITS,
  ...{ maxRoomsPerClient: MOST_ROOMS, maxReserved: MOST_NAMES, maxBans: MOST_BANS },
  ...{ mailMax: MOST_MAIL, maxMail: MOST_MAIL_BYTES, operators: [OPERATOR] },
};

/** A story that goes on. */
interface Tale extends Story {
  hears: string[];
  name: string;
  over: string;
}

/** What is to be kept, and looked up, in the model's way. */
interface Wishes {
  readonly kept: string[];
  readonly done: unknown[];
}

export class Stage {
  readonly #chat = new Chat(LIMITS);
  readonly #archive = new PlainArchive();
  /** Of all whose connection was not gone before this turn. */
  readonly #tales = new Map<ClientId, Tale>();
  #inputs: Input[] = [];
  #sequence = 0;
  /** What comes by itself in the next turn. */
  #next: Step[] = [];
  /** Deliveries of mail, by their owners. */
  readonly #mail = new Map<string, ReceiptPart>();
  /** In which rooms whoever owns a name is, as far as it was told. */
  readonly #seats = new Map<string, Set<string>>();
  /** Every line that anybody heard, as often as it was delivered. */
  readonly lines: string[] = [];

  step(step: Step): void {
    if (step.do === 'arrive') this.#tales.set(step.who, { hears: [], name: '', over: '' });
    if (step.do === 'decide') this.#archive.perform([step.decision]);
    const input = this.#inputOf(step);
    if (input) this.#inputs.push(input);
  }

  /** The turn is over. What it was, what everybody heard in it, and what is to be kept. */
  end(now: number): { past: invariants.Past; stories: Record<ClientId, Story>; wishes: Wishes } {
    const before = this.#chat.snapshot();
    const some = this.#inputs.splice(0);
    const turn = { ...inputs.turn(some, now), sequence: ++this.#sequence };
    const { deliveries, instructions, effects } = this.#chat.handle(turn);
    this.#hear({ deliveries, instructions });
    const wishes = this.#keep(effects);
    const stories = Object.fromEntries([...this.#tales].map(([id, tale]) => [id, { ...tale }]));
    for (const { receipt } of deliveries) if (receipt?.mail) this.#tellMail(receipt, receipt.mail);
    for (const tale of this.#tales.values()) tale.hears = [];
    for (const input of some) if (input.type === 'gone') this.#tales.delete(input.client);
    const alive = [...this.#tales].filter(([, { over }]) => over === '');
    const names = new Map(alive.map(([id, { name }]) => [id, name]));
    const after = this.#chat.snapshot();
    return { past: { before, inputs: some, deliveries, effects, after, alive: names }, stories, wishes };
  }

  /** What comes of it by itself: answers, and kernels that have taken mail. */
  next(): Step[] {
    return this.#next.splice(0);
  }

  #hear({ deliveries, instructions }: Pick<Handled, 'deliveries' | 'instructions'>): void {
    for (const delivery of deliveries) {
      const lines = text.encode(delivery.event).slice(0, -1).split('\n');
      for (const id of invariants.hearersOf(delivery)) this.#tale(id).hears.push(...lines);
      this.lines.push(...lines);
    }
    for (const { to, order } of instructions) {
      if (order.do === 'end') this.#tale(to).over = order.reason;
      if (order.do === 'name') this.#tale(to).name = order.name;
    }
  }

  #keep(effects: readonly Effect[]): Wishes {
    const wishes: Wishes = { kept: [], done: [] };
    for (const effect of effects) {
      if (effect.do === 'heard' || this.#isIdle(effect)) continue;
      if (effect.do === 'keep') {
        const { said, room } = effect;
        const id = idOf({ name: room.shown, which: room.private });
        wishes.kept.push(...said.texts.map((one) => `${said.from} in ${id}: ${one}`));
      } else wishes.done.push(...wishesOf(effect));
      if (effect.do === 'mail' && effect.receipt?.away)
        this.#next.push({ do: 'kept', who: effect.receipt.client, names: effect.receipt.away });
      if (effect.do !== 'recall') this.#archive.perform([effect]);
      else {
        const { client: who, query } = effect;
        this.#next.push({ do: 'answer', who, query, found: this.#archive.find(query) });
      }
    }
    return wishes;
  }

  /** Who is nowhere, and goes, leaves nothing. */
  #isIdle(effect: Effect): boolean {
    if (effect.do !== 'enter' && effect.do !== 'leave' && effect.do !== 'gone') return false;
    const seats = this.#seats.get(effect.owner) ?? new Set();
    this.#seats.set(effect.owner, seats);
    if (effect.do === 'enter') seats.add(effect.room.key);
    if (effect.do === 'leave') seats.delete(effect.room.key);
    if (effect.do !== 'gone') return false;
    const isIdle = seats.size === 0;
    seats.clear();
    return isIdle;
  }

  #tellMail(receipt: ReceiptPart, { owner, last }: MailPart): void {
    const { client: who } = receipt;
    // Whoever is let go meanwhile may not have it.
    if (this.#tales.get(who)?.over !== '') return;
    const letters = this.#archive.letters.filter((one) => one.owner === owner && one.number <= last);
    const mail = { lines: letters.map(({ line }) => line), more: false, last };
    this.#mail.set(owner, receipt);
    this.#next.push({ do: 'take', who, owner, mail });
  }

  #inputOf(step: Step): Input | undefined {
    switch (step.do) {
      case 'arrive':
        return inputs.arrived(step.who);
      case 'type':
        return inputs.line(step.who, step.line);
      case 'end':
        return inputs.ended(step.who);
      case 'overdue':
        return inputs.overdue(step.who);
      case 'stop':
        return inputs.stopped(step.who);
      case 'go':
        return inputs.gone(step.who);
      case 'reserve':
        return { type: 'reserve', client: step.who, version: step.version };
      case 'prove': {
        const { owner = 'nobody', version = 'none' } = step.owned ?? {};
        const name = { shown: step.name, key: step.name.toLowerCase() };
        return { type: 'proved', client: step.who, use: step.use, name, owner, version };
      }
      case 'answer':
        return { type: 'recalled', client: step.who, query: step.query, found: step.found };
      case 'take': {
        const receipt = this.#mail.get(step.owner);
        return receipt && inputs.taken(receipt, 1);
      }
      case 'kept':
        return inputs.taken({ client: step.who, line: 0, part: 0, away: step.names }, 1);
      case 'decide':
        return { type: 'decided', node: '', number: 1, decisions: [step.decision] };
    }
  }

  /** Nothing follows an end. */
  #tale(id: ClientId): Tale {
    const tale = this.#tales.get(id);
    if (tale?.over !== '') throw new Error(`${id} was told something before it came or after its end`);
    return tale;
  }
}

/** One for each line. */
function wishesOf(effect: Exclude<Effect, { do: 'keep' | 'heard' }>): unknown[] {
  switch (effect.do) {
    case 'keep-talk': {
      const { owner, mine, peer, said } = effect;
      return said.texts.map((one) => `talk of ${owner} ${mine ? 'to' : 'from'} ${peer.shown}: ${one}`);
    }
    case 'mail': {
      const { owner, said } = effect;
      return said.texts.map((one) => `mail for ${owner} from ${said.from}: ${one}`);
    }
    case 'enter':
    case 'leave': {
      const { shown: name, private: which } = effect.room;
      return [`${effect.do} ${effect.owner} ${idOf({ name, which })}`];
    }
    case 'gone':
    case 'collected':
      return [`${effect.do} ${effect.owner}`];
    case 'recall':
      return [{ who: effect.client, query: effect.query }];
    case 'reserve':
      return [`reserve ${effect.shown} ${effect.owner} ${effect.version}`];
    case 'release':
      return [`release ${effect.key} ${effect.owner}`];
    case 'ban':
      return [`ban ${effect.ban.kind} ${effect.ban.of}`];
    case 'unban':
      return [`unban ${effect.kind} ${effect.of}`];
    case 'audit':
      return [`${effect.by} did ${effect.deed} ${effect.of}: ${effect.why}`];
  }
}
