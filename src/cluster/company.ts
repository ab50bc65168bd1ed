/** Who else is in the cluster, as whoever runs a node of it is told. */
import { type Observable, Subject } from 'rxjs';
import type { NodeId } from '../message.ts';
import type { NodeNotice } from '../notice.ts';
import { flagOf } from '../options.ts';
import { type ChatSettings, differing } from '../settings.ts';
import { type Change, SILENT } from './roll.ts';

export class Company {
  readonly #self: NodeId;
  /** By which the chat goes behind the last turn that is handled. */
  #settings: ChatSettings;
  /** Whose first word it is that is not handled yet, by its turn. */
  readonly #greetings = new Map<number, NodeId>();
  /** The turn in which this node has come: who came before it with which options is not told. */
  #since = Infinity;
  readonly #news = new Subject<NodeNotice>();

  /** Who comes and goes, also before this node has come. */
  readonly news: Observable<NodeNotice> = this.#news.asObservable();

  constructor(self: NodeId, settings: ChatSettings) {
    this.#self = self;
    this.#settings = settings;
  }

  /** That was heard, as part of that turn. */
  heard({ what, node, nodes }: Change, turn: number): void {
    if (what === 'come') this.#greetings.set(turn, node);
    if (node === this.#self) {
      if (what === 'come') this.#since = turn;
      return;
    }
    this.#news.next(
      what === 'given up'
        ? { type: 'node', what, node, nodes, seconds: SILENT / 1000 }
        : { type: 'node', what, node, nodes },
    );
  }

  /** That turn is handled, and the chat goes by these. */
  handled(turn: number, settings: ChatSettings): void {
    const before = this.#settings;
    this.#settings = settings;
    const node = this.#greetings.get(turn);
    if (node === undefined) return;
    this.#greetings.delete(turn);
    if (turn < this.#since) return;
    const options = differing(before, settings).map(flagOf);
    if (options.length > 0) this.#news.next({ type: 'node', what: 'other options', node, options });
  }
}
