/** What a format is: how events become lines. */
import type { Event } from './event.ts';

export interface Codec {
  /** One event as whole lines, each with its end. */
  encode(event: Event): string;
}
