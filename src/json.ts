/** The codec for programs: one JSON object a line. The fields are in docs/events.md and docs/events.schema.json. */
import type { Codec } from './codec.ts';
import type { Event, Message, Problem } from './event.ts';
import { explain } from './explain.ts';
import { dateOf } from './time.ts';

export const json: Codec = {
  encode: (event) => (event.type === 'message' ? objectsOf(event).map(line).join('') : line(objectOf(event))),
};

const line = (object: object): string => `${JSON.stringify(object).replace(ODD, escape)}\n`;

/** What JSON leaves as it is and some languages take for the end of a line, or a terminal for a command. */
const ODD = /[\x7f-\x9f\u2028\u2029]/g;
const escape = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

const momentOf = (time: number | undefined): string | undefined =>
  time === undefined ? undefined : dateOf(time).toISOString();

const fieldsOf = (problem: Problem): object =>
  'until' in problem ? { ...problem, until: momentOf(problem.until) } : problem;

function objectsOf({ type, from, room, texts, about, stamp, index, past }: Message): object[] {
  const time = dateOf(stamp.time).toISOString();
  const idOf = (at: number): string => `${String(stamp.sequence)}.${String(index + at)}`;
  return texts.map((text, at) => ({
    ...{ type, id: idOf(at), time, from, room, text, about },
    ...(past && { past: past.why, to: past.to }),
  }));
}

function objectOf(event: Exclude<Event, Message>): object {
  switch (event.type) {
    case 'problem':
      return { ...fieldsOf(event), type: 'error', text: explain(event) };
    case 'unsent': {
      const { number, problems, missed } = event;
      return {
        ...(problems[0] && fieldsOf(problems[0])),
        type: 'error',
        number,
        missed,
        text: problems.map(explain).join('; '),
      };
    }
    case 'help':
      return {
        type: 'help',
        commands: event.commands.map(({ word, args, help, example }) => ({ word, args, help, example })),
      };
    case 'bans':
      return {
        ...event,
        bans: event.bans.map(({ of, kind, until, by, why }) => ({
          ...{ of, kind, by, why },
          until: momentOf(until),
        })),
      };
    case 'ordered':
      return { ...event, until: momentOf(event.until) };
    case 'person':
      return { ...event, since: dateOf(event.since).toISOString() };
    default:
      return event;
  }
}
