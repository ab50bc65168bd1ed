/** What of a server the office may look at. */
import type { Admission } from '../admission.ts';
import type { Backlogs } from '../backlog.ts';
import type { Chat } from '../chat.ts';
import type { Resident } from './census.ts';

export interface Premises {
  readonly residents: Iterable<Resident>;
  readonly chat: Pick<Chat, 'rooms'>;
  readonly backlogs: Pick<Backlogs, 'total'>;
  /** Who keeps what is said; bytes that wait for the disk. */
  readonly archive: { readonly waiting: number };
  readonly admission: Pick<Admission, 'clients' | 'maxClients'>;
}
