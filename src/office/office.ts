/** The office: what whoever runs the server may ask of it, and who tells it. */
import { defer, map, merge, mergeMap, type Observable, of, switchMap, takeUntil } from 'rxjs';
import { Rota } from '../rota.ts';
import type { Endpoint, ListenerTrouble, Notice } from '../notice.ts';
import type { Config } from '../options.ts';
import type { HostList } from '../web/host.ts';
import { admin } from './admin.ts';
import { clientsPage, closedPage, textPage } from './page.ts';
import { Departures } from './departures.ts';
import { LoopDelay } from './loop-delay.ts';
import type { Premises } from './premises.ts';
import { Tally } from './tally.ts';

/** Ends of connections that are remembered. */
const REMEMBERED = 1000;

/** Where it is, and for which hosts it answers. */
interface Address extends Endpoint {
  readonly hosts: HostList;
}

/** Undefined where there is no admin port: nothing is counted then. */
export function officeOf(
  { adminHost: host, adminPort: port }: Pick<Config, 'adminHost' | 'adminPort'>,
  hosts: HostList,
  premises: Premises,
): Office | undefined {
  return port === 'none' ? undefined : new Office({ host, port, hosts }, premises);
}

class Office {
  readonly tally = new Tally();
  readonly #address: Address;
  readonly #premises: Premises;
  readonly #departures = new Departures(REMEMBERED);
  /** Some of those who are here in each turn of the event loop, however many ask. */
  readonly #rota = new Rota(1);
  /** Why nobody is to be sent here; undefined where all is well. */
  #obstacle: string | undefined = 'starting';

  constructor(address: Address, premises: Premises) {
    this.#address = address;
    this.#premises = premises;
  }

  /** It happened. */
  noticed(notice: Notice): void {
    this.tally.noticed(notice);
    if (notice.type === 'listening') this.#obstacle = undefined;
    else if (notice.type === 'stopping') this.#obstacle = 'stopping';
    else if (notice.type === 'ended') this.#departures.add(notice, Date.now());
  }

  /**
   * Answers while `clients` come and go, until `over` emits; nobody comes in where it cannot. Emits what they emit, and what
   * goes wrong here; errors as `admin` does.
   */
  around(clients: Observable<Notice>, over: Observable<unknown>): Observable<Notice> {
    return this.#open(over).pipe(
      mergeMap((what) =>
        'type' in what ? of(what) : clients.pipe(map((notice) => withAdmin(notice, what))),
      ),
    );
  }

  #open(over: Observable<unknown>): Observable<Endpoint | ListenerTrouble> {
    // Only where it is needed: prom-client takes 100 ms to load, and 2 MB (measured).
    return defer(() => import('./metrics.ts')).pipe(
      switchMap(({ metricsOf }) => {
        const { residents } = this.#premises;
        const delay = new LoopDelay();
        const pages = {
          '/metrics': metricsOf(this.tally, this.#premises, delay, this.#rota),
          '/healthz': () => textPage(200, 'ok'),
          '/readyz': () => (this.#obstacle ? textPage(503, this.#obstacle) : textPage(200, 'ready')),
          '/clients': () => clientsPage(residents, this.#rota),
          '/closed': () => closedPage(this.#departures.latest(), this.#rota),
        };
        return merge(admin({ ...this.#address, pages }), delay.measured);
      }),
      takeUntil(over),
    );
  }
}

const withAdmin = (notice: Notice, admin: Endpoint): Notice =>
  notice.type === 'listening' ? { ...notice, admin } : notice;
