/** Flow control without the chat around it. */
import { Flow } from '../../src/flow.ts';
import { Party } from '../../src/party.ts';
import type { Input } from '../../src/message.ts';

/** Bytes of what waited that one turn has room for. */
const QUOTA = 256 * 1024;
/** Bytes past which somebody is a bulk sender for the moment. */
const BULK = 64 * 1024;

interface Said {
  readonly from: string;
  readonly to: readonly string[];
  readonly text: string;
  readonly bulk: boolean;
}

/** The least that can use flow control: parties who say things to each other, by their ids. */
export class Hall {
  readonly heard: string[] = [];
  readonly orders: string[] = [];
  readonly #parties = new Map<string, Party>();
  #time = 0;
  readonly #said = new Map<Input, Said>();
  readonly flow = new Flow(
    { maxQueue: 16 * QUOTA },
    {
      take: (input) => {
        this.#take(input);
      },
      order: (to, order) => this.orders.push(`${to} ${order.do}`),
    },
  );

  party(id: string): Party {
    let party = this.#parties.get(id);
    if (!party) this.#parties.set(id, (party = new Party(id)));
    return party;
  }

  say(from: string, to: string, text: string, bulk = false): void {
    const command = { kind: 'say', head: '', to: [], rests: [text] } as const;
    const input: Input = { type: 'line', client: from, command };
    this.#said.set(input, { from, to: to.split(' '), text, bulk });
    const sender = this.party(from);
    while (this.flow.goOn());
    if (sender.waits) sender.park(input);
    else this.#take(input);
  }

  /** What was heard and ordered since the last time, once all who may go on have. */
  news(): { heard: string[]; orders: string[] } {
    while (this.flow.goOn());
    return { heard: this.heard.splice(0), orders: this.orders.splice(0) };
  }

  #take(input: Input): void {
    const said = this.#said.get(input);
    if (!said) return;
    const { from, to, text, bulk } = said;
    const sender = this.party(from);
    const all = to.map((id) => this.party(id));
    // An ordinary talker, or none: by nothing else than what is asked for.
    const time = (this.#time += 3000);
    if (this.flow.holds(sender, input, { named: all }, bulk ? BULK + 1 : 0, time)) return;
    this.heard.push(`${from}>${to.join('')} ${text.slice(0, 8)}`);
  }
}
