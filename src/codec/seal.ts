/** Encrypts a payload into another one: AES-256-GCM, fully authenticated. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { Payload } from '@temporalio/common';
import protos from '@temporalio/proto';
import { UndecryptablePayload } from './codec-errors.js';
import type { Keys, SealingKey } from './keys.js';

const proto = protos.temporal.api.common.v1.Payload;

export const sealedEncoding = 'binary/encrypted';
const cipher = 'AES-256-GCM';
const algorithm = 'aes-256-gcm';
/** NIST SP 800-38D: a 96-bit nonce, a 128-bit tag. */
const nonceBytes = 12;
const tagBytes = 16;

/** Names in a payload's metadata. */
export const field = {
  encoding: 'encoding',
  cipher: 'encryption-cipher',
  keyId: 'encryption-key-id',
  wrappedKey: 'encryption-wrapped-key',
} as const;

export function seal(payload: Payload, { id, key, wrapped }: SealingKey): Payload {
  const nonce = randomBytes(nonceBytes);
  const sealing = createCipheriv(algorithm, key, nonce, { authTagLength: tagBytes });
  sealing.setAAD(associatedData(id, wrapped));
  const data = Buffer.concat([
    ...[nonce, sealing.update(proto.encode(payload).finish()), sealing.final()],
    sealing.getAuthTag(),
  ]);
  return {
    metadata: {
      [field.encoding]: Buffer.from(sealedEncoding),
      [field.cipher]: Buffer.from(cipher),
      [field.keyId]: Buffer.from(id),
      ...(wrapped === null ? {} : { [field.wrappedKey]: wrapped }),
    },
    data,
  };
}

export function isSealed({ metadata }: Payload): boolean {
  return textIn(metadata, field.encoding) === sealedEncoding;
}

/** Fails: UndecryptablePayload. */
export async function unseal({ metadata, data }: Payload, keys: Keys): Promise<Payload> {
  const id = textIn(metadata, field.keyId) ?? '';
  const named = textIn(metadata, field.cipher);
  if (named !== cipher) throw new UndecryptablePayload(id, `its cipher is not ${cipher}`);
  const wrapped = bytesIn(metadata, field.wrappedKey);
  const sealed = Buffer.from(data ?? []);
  if (sealed.length < nonceBytes + tagBytes) throw new UndecryptablePayload(id, 'it is truncated');
  const key = await keys.opening(id, wrapped);
  try {
    const opening = createDecipheriv(algorithm, key, sealed.subarray(0, nonceBytes), {
      authTagLength: tagBytes,
    });
    opening.setAAD(associatedData(id, wrapped));
    opening.setAuthTag(sealed.subarray(-tagBytes));
    const plain = [opening.update(sealed.subarray(nonceBytes, -tagBytes)), opening.final()];
    return proto.decode(Buffer.concat(plain));
  } catch (error) {
    throw new UndecryptablePayload(id, 'it was altered, or this process has another key with that id', error);
  }
}

/** Binds the unencrypted parts to the encrypted ones. The lengths separate the parts. */
function associatedData(id: string, wrapped: Buffer | null): Buffer {
  const parts = [sealedEncoding, cipher, id].map((text) => Buffer.from(text));
  const lengths = Buffer.from([...parts, wrapped ?? Buffer.alloc(0)].map(({ length }) => length).join(','));
  return Buffer.concat([lengths, ...parts, wrapped ?? Buffer.alloc(0)]);
}

function textIn(metadata: Payload['metadata'], name: string): string | null {
  return bytesIn(metadata, name)?.toString() ?? null;
}

function bytesIn(metadata: Payload['metadata'], name: string): Buffer | null {
  const value = metadata?.[name];
  return value === undefined ? null : Buffer.from(value);
}
