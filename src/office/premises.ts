/** What of a server the office may look at. */
import type { Admission } from '../admission.ts';
import type { Backlogs } from '../backlog.ts';
import type { Chat } from '../chat.ts';
import type { Resident } from './census.ts';

/** One server, or the node of a cluster that it is now. */
export interface Premises {
  readonly residents: Iterable<Resident>;
  readonly chat: Pick<Chat, 'rooms' | 'clients'>;
  readonly backlogs: Pick<Backlogs, 'total'>;
  /** Who keeps what is said; bytes that wait for the disk. */
  readonly archive: { readonly waiting: number };
  readonly admission: Pick<Admission, 'clients' | 'maxClients'>;
}

/** Where there is no server yet. */
export const VACANT: Premises = {
  residents: [],
  chat: { rooms: 0, clients: [] },
  backlogs: { total: 0 },
  archive: { waiting: 0 },
  admission: { clients: 0, maxClients: 0 },
};
