/** How what a node has to say becomes messages of NATS, and how it is put together again. */
import type { ClientId, Input, NodeId } from '../message.ts';
import type { Past } from '../past.ts';
import type { Claim } from './agreement.ts';

/** Bytes of a message: NATS takes 1 MiB, and a message is kept in memory for a moment by everybody whom it passes. */
export const LARGEST = 512 * 1024;

/** What a message is, as its first byte says. */
const KINDS = { founding: 0x66, hello: 0x68, turn: 0x74, part: 0x70, beat: 0x62, bye: 0x71 } as const;

/** Behind the rules of who wants a snapshot. */
const WANTS = '!';

/** What a message says. */
export type Saying =
  /** The log does not begin with nothing, but with a snapshot of this place. */
  | { readonly kind: 'founding' }
  /** The first word of a node: the rules that it acts by, and inputs, as JSON; and whether it wants a snapshot of the others. */
  | { readonly kind: 'hello'; readonly rules: number; readonly wants: boolean; readonly json: Uint8Array }
  /** A turn, or what of it was not in the parts before; JSON. */
  | { readonly kind: 'turn'; readonly claim: Claim; readonly json: Uint8Array }
  /** What does not end here yet. */
  | { readonly kind: 'part'; readonly json: Uint8Array }
  /** It is there, and has nothing to say. */
  | { readonly kind: 'beat'; readonly claim: Claim }
  /** Its last word. */
  | { readonly kind: 'bye' };

export const hello = (rules: number, json: string, wants = false): Uint8Array =>
  written('hello', Buffer.from(`${String(rules)}${wants ? WANTS : ''} ${json}`));
export const founding = (): Uint8Array => written('founding');
export const beat = (claim: Claim): Uint8Array => written('beat', bytesOf(claim));
export const bye = (): Uint8Array => written('bye');

/**
 * A line to one recipient, or a run of them, is what is said most. Without the words that are the same in all of them it takes half of
 * the bytes, and half of the time to read it (bench/README.md, The log).
 */
type Short = readonly [client: ClientId, head: string, shown: string, key: string, ...rests: string[]];

type Recalled = Extract<Input, { type: 'recalled' }>;

/**
 * What was found is told by the node that has found it, and nobody else needs it: a few bytes ask for 256 KiB, again and again.
 * Others have to come to the same cost only, so for each text there is its length.
 */
interface Blank extends Omit<Recalled, 'found'> {
  readonly blank: { readonly lengths: readonly (readonly number[])[]; readonly more: boolean };
}

/** Inputs as JSON, as others have to know them: whoever has said them goes by what it has said. */
export const jsonOf = (inputs: readonly Input[]): string => JSON.stringify(inputs.map(shortened));

/** Characters that are in `inputs` and not in their JSON. */
export const untoldOf = (inputs: readonly Input[]): number =>
  inputs.reduce((sum, input) => (isTold(input) ? sum : sum + lengthOf(input)), 0);

/** Of mail all have to know how much of it was taken. */
const isTold = (input: Input): boolean =>
  input.type !== 'recalled' || input.query.of === 'mail' || input.found === undefined;

function lengthOf(input: Input): number {
  let length = 0;
  for (const { texts } of (input as Recalled).found?.lines ?? [])
    for (const text of texts) length += text.length;
  return length;
}

function shortened(input: Input): Input | Short | Blank {
  if (!isTold(input)) {
    const { found, ...rest } = input as Recalled;
    const { lines = [], more = false } = found ?? {};
    return { ...rest, blank: { lengths: lines.map(({ texts }) => texts.map(({ length }) => length)), more } };
  }
  if (input.type !== 'line' || input.command.kind !== 'say') return input;
  const { head, to, rests } = input.command;
  const [first] = to ?? [];
  return first && to?.length === 1 ? [input.client, head, first.shown, first.key, ...rests] : input;
}

function inFull(written: Input | Short | Blank): Input {
  if (!isShort(written)) return isBlank(written) ? filled(written) : written;
  const [client, head, shown, key] = written;
  const rests = written.slice(4); // a rest parameter takes twice the time
  return { type: 'line', client, command: { kind: 'say', head, to: [{ shown, key }], rests } };
}

const isShort = (written: Input | Short | Blank): written is Short => Array.isArray(written);

const isBlank = (written: Input | Blank): written is Blank => (written as Partial<Blank>).blank !== undefined;

