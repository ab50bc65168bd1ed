/** What of somebody's lines was not heard of again when a node was cut off. */
import type { Problem } from './event.ts';
import type { ClientId, EndReason, Input } from './message.ts';
import { quote } from './safe.ts';

/** A client of a node that was cut off: why it is let go, and what it is told last. */
export class Stranded extends Error {
  override readonly name = 'Stranded';
  readonly reason: EndReason = 'cut off';
  readonly last: Problem;

  constructor(last: Problem) {
    super('the node was cut off');
    this.last = last;
  }
}

/** Why a node lets its clients go: it is stopping, or has not heard the same as the others for so many seconds. */
export interface Plight {
  readonly stopping: boolean;
  readonly seconds: number | undefined;
}

/** The last word for each of `clients`. */
export function strandedBy(
  unsent: readonly Input[],
  clients: Iterable<ClientId>,
  { stopping, seconds }: Plight,
): Map<ClientId, Stranded> {
  const lines = new Map<ClientId, { count: number; first: string | undefined }>();
  for (const input of unsent) {
    if (input.type !== 'line') continue;
    const { client, command } = input;
    // What is no message may be a password.
    const [count, text] =
      command.kind === 'say' ? [command.rests.length, command.head + (command.rests[0] ?? '')] : [1];
    const before = lines.get(client);
    if (before) before.count += count;
    else lines.set(client, { count, first: text });
  }
  return new Map(
    [...clients].map((client) => {
      const { count = 0, first } = lines.get(client) ?? {};
      const told = {
        ...(first !== undefined && { first: quote(first.trim()) }),
        ...(stopping && { stopping }),
        ...(seconds !== undefined && { seconds }),
      };
      return [client, new Stranded({ type: 'problem', code: 'cut-off', lines: count, ...told })];
    }),
  );
}
