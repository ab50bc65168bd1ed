/** Who may use a NATS that goes by JWTs: an operator, accounts that it vouches for, and users that these vouch for. */
import { nkeys } from '@nats-io/transport-node';

type Pair = ReturnType<typeof nkeys.createUser>;

const { createAccount, createOperator, createUser } = nkeys;

/** No limit. */
const ANY = -1;
const LIMITS = { subs: ANY, data: ANY, payload: ANY };
/** Of an account without JetStream. */
export const DRY = { ...LIMITS, imports: ANY, exports: ANY, wildcards: true, conn: ANY, leaf: ANY };
const ACCOUNT = { ...DRY, mem_storage: ANY, disk_storage: ANY, streams: ANY, consumer: ANY };

/** What `by` says of `of`, signed: a JWT as nsc writes them. */
function signed(by: Pair, of: Pair, name: string, claims: object): string {
  const base64url = (what: unknown): string => Buffer.from(JSON.stringify(what)).toString('base64url');
  const body = {
    ...{
      jti: name,
      iat: Math.floor(Date.now() / 1000),
      iss: by.getPublicKey(),
      name,
      sub: of.getPublicKey(),
    },
    nats: { ...claims, version: 2 },
  };
  const text = `${base64url({ typ: 'JWT', alg: 'ed25519-nkey' })}.${base64url(body)}`;
  return `${text}.${Buffer.from(by.sign(Buffer.from(text))).toString('base64url')}`;
}

export class NatsOperator {
  readonly #keys = createOperator();
  readonly #jwts = new Map<string, string>();
  readonly #system = this.account('SYS', DRY);

  /** Vouched for, and known to whichever NATS is configured after that. */
  account(name: string, limits: object = ACCOUNT): NatsAccount {
    const keys = createAccount();
    this.#jwts.set(keys.getPublicKey(), signed(this.#keys, keys, name, { type: 'account', limits }));
    return new NatsAccount(keys);
  }

  /** In the language of NATS's configuration. */
  get configuration(): string {
    const operator = signed(this.#keys, this.#keys, 'operator', { type: 'operator' });
    const accounts = [...this.#jwts].map(([key, jwt]) => `${key}: ${jwt}`).join('\n');
    return `operator: ${operator}\nsystem_account: ${this.#system.key}\nresolver: MEMORY\nresolver_preload: {\n${accounts}\n}\n`;
  }
}

export class NatsAccount {
  readonly #keys: Pair;

  constructor(keys: Pair) {
    this.#keys = keys;
  }

  get key(): string {
    return this.#keys.getPublicKey();
  }

  /** A .creds file of a user, and what of it is secret. */
  user(name: string): { readonly creds: string; readonly secrets: readonly string[] } {
    const keys = createUser();
    const jwt = signed(this.#keys, keys, name, { type: 'user', ...LIMITS });
    const seed = Buffer.from(keys.getSeed()).toString();
    const creds = `-----BEGIN NATS USER JWT-----\n${jwt}\n------END NATS USER JWT------\n\n-----BEGIN USER NKEY SEED-----\n${seed}\n------END USER NKEY SEED------\n`;
    return { creds, secrets: [jwt, seed] };
  }
}
