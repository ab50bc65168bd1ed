/**
 * Which hosts a request may ask for, so that no page of a stranger can have its own name lead here (DNS rebinding); and
 * which pages may speak here.
 */
import { isIPv4, isIPv6 } from 'node:net';
import { domainToASCII } from 'node:url';
import { ConfigError } from '../config.ts';

/** One label behind the other, as DNS and browsers take them: `_` is in names that people have (RFC 2181, 11). */
const NAME = /^(?=.{1,253}$)[a-z\d_](?:[a-z\d_-]{0,61}[a-z\d_])?(?:\.[a-z\d_](?:[a-z\d_-]{0,61}[a-z\d_])?)*$/;
/** `uri-host [ ":" port ]` (RFC 9110, 7.2), of which browsers send no user and no zone. */
const HOST = /^(?:\[([\da-f:.]+)\]|([^\s:/?#@[\]\\]+))(?::\d{0,5})?$/;

const entriesOf = (text: string): string[] => text.split(/[\s,]+/).filter((entry) => entry !== '');

/** Addresses, `localhost` and names below it, which browsers never ask DNS for (RFC 6761, 6.3), and names that are listed. */
export class HostList {
  readonly #names: ReadonlySet<string>;

  /** Names between commas or blanks. Throws a ConfigError that names `option` and what in it is no host name. */
  constructor(text: string, option: string) {
    const entries = entriesOf(text);
    this.#names = new Set(entries.map((entry) => listed(entry, option)));
  }

  /** May a request have this header `Host`? Its port does not matter: whoever has come here has found it. */
  includes(hostHeader: string | undefined): boolean {
    const [, bracketed, plain = ''] = HOST.exec(hostHeader?.toLowerCase() ?? '') ?? [];
    if (bracketed !== undefined) return isIPv6(bracketed);
    const name = withoutRoot(plain);
    if (isIPv4(name) || name === 'localhost') return true;
    return this.#names.has(name) || (name.endsWith('.localhost') && NAME.test(name));
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

function listed(entry: string, option: string): string {
  // Browsers send the ASCII form of a name (RFC 5891).
  const name = withoutRoot(NAME.test(entry.toLowerCase()) ? entry.toLowerCase() : international(entry));
  if (NAME.test(name)) return name;
  throw new ConfigError(
    `${option} has ${JSON.stringify(entry)}, which is no host name, like chat.example (without a port)`,
  );
}

/** Empty where it is no name. */
const international = (entry: string): string =>
  /^[\p{L}\p{M}\p{N}._-]+$/u.test(entry) ? domainToASCII(entry) : '';

const withoutRoot = (name: string): string => name.replace(/\.$/, '');

function originOf(text: string): string | undefined {
  return URL.canParse(text) ? new URL(text).origin : undefined;
}

/** Is it the origin of this server's own page, with TLS or without? The port that a scheme has by itself need not be told. */
const isOf = (origin: string, host: string): boolean =>
  ['http', 'https'].some((scheme) => originOf(`${scheme}://${host}`) === origin);
