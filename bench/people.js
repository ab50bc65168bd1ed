// What people say, as the log has it: for what drives the log or the chat without sockets. Takes a build.
import { Decoder } from '../dist/decoder.js';
import { clientId } from '../dist/node.js';

const decoder = new Decoder({ maxLine: 16 * 1024, maxRecipients: 100, raw: false });

export const nameOf = (nth) => `p${nth.toString(36)}`;

/** The inputs that lines make, each with its end, of the `nth` who has come to `node`. */
export const said = (node, nth, lines) =>
  decoder
    .read([{ text: lines, plain: true }])
    .map((command) => ({ type: 'line', client: clientId(node, nth), command }));

/** It comes, logs in, and says those lines. */
export const comes = (node, nth, lines = '') => [
  {
    type: 'arrived',
    client: clientId(node, nth),
    address: `10.${nth >> 16}.${(nth >> 8) & 255}.${nth & 255}`,
  },
  ...said(node, nth, `${nameOf(nth)}\n${lines}`),
];
