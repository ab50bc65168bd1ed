/** What becomes of those who have connected. */
import { Observable, type OperatorFunction } from 'rxjs';
import type { Caller } from './caller.ts';
import { type Door, type Outcome, Visit } from './visit.ts';

/**
 * Operator: emits a caller's connection once it is known what carries it, or why it may not come in, or its end where it
 * went before that; whatever else the source emits is passed on. Completes when the source has and nobody is waited for;
 * errors as the source does. When `stop` emits, nobody is waited for any more. Who says nothing until `loginTimeout` has a connection, too, on which that is told.
 * Unsubscribing closes what has no connection yet. It is one for all of them: with an Observable for each visit, whoever
 * comes, says a line and goes costs a tenth more.
 */
export function doorstep<T extends object>(
  door: Door,
  stop: Observable<unknown>,
): OperatorFunction<Caller | T, Outcome | T> {
  return (source) =>
    new Observable((subscriber) => {
      const visits = new Set<Visit>();
      let over = false;
      const finish = (): void => {
        if (over && visits.size === 0) subscriber.complete();
      };
      const passOn = (visit: Visit, what: Outcome): void => {
        visits.delete(visit);
        subscriber.next(what);
        finish();
      };
      subscriber.add(() => {
        for (const visit of visits) visit.leave();
      });
      subscriber.add(
        source.subscribe({
          next: (arrival) => {
            if (!('socket' in arrival)) {
              subscriber.next(arrival);
              return;
            }
            const visit = new Visit(arrival, door, passOn);
            visits.add(visit);
            visit.begin();
          },
          error: (error: unknown) => {
            subscriber.error(error);
          },
          complete: () => {
            over = true;
            finish();
          },
        }),
      );
      subscriber.add(
        stop.subscribe(() => {
          for (const visit of visits) visit.hurry('server stopping');
        }),
      );
    });
}
