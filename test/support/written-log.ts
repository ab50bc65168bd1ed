/** A log that is there before anybody reads it. */
import { RULES } from '../../src/cluster/cluster-node.ts';
import { idOf } from '../../src/cluster/identity.ts';
import { streamOf, subjectOf } from '../../src/cluster/stream.ts';
import { hello, turnOf } from '../../src/cluster/wire.ts';
import { AS_USUAL, connected } from './cluster-node.ts';

/** Messages that are on their way at a time. */
const AT_ONCE = 2000;

/** So many turns in the log that is usual, of so many bytes each: what a node of that name has said that came, and did not go. */
export async function writtenLog(servers: string, node: string, turns: number, length = 0): Promise<void> {
  const { link, close } = await connected(servers);
  await streamOf(link.manager, 'rxchat', AS_USUAL);
  let number = 0;
  const publish = (bytes: Uint8Array): Promise<unknown> =>
    link.jetstream.publish(subjectOf('rxchat'), bytes, { msgID: idOf({ node, number: ++number }) });
  await publish(hello(RULES, '[]'));
  const text = 'x'.repeat(length);
  const input = { type: 'line', client: `${node}-1`, command: { kind: 'bare', name: undefined, text } };
  const messages = [...turnOf(JSON.stringify([input]), { since: 0, turn: 0, digest: 0 })];
  for (let left = turns; left > 0; left -= AT_ONCE) {
    const some = Array.from({ length: Math.min(left, AT_ONCE) }, () => messages.map(publish));
    await Promise.all(some.flat());
  }
  close();
}
