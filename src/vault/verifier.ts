/** What is kept of a password: enough to tell whether another one is the same, and no more. */
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

const [N, R, P] = [32_768, 8, 3];
const SALT = 16;
const HASH = 32;
const MEMORY = 64 * 1024 * 1024;

/** `scrypt$N$r$p$salt$hash`, the last two in base64url. It takes a thread of the pool for a tenth of a second. */
export async function makeVerifier(password: string): Promise<string> {
  const salt = randomBytes(SALT);
  const hash = await hashOf(password, salt, [N, R, P], HASH);
  return ['scrypt', N, R, P, salt.toString('base64url'), hash.toString('base64url')].join('$');
}

/** Is it the password that the verifier was made of? What is none, since the file is damaged, is nobody's. */
export async function verifies(password: string, verifier: string): Promise<boolean> {
  const [scheme, n, r, p, salt = '', hash = ''] = verifier.split('$');
  const expected = Buffer.from(hash, 'base64url');
  // A part of it, or nothing, would be right for many.
  if (scheme !== 'scrypt' || expected.length !== HASH) return false;
  const costs = [Number(n), Number(r), Number(p)] as const;
  try {
    return timingSafeEqual(await hashOf(password, Buffer.from(salt, 'base64url'), costs, HASH), expected);
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

function hashOf(
  password: string,
  salt: Buffer,
  [N, r, p]: readonly [number, number, number],
  length: number,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFKC'), salt, length, { N, r, p, maxmem: MEMORY }, (error, hash) => {
      if (error) reject(error);
      else resolve(hash);
    });
  });
}
