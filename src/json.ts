/** The codec for programs: one JSON object a line. The fields are in docs/events.md and docs/events.schema.json. */
import type { Codec } from './codec.ts';
import type { Event } from './event.ts';
import { explain } from './explain.ts';

export const json: Codec = {
  encode: (event) => `${JSON.stringify(objectOf(event)).replace(ODD, escape)}\n`,
};

/** What JSON leaves as it is and some languages take for the end of a line, or a terminal for a command. */
const ODD = /[\x7f-\x9f\u2028\u2029]/g;
const escape = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

function objectOf(event: Event): object {
  switch (event.type) {
    case 'message': {
      const { type, from, room, text, about, stamp, index } = event;
      const time = new Date(stamp.time).toISOString();
      return { type, id: `${String(stamp.sequence)}.${String(index)}`, time, from, room, text, about };
    }
    case 'problem':
      return { ...event, type: 'error', text: explain(event) };
    case 'unsent': {
      const { number, problems, missed } = event;
      return { ...problems[0], type: 'error', number, missed, text: problems.map(explain).join('; ') };
    }
    case 'help':
      return {
        type: 'help',
        commands: event.commands.map(({ word, args, help, example }) => ({ word, args, help, example })),
      };
    case 'person':
      return { ...event, since: new Date(event.since).toISOString() };
    default:
      return event;
  }
}
