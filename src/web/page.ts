/** The page: the files of the folder `web` of the package, read once. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';

export interface PageFile {
  readonly bytes: Buffer;
  readonly headers: Record<string, string>;
}

const FOLDER = new URL('../../web/', import.meta.url);
const INDEX = 'index.html';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** Nothing but its own files, and nobody may put it into a page of theirs. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** By the path of their URL. */
export function readPage(): ReadonlyMap<string, PageFile> {
  const files = new Map<string, PageFile>();
  for (const name of readdirSync(FOLDER)) {
    const type = TYPES[extname(name)];
    if (type === undefined) continue;
    const bytes = readFileSync(new URL(name, FOLDER));
    files.set(name === INDEX ? '/' : `/${name}`, { bytes, headers: headersOf(bytes, type) });
  }
  return files;
}

function headersOf(bytes: Buffer, type: string): PageFile['headers'] {
  return {
    'Content-Type': type,
    'Content-Length': String(bytes.length),
    // Asked for each time, and sent only where it is another: the page and the server are of one version.
    'Cache-Control': 'no-cache',
    ETag: `"${createHash('sha256').update(bytes).digest('base64url')}"`,
    'Content-Security-Policy': POLICY,
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
  };
}
