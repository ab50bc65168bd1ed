/** What is counted as it happens: plain numbers, since the path of a message leads past here. */
import type { Delivery, EndReason } from '../message.ts';
import type { Notice, Refused } from '../notice.ts';
import { Buckets } from './buckets.ts';

/** Bytes. */
const SIZES = [64, 256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576];
/** Seconds. */
const LENGTHS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1];

export class Tally {
  /** Bytes of what somebody is written at once. */
  readonly batches = new Buckets(SIZES);
  /** Seconds that a turn, or a slice of one, took to be handled, handed on to be kept, and routed. */
  readonly turns = new Buckets(LENGTHS);
  /** Lines, as often as there is somebody for whom they are. */
  deliveries = 0;
  /** All there are, so that the first of its kind is seen as a rise from 0. */
  readonly ended: Record<EndReason, number> = {
    left: 0,
    quit: 0,
    lost: 0,
    'no name': 0,
    'no name in time': 0,
    'too slow: took nothing': 0,
    'too slow: behind for too long': 0,
    'too slow: queue full': 0,
    'too slow: memory full': 0,
    'server stopping': 0,
    'taken over': 0,
    'cut off': 0,
    banned: 0,
    'put out': 0,
    'web page': 0,
    fault: 0,
  };
  readonly refused: Record<Refused['reason'], number> = {
    'server full': 0,
    'too many from this address': 0,
    'address not allowed': 0,
    unannounced: 0,
    'TLS only': 0,
    'no TLS here': 0,
    'not a chat client': 0,
    'no PROXY header': 0,
    'PROXY header not trusted': 0,
    'Host not allowed': 0,
    'Origin not allowed': 0,
  };
  /** Lines that were said and not kept. */
  unkept = 0;
  /** Nothing can be kept now. */
  isFailing = false;
  /** Of those whose connections have ended. */
  readonly gone = { lines: 0, bytesIn: 0, bytesOut: 0 };
  #since = 0;

  /** Somebody is to hear so many bytes at once. */
  readonly given = (bytes: number): void => {
    this.batches.count(bytes);
  };

  /** A turn, or a slice of one, is being handled. */
  began(): void {
    this.#since = performance.now();
  }

  /** What came of it is routed. */
  routed(deliveries: readonly Delivery[]): void {
    this.turns.count((performance.now() - this.#since) / 1000);
    for (const { event, to, except } of deliveries) {
      const people = except === undefined ? to.length : to.length - 1;
      this.deliveries += event.type === 'message' ? people * event.texts.length : people;
    }
  }

  noticed(notice: Notice): void {
    if (notice.type === 'ended') {
      const { reason, lines, bytesIn, bytesOut } = notice;
      this.gone.lines += lines;
      this.gone.bytesIn += bytesIn;
      this.gone.bytesOut += bytesOut;
      this.ended[reason]++;
    } else if (notice.type === 'refused') {
      this.refused[notice.reason]++;
    } else if (notice.type === 'storage') {
      this.isFailing = !notice.ok;
      if (notice.ok) this.unkept += notice.lost;
    }
  }
}
