/** Keys from the environment. The first one encrypts, and every one decrypts. */
import { InvalidEncryptionKeys, UndecryptablePayload } from './codec-errors.js';
import { keyBytes, type Keys, type SealingKey } from './keys.js';

export const keysVariable = 'PENSTOCK_ENCRYPTION_KEYS';

const form = `${keysVariable}: expected the id and the ${keyBytes} bytes of each key, such as "2026-11:BASE64,2026-05:BASE64"`;
/** Shorter than a key in base64. Messages contain ids, and a key in the place of an id does not match. */
const idForm = /^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$/;
const base64Form = /^[A-Za-z0-9+/]{43}=$/;

export class KeyRing implements Keys {
  private constructor(private readonly ring: readonly SealingKey[]) {}

  /**
   * `text`: the value of the variable. Fails: InvalidEncryptionKeys, whose message contains nothing that may be a
   * key.
   */
  static parse(text: string): KeyRing {
    const ring = text.split(',').map((entry, index) => parseKey(entry.trim(), index));
    const duplicate = ring.find(({ id }, index) => ring.findIndex((other) => other.id === id) < index);
    if (duplicate) throw new InvalidEncryptionKeys(`${keysVariable}: two keys have the id "${duplicate.id}"`);
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
    const known = this.ids.length === 0 ? 'has no keys' : `has only ${this.ids.join(', ')}`;
    return Promise.reject(new UndecryptablePayload(id, `${keysVariable} ${known}; add the missing key.`));
  }
}

function parseKey(entry: string, index: number): SealingKey {
  const colon = entry.indexOf(':');
  const [id, base64] = [entry.slice(0, colon), entry.slice(colon + 1)];
  // The message contains only the position: a wrong entry may be a key.
  if (colon < 0 || !idForm.test(id))
    throw new InvalidEncryptionKeys(`${form}; entry ${index + 1} has no valid id`);
  if (!base64Form.test(base64))
    throw new InvalidEncryptionKeys(`${form}; the key "${id}" is not ${keyBytes} bytes in base64`);
  return { id, key: Buffer.from(base64, 'base64'), wrapped: null };
}
