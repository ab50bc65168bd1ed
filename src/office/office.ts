/** The office: what whoever runs the server may ask of it, and who tells it. */
import { concat, defer, map, merge, mergeMap, type Observable, of, switchMap, takeWhile, tap } from 'rxjs';
import type { ClusterTally } from '../cluster/tally.ts';
import { Rota } from '../rota.ts';
import type { Endpoint, ListenerTrouble, Notice } from '../notice.ts';
import type { Config } from '../options.ts';
import type { HostList } from '../web/host.ts';
import { admin } from './admin.ts';
import { clientsPage, closedPage, nodesPage, textPage } from './page.ts';
import { Departures } from './departures.ts';
import { LoopDelay } from './loop-delay.ts';
import { type Premises, VACANT } from './premises.ts';
import { Tally } from './tally.ts';

/** Ends of connections that are remembered. */
const REMEMBERED = 1000;

/** Where it is, and for which hosts it answers. */
interface Address extends Endpoint {
  readonly hosts: HostList;
}

const OVER: unique symbol = Symbol('over');

/** Undefined where there is no admin port: nothing is counted then. In a cluster, `cluster` is what is counted of that. */
export function officeOf(
  { adminHost: host, adminPort: port }: Pick<Config, 'adminHost' | 'adminPort'>,
  hosts: HostList,
  cluster?: ClusterTally,
): Office | undefined {
  return port === 'none' ? undefined : new Office({ host, port, hosts }, cluster);
}

export class Office {
  readonly tally = new Tally();
  readonly #address: Address;
  readonly #cluster: ClusterTally | undefined;
  #premises = VACANT;
  readonly #departures = new Departures(REMEMBERED);
  /** Some of those who are here in each turn of the event loop, however many ask. */
  readonly #rota = new Rota(1);
  #state: 'starting' | 'listening' | 'stopping' = 'starting';

  constructor(address: Address, cluster: ClusterTally | undefined) {
    this.#address = address;
    this.#cluster = cluster;
  }

  /** A server begins, in the place of the one before it if there was one. */
  moveTo(premises: Premises): void {
    this.#premises = premises;
    this.#state = 'starting';
  }

  /**
   * Answers while `servers`, one after the other, do what they do; none does where it cannot. Emits what they emit, and what goes
   * wrong here; completes and errors as they do, and errors as `admin` does.
   */
  around(servers: Observable<Notice>): Observable<Notice> {
    return this.#open().pipe(
      mergeMap((what) =>
        'type' in what ? of(what) : concat(servers.pipe(map((notice) => withAdmin(notice, what))), of(OVER)),
      ),
      takeWhile((what): what is Exclude<typeof what, typeof OVER> => what !== OVER),
      tap((notice) => {
        this.#noticed(notice);
      }),
    );
  }

  #noticed(notice: Notice): void {
    this.tally.noticed(notice);
    if (notice.type === 'listening' || notice.type === 'stopping') this.#state = notice.type;
    else if (notice.type === 'ended') this.#departures.add(notice, Date.now());
  }

  /** Why nobody is to be sent here; undefined where all is well. */
  get #obstacle(): string | undefined {
    if (this.#state === 'stopping') return this.#state;
    return this.#cluster?.obstacle ?? (this.#state === 'listening' ? undefined : this.#state);
  }

  #open(): Observable<Endpoint | ListenerTrouble> {
    // Only where it is needed: prom-client takes 100 ms to load, and 2 MB (measured).
    return defer(() => import('./metrics.ts')).pipe(
      switchMap(({ metricsOf }) => {
        const delay = new LoopDelay();
        const cluster = this.#cluster;
        const counted = { tally: this.tally, premises: () => this.#premises, cluster };
        const pages = {
          '/metrics': metricsOf(counted, delay, this.#rota),
          '/healthz': () => textPage(200, 'ok'),
          '/readyz': () => {
            const obstacle = this.#obstacle;
            return obstacle === undefined ? textPage(200, 'ready') : textPage(503, obstacle);
          },
          '/clients': () => clientsPage(this.#premises.residents, this.#rota),
          '/closed': () => closedPage(this.#departures.latest(), this.#rota),
          ...(cluster && { '/nodes': () => nodesPage(cluster, this.#premises.chat.clients, this.#rota) }),
        };
        return merge(admin({ ...this.#address, pages }), delay.measured);
      }),
    );
  }
}

const withAdmin = (notice: Notice, admin: Endpoint): Notice =>
  notice.type === 'listening' ? { ...notice, admin } : notice;