const filled = ({ blank: { lengths, more }, ...rest }: Blank): Input => ({
  ...rest,
  found: { lines: lengths.map(blankOf), more },
});

const blankOf = (lengths: readonly number[]): Past => ({
  ...{ from: '', room: undefined, to: undefined, sequence: 0, time: 0, index: 0 },
  texts: lengths.map((length) => ' '.repeat(length)),
});

/** The messages that `json`, the inputs of a turn, makes: one, or several where it is long. What its node has read it says at the end. */
export function* turnOf(json: string, claim: Claim): Generator<Uint8Array> {
  const bytes = Buffer.from(json);
  let at = 0;
  for (; bytes.length - at > LARGEST; at += LARGEST) yield written('part', bytes.subarray(at, at + LARGEST));
  yield written('turn', bytesOf(claim), bytes.subarray(at));
}

/** Undefined where nobody knows what it is. */
export function sayingOf(bytes: Uint8Array): Saying | undefined {
  const rest = bytes.subarray(1);
  switch (bytes[0]) {
    case KINDS.hello: {
      const gap = rest.indexOf(0x20);
      const [rules = '', wants] = Buffer.from(rest.subarray(0, gap)).toString().split(WANTS);
      return {
        kind: 'hello',
        rules: Number(rules),
        wants: wants !== undefined,
        json: rest.subarray(gap + 1),
      };
    }
    case KINDS.turn:
      return rest.length < CLAIM
        ? undefined
        : { kind: 'turn', claim: claimIn(rest), json: rest.subarray(CLAIM) };
    case KINDS.part:
      return { kind: 'part', json: rest };
    case KINDS.founding:
      return { kind: 'founding' };
    case KINDS.beat:
      return rest.length < CLAIM ? undefined : { kind: 'beat', claim: claimIn(rest) };
    case KINDS.bye:
      return { kind: 'bye' };
    default:
      return undefined;
  }
}

export type PartsRecord = readonly (readonly [NodeId, base64: string])[];

/** Turns that have not come as a whole yet. */
export class Parts {
  readonly #of = new Map<NodeId, Uint8Array[]>();

  add(node: NodeId, json: Uint8Array): void {
    const parts = this.#of.get(node);
    if (parts) parts.push(json);
    else this.#of.set(node, [json]);
  }

  /** The inputs of the turn of which this is the end; undefined where it is not what it should be. */
  end(node: NodeId, json: Uint8Array): Input[] | undefined {
    const parts = this.#of.get(node);
    this.#of.delete(node);
    const whole = Buffer.from(json.buffer, json.byteOffset, json.byteLength);
    try {
      const json = (parts ? Buffer.concat([...parts, whole]) : whole).toString();
      return (JSON.parse(json) as (Input | Short | Blank)[]).map(inFull);
    } catch {
      return undefined;
    }
  }

  /** What there is of it will never be whole. */
  forget(node: NodeId): void {
    this.#of.delete(node);
  }

  record(): PartsRecord {
    return [...this.#of].map(([node, parts]) => [node, Buffer.concat(parts).toString('base64')]);
  }

  become(record: PartsRecord): void {
    this.#of.clear();
    for (const [node, base64] of record) this.#of.set(node, [Buffer.from(base64, 'base64')]);
  }
}

/** Bytes of a number, which is a time or that of a turn; and of a claim. */
const NUMBER = 6;
const CLAIM = NUMBER + NUMBER + 4;

function bytesOf({ since, turn, digest }: Claim): Uint8Array {
  const bytes = Buffer.alloc(CLAIM);
  bytes.writeUIntBE(since, 0, NUMBER);
  bytes.writeUIntBE(turn, NUMBER, NUMBER);
  bytes.writeUInt32BE(digest, NUMBER + NUMBER);
  return bytes;
}

function claimIn({ buffer, byteOffset }: Uint8Array): Claim {
  const bytes = Buffer.from(buffer, byteOffset, CLAIM);
  return {
    since: bytes.readUIntBE(0, NUMBER),
    turn: bytes.readUIntBE(NUMBER, NUMBER),
    digest: bytes.readUInt32BE(NUMBER + NUMBER),
  };
}

const written = (kind: keyof typeof KINDS, ...rest: Uint8Array[]): Uint8Array =>
  Buffer.concat([Buffer.of(KINDS[kind]), ...rest]);
