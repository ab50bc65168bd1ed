/** Passwords that one client says: they are looked at where they come in, and everything behind them waits until that is done. */
import { commandOf } from './commands/table.ts';
import type { ClientId, Command, Input, Name, Unproved } from './message.ts';
import { parseName } from './name.ts';
import type { Failure, Vault } from './vault/vault.ts';

/** Who says them, and where they go. */
export interface Speaker {
  readonly id: ClientId;
  readonly address: string;
  /** A password may be said here. */
  readonly mayTell: boolean;
  readonly publish: (inputs: readonly Input[]) => void;
  /** Nothing more is to be read, or it is again. */
  readonly hold: () => void;
  readonly release: () => void;
  readonly failed: (error: unknown) => void;
}

type Say = Extract<Command, { kind: 'say' }>;
type Bare = Extract<Command, { kind: 'bare' }>;
type Word = Extract<Command, { kind: 'word' }>;
type Use = 'login' | 'name' | 'reserve';

/**
 * What a client says until it has a name, and from a password on until that is looked at. A first line is a name, or a name and
 * its password; which line is a first one is known only once the one before is answered, so a line that may be a password waits
 * for that.
 */
export class Secrets {
  readonly #speaker: Speaker;
  readonly #vault: Vault;
  /** It has a name, as far as is known here. */
  #isNamed = false;
  /** Lines that may make it one, and that are not answered yet. */
  #asked = 0;
  /** The first of them is a password, or may be one. */
  #held: Command[] = [];
  #isLooking = false;
  /** A new password is published, and not answered: whether another one is right is not known before that. */
  #isReserving = false;

  constructor(speaker: Speaker, vault: Vault) {
    this.#speaker = speaker;
    this.#vault = vault;
  }

  /** Something waits. */
  get holds(): boolean {
    return this.#held.length > 0 || this.#isLooking;
  }

  // The compiler does not see that what is published may change it.
  get #looks(): boolean {
    return this.#isLooking;
  }

  /** Publishes what may be, in order; the rest as soon as it may be. */
  say(commands: readonly Command[]): void {
    this.#held.push(...commands);
    this.#goOn();
  }

  /** Its name is accepted, or refused, or a new password is. */
  answered(isNamed: boolean): void {
    this.#isReserving = false;
    this.#isNamed ||= isNamed;
    this.#asked = this.#isNamed ? 0 : Math.max(0, this.#asked - 1);
    this.#goOn();
  }

  /** It is not heard any more. */
  abandon(): void {
    this.#held = [];
    this.#isLooking = false;
  }

  #goOn(): void {
    const { id, publish, hold, release } = this.#speaker;
    if (this.#isLooking) return;
    const inputs: Input[] = [];
    for (const command of this.#held) {
      if (this.#stops(command)) break;
      inputs.push({ type: 'line', client: id, command: this.#harmless(command) });
      if (!this.#isNamed && isAnswered(command)) this.#asked++;
    }
    this.#held = this.#held.slice(inputs.length);
    publish(inputs);
    // That may have been answered at once, and something behind it is a password.
    if (this.#looks) return;
    const [first] = this.#held;
    if (first === undefined) release();
    else {
      hold();
      if (this.#asked === 0 && !this.#isReserving) this.#look(first as Say | Bare | Word);
    }
  }

  /** Is it a password, or may it be one? */
  #stops(command: Command): boolean {
    if (command.kind === 'word') return (this.#isNamed || this.#asked > 0) && isSecret(command);
    if (this.#isNamed) return false;
    if (command.kind === 'say') return this.#passwordIn(command) !== undefined;
    if (command.kind !== 'bare' || command.name) return false;
    return this.#asked > 0 || this.#passwordIn(command) !== undefined;
  }

  /** A name that somebody has reserved, and what is behind it; anything else is no name. */
  #passwordIn(command: Say | Bare): { name: Name; password: string } | undefined {
    // With a colon in it, it reads like something that is said, or several.
    const text = command.kind === 'say' ? command.head + (command.rests[0] ?? '') : command.text;
    const [, first = '', password = ''] = /^(\S+)\s+(.+)$/s.exec(text.trim()) ?? [];
    const name = parseName(first);
    return name && this.#vault.knows(name.key) ? { name, password } : undefined;
  }

  /** Whoever has no name has nothing to say, but perhaps a password. */
  #harmless(command: Command): Command {
    if (this.#isNamed || this.#asked > 0) return command;
    if (command.kind === 'say') return { ...command, head: '', to: [], rests: command.rests.map(() => '') };
    return command.kind === 'bare' || isSecret(command) ? { ...(command as Bare | Word), text: '' } : command;
  }

  #look(command: Say | Bare | Word): void {
    this.#held.shift();
    // Others that begin like it are behind it.
    if (command.kind === 'say' && command.rests.length > 1)
      this.#held.unshift({ ...command, rests: command.rests.slice(1) });
    this.#isLooking = true;
    const looked = command.kind === 'word' ? this.#word(command) : this.#login(command);
    looked.then(
      (input) => {
        // Otherwise nobody wants to know any more.
        if (!this.#isLooking) return;
        this.#isLooking = false;
        if (!this.#isNamed) this.#asked++;
        this.#isReserving = input.type === 'reserve';
        this.#speaker.publish([input]);
        this.#goOn();
      },
      (error: unknown) => {
        this.#speaker.failed(error);
      },
    );
  }

  async #login(command: Say | Bare): Promise<Input> {
    const said = this.#passwordIn(command);
    if (!said) return { type: 'line', client: this.#speaker.id, command: this.#harmless(command) };
    return this.#check('login', said.name, said.password);
  }

  async #word({ word, to, text }: Word): Promise<Input> {
    const [name] = to ?? [];
    if (word === 'name' && name) return this.#check('name', name, text);
    const { id: client, address, mayTell } = this.#speaker;
    if (!mayTell) return this.#unproved('reserve', undefined, { why: 'plain-password' });
    const made = await this.#vault.make(address, text);
    return 'why' in made
      ? this.#unproved('reserve', undefined, made)
      : { type: 'reserve', client, version: made.version };
  }

  async #check(use: Use, name: Name, password: string): Promise<Input> {
    const { id: client, address, mayTell } = this.#speaker;
    if (!mayTell) return this.#unproved(use, name, { why: 'plain-password' });
    const proof = await this.#vault.check(name.key, address, password);
    if ('why' in proof) return this.#unproved(use, name, proof);
    return { type: 'proved', client, use: use === 'login' ? 'login' : 'name', name, ...proof };
  }

  #unproved(use: Use, name: Name | undefined, failure: Failure | { why: Unproved }): Input {
    return { type: 'unproved', client: this.#speaker.id, use, name, ...failure };
  }
}

/** Is it answered, as long as one has no name, by one or by another attempt at it? */
const isAnswered = (command: Command): boolean =>
  command.kind === 'word' ? commandOf(command.word)?.nameless !== true : command.kind !== 'blank';

/** Is there a password in it? Of nobody who has a name anything else is looked at. */
export const isSecret = (command: Command): boolean =>
  command.kind === 'word' && command.text !== '' && commandOf(command.word)?.secret === true;
