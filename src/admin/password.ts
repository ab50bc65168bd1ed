/** A password from stdin: typed without being shown, or the first line of what is piped in. */
import { createInterface } from 'node:readline';
import { type Desk, Refusal } from './task.ts';

const [ETX, EOT, BACKSPACE, DELETE] = ['\x03', '\x04', '\b', '\x7f'];

/** Rejects with a Refusal where there is none. */
export async function readPassword(desk: Desk, question: string): Promise<string> {
  const password = desk.stdin.isTTY ? await typed(desk, question) : await piped(desk);
  if (password.trim() === '') throw new Refusal('there is no password on stdin');
  return password;
}

async function piped({ stdin }: Desk): Promise<string> {
  for await (const line of createInterface({ input: stdin })) return line;
  return '';
}

async function typed({ stdin, stderr }: Desk, question: string): Promise<string> {
  stderr.write(question);
  stdin.setRawMode?.(true);
  stdin.setEncoding('utf8');
  try {
    let password = '';
    for await (const text of stdin)
      for (const key of String(text)) {
        if (key === '\r' || key === '\n' || key === EOT) return password;
        if (key === ETX) throw new Refusal('nothing was done');
        if (key === BACKSPACE || key === DELETE) password = Array.from(password).slice(0, -1).join('');
        else password += key;
      }
    return password;
  } finally {
    stdin.setRawMode?.(false);
    stderr.write('\n');
  }
}
