/** Records of TLS 1.3 as a client writes them (RFC 8446), for what no library does by itself. */
import { createCipheriv, createHmac } from 'node:crypto';

/** The only cipher that is spoken here. */
export const CIPHER = 'TLS_AES_128_GCM_SHA256';

const HANDSHAKE = 22;
const APPLICATION = 23;
/** A KeyUpdate that asks for none (4.6.3). */
const KEY_UPDATE = Buffer.from('1800000100', 'hex');

/** HKDF-Expand-Label (7.1), without a context and for no more than one hash. */
function expand(secret: Buffer, label: string, length: number): Buffer {
  const name = Buffer.from(`tls13 ${label}`);
  const info = Buffer.concat([Buffer.of(0, length, name.length), name, Buffer.of(0, 1)]);
  return createHmac('sha256', secret).update(info).digest().subarray(0, length);
}

export class Records {
  #secret: Buffer;
  #sequence = 0;

  /** `keylog` is the line of a client that has said nothing yet behind its handshake. */
  constructor(keylog: string) {
    const [, secret = ''] = /^CLIENT_TRAFFIC_SECRET_0 \S+ (\S+)/.exec(keylog) ?? [];
    this.#secret = Buffer.from(secret, 'hex');
  }

  text(text: string): Buffer {
    return this.#record(APPLICATION, Buffer.from(text));
  }

  keyUpdate(): Buffer {
    const record = this.#record(HANDSHAKE, KEY_UPDATE);
    this.#secret = expand(this.#secret, 'traffic upd', 32);
    this.#sequence = 0;
    return record;
  }

  #record(type: number, content: Buffer): Buffer {
    const nonce = expand(this.#secret, 'iv', 12);
    nonce.writeUInt32BE((nonce.readUInt32BE(8) ^ this.#sequence++) >>> 0, 8);
    const header = Buffer.of(APPLICATION, 3, 3, 0, 0);
    header.writeUInt16BE(content.length + 1 + 16, 3);
    const cipher = createCipheriv('aes-128-gcm', expand(this.#secret, 'key', 16), nonce).setAAD(header);
    const bytes = Buffer.concat([cipher.update(content), cipher.update(Buffer.of(type)), cipher.final()]);
    return Buffer.concat([header, bytes, cipher.getAuthTag()]);
  }
}
