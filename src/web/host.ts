/** Which names a request may have for this server: a page of somebody else's may lead its own name here (DNS rebinding). */
import { isIP } from 'node:net';
import { ConfigError } from '../config.ts';

/** A name as DNS has it (RFC 1123, 2.1), without its last dot. */
const NAME = /^(?!-)[a-z\d_-]{1,63}(?:\.[a-z\d_-]{1,63})*$/;
/** What `Host` has: a name or an address, and a port (RFC 9110, 7.2). */
const HOST = /^(?:\[([\da-f:.]+)\]|([^:[\]]+))(?::\d{1,5})?$/;

const entriesOf = (text: string): string[] => text.split(/[\s,]+/).filter((entry) => entry !== '');

/** Names besides this machine's own and every address, which nobody can lead elsewhere. */
export class HostList {
  readonly #names: ReadonlySet<string>;

  /** Throws a ConfigError that names `option` and what in it is no name of a host. */
  constructor(text: string, option: string) {
    const names = entriesOf(text.toLowerCase());
    const wrong = names.find((name) => !NAME.test(name) || isIP(name) > 0);
    if (wrong !== undefined)
      throw new ConfigError(
        `${option} has ${JSON.stringify(wrong)}, which is no name of a host, like chat.example; addresses need not be listed`,
      );
    this.#names = new Set(names);
  }

  /** `header` is what a request has as its `Host`. */
  includes(header: string | undefined): boolean {
    const [, address, name = ''] = HOST.exec(header?.toLowerCase() ?? '') ?? [];
    if (address !== undefined) return isIP(address) === 6;
    const plain = name.replace(/\.$/, '');
    return isIP(plain) === 4 || /^(?:.+\.)?localhost$/.test(plain) || this.#names.has(plain);
  }
}

/** Pages that may speak to this server besides its own. */
export class OriginList {
  readonly #origins: ReadonlySet<string>;

  /** Throws a ConfigError that names `option` and what in it is no origin. */
  constructor(text: string, option: string) {
    const origins = entriesOf(text.toLowerCase());
    const wrong = origins.find((origin) => !/^https?:/.test(origin) || originOf(origin) !== origin);
    if (wrong !== undefined)
      throw new ConfigError(
        `${option} has ${JSON.stringify(wrong)}, which is no origin, like https://chat.example`,
      );
    this.#origins = new Set(origins);
  }

  /**
   * `origin` is what a request has as its `Origin` (RFC 6454, 7), `host` as its `Host`. Programs that are no browser have
   * none, and nobody can make them come here who does not run them.
   */
  includes(origin: string | undefined, host: string | undefined): boolean {
    if (origin === undefined) return true;
    const plain = origin.toLowerCase();
    return this.#origins.has(plain) || (host !== undefined && isOf(plain, host.toLowerCase()));
  }
}

function originOf(text: string): string | undefined {
  return URL.canParse(text) ? new URL(text).origin : undefined;
}

/** Is it the origin of this server's own page, with TLS or without? The port that a scheme has by itself need not be told. */
const isOf = (origin: string, host: string): boolean =>
  ['http', 'https'].some((scheme) => originOf(`${scheme}://${host}`) === origin);
