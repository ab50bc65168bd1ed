/** How each deed is written into the tables; to be called as part of a commit. */
import type { BasisTable } from './basis.ts';
import type { Commits } from './commits.ts';
import type { Deed, Run } from './deed.ts';
import type { Mail } from './mail.ts';
import type { Places } from './places.ts';
import type { RegistryTables } from './registry.ts';
import type { SaidRows } from './said.ts';
import type { Seats } from './seats.ts';
import type { Trim } from './trim.ts';

/** What deeds are about. */
export interface Tables {
  readonly places: Places;
  readonly seats: Seats;
  readonly said: SaidRows;
  readonly mail: Mail;
  readonly registry: RegistryTables;
  readonly trim: Trim;
  readonly basis: BasisTable;
  readonly counters: Commits['counters'];
}

export class DeedWriter {
  readonly #tables: Tables;

  constructor(tables: Tables) {
    this.#tables = tables;
  }

  write(deed: Deed<string | Buffer>): void {
    const { places, seats, mail, registry, trim, basis } = this.#tables;
    switch (deed.do) {
      case 'keep':
        this.#keep(places.ofRoom(deed.room), deed.run, false);
        break;
      case 'keep-talk':
        this.#keep(places.ofTalk(deed.owner, deed.peer), deed.run, deed.mine);
        break;
      case 'mail':
        mail.add(deed.owner, deed.run);
        this.#passed(deed.run.sequence);
        break;
      case 'collected':
        mail.collected(deed.owner, deed.last);
        break;
      case 'enter':
        seats.enter(deed.owner, places.ofRoom(deed.room), deed.sequence);
        this.#passed(deed.sequence);
        break;
      case 'leave':
        seats.leave(deed.owner, places.ofRoom(deed.room), deed.sequence);
        this.#passed(deed.sequence);
        break;
      case 'gone':
        seats.gone(deed.owner, deed.sequence);
        this.#passed(deed.sequence);
        break;
      case 'reserve':
        registry.reserve(deed);
        break;
      case 'release':
        registry.release(deed.key, deed.owner);
        mail.release(deed.owner);
        seats.release(deed.owner);
        trim.released();
        break;
      case 'ban':
        registry.ban(deed.ban);
        break;
      case 'unban':
        registry.unban(deed.kind, deed.of);
        break;
      case 'audit':
        registry.note(deed);
        break;
      case 'verifier':
        registry.learn(deed.version, deed.verifier);
        break;
      case 'basis':
        basis.write(deed);
        break;
    }
  }

  #keep(place: number, run: Run<string | Buffer>, mine: boolean): void {
    const { said, counters } = this.#tables;
    said.add(++counters.said, place, run, mine);
    counters.lines += run.count;
    this.#passed(run.sequence);
  }

  #passed(sequence: number): void {
    const { counters } = this.#tables;
    if (sequence > counters.sequence) counters.sequence = sequence;
  }
}
