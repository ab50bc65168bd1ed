/** Whoever may not come in is told why, and that is all. */
import { concat, defer, finalize, type Observable, of } from 'rxjs';
import type { Connection } from '../connection.ts';
import type { PlainCode } from '../event.ts';
import type { Refused } from '../notice.ts';
import { text } from '../text.ts';

/** Why, where it is told in a line: there is a descriptor for it, and whoever hears it speaks no HTTP. */
export type Reason = Exclude<Refused['reason'], 'unannounced' | 'Host not allowed' | 'Origin not allowed'>;

export interface Refusal {
  readonly reason: Reason;
  readonly connection: Connection;
}

const CODES: Readonly<Record<Reason, PlainCode>> = {
  'server full': 'full',
  'too many from this address': 'full',
  'address not allowed': 'not-allowed',
  'TLS only': 'tls-only',
  'no TLS here': 'no-tls',
  'not a chat client': 'not-a-chat-client',
  'no PROXY header': 'no-proxy-header',
  'PROXY header not trusted': 'proxy-not-trusted',
};

/** Emits the notice, and completes when the connection is closed; unsubscribing closes it at once. */
export function turnAway({ reason, connection }: Refusal): Observable<Refused> {
  const refused: Refused = { type: 'refused', reason, address: connection.address };
  return concat(
    of(refused),
    defer(() => connection.end(text.encode({ type: 'problem', code: CODES[reason] }))),
  ).pipe(
    finalize(() => {
      connection.destroy();
    }),
  );
}
