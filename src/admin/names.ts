/** Names that are somebody's. */
import { randomUUID } from 'node:crypto';
import type { Reservation } from '../past.ts';
import { explain } from '../explain.ts';
import type { Name } from '../message.ts';
import { parseName } from '../name.ts';
import { quote } from '../safe.ts';
import { isFit, passwordIn } from '../vault/password.ts';
import { makeVerifier } from '../vault/verifier.ts';
import { readPassword } from './password.ts';
import { type AdminTask, type Desk, Misuse, Refusal, table, write } from './task.ts';

function named(written: unknown): Name {
  const name = parseName(String(written));
  if (!name) throw new Misuse(`"${quote(String(written))}" is no name`);
  return name;
}

const reservationOf = ({ store }: Desk, { key }: Name): Reservation | undefined =>
  store.registry().reservations.find((each) => each.key === key);

export const list: AdminTask = {
  usage: 'list',
  help: 'names that are reserved, and what waits for them',
  example: 'list',
  run: ({ store, stdout }) => {
    const rows = store
      .registry()
      .reservations.map(({ shown, mail, mailBytes }) => [shown, String(mail), String(mailBytes)]);
    stdout.write(table([['name', 'mail', 'bytes'], ...rows]));
  },
};

export const reserve: AdminTask = {
  usage: 'reserve <name>',
  help: 'reserve a name, or give it another password, which is read from stdin',
  example: 'reserve alice',
  run: async (desk, words) => {
    const { key, shown } = named(words['name']);
    const password = passwordIn(await readPassword(desk, `password for ${shown}: `), desk.config);
    if (!isFit(password)) throw new Refusal(explain({ code: 'bad-password' }));
    const verifier = await makeVerifier(password);
    // What is known is asked for behind the wait for a password.
    const before = reservationOf(desk, { key, shown });
    if (!before && desk.store.registry().reservations.length >= desk.config.maxReserved)
      throw new Refusal(`${String(desk.config.maxReserved)} names are reserved, which is max-reserved`);
    const [owner, version] = [before?.owner ?? randomUUID(), randomUUID()];
    write(desk, [{ do: 'reserve', key, shown, owner, version, verifier }], 'reserve', shown);
  },
};

export const release: AdminTask = {
  usage: 'release <name>',
  help: 'free a name; what was kept for it is gone',
  example: 'release alice',
  run: (desk, words) => {
    const name = named(words['name']);
    const found = reservationOf(desk, name);
    if (!found) throw new Refusal(`${name.shown} is not reserved`);
    write(desk, [{ do: 'release', key: found.key, owner: found.owner }], 'release', found.shown);
  },
};
