/** Keys given by hand: the first seals, every one opens. */
import { InvalidEncryptionKeys, UndecryptablePayload } from './codec-errors.js';
import { keyBytes, type Keys, type SealingKey } from './keys.js';

export const keysVariable = 'PENSTOCK_ENCRYPTION_KEYS';

const form = `${keysVariable} must be like "2026-11:BASE64,2026-05:BASE64": the id and the ${keyBytes} bytes of each key`;
/** Shorter than a key in base64: what is said of an entry is its id, and a key in its place is not said. */
const idForm = /^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$/;
const base64Form = /^[A-Za-z0-9+/]{43}=$/;

export class KeyRing implements Keys {
  private constructor(private readonly ring: readonly SealingKey[]) {}

  /** `text`: as in the environment. Fails: InvalidEncryptionKeys, which shows nothing that may be a key. */
  static parse(text: string): KeyRing {
    const ring = text.split(',').map((entry, index) => parseKey(entry.trim(), index));
    const twice = ring.find(({ id }, index) => ring.findIndex((other) => other.id === id) < index);
    if (twice) throw new InvalidEncryptionKeys(`${keysVariable} has two keys of the id "${twice.id}"`);
    return new KeyRing(ring);
  }

  static readonly empty = new KeyRing([]);

  get ids(): string[] {
    return this.ring.map(({ id }) => id);
  }

  sealing(): Promise<SealingKey> | null {
    const [first] = this.ring;
    return first === undefined ? null : Promise.resolve(first);
  }

  opening(id: string): Promise<Buffer> {
    const found = this.ring.find((entry) => entry.id === id);
    if (found !== undefined) return Promise.resolve(found.key);
    const known = this.ids.length === 0 ? 'has no keys here' : `has only ${this.ids.join(', ')} here`;
    return Promise.reject(
      new UndecryptablePayload(id, `cannot be read: ${keysVariable} ${known}. Add that key to read it.`),
    );
  }
}

function parseKey(entry: string, index: number): SealingKey {
  const colon = entry.indexOf(':');
  const [id, base64] = [entry.slice(0, colon), entry.slice(colon + 1)];
  // What is wrong may be a key in the wrong place: only its position is said.
  if (colon < 0 || !idForm.test(id))
    throw new InvalidEncryptionKeys(`${form}; entry ${index + 1} has no such id`);
  if (!base64Form.test(base64))
    throw new InvalidEncryptionKeys(`${form}; the key "${id}" is not ${keyBytes} bytes in base64`);
  return { id, key: Buffer.from(base64, 'base64'), wrapped: null };
}
