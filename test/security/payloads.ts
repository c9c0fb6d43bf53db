/** Random payloads and keys for tests of the codec. */
import { randomBytes } from 'node:crypto';
import type { Payload } from '@temporalio/common';
import fc from 'fast-check';
import { readCodec } from '../../src/codec/read-codec.js';

export function newKey(): string {
  return randomBytes(32).toString('base64');
}

export function codecOf(keys: string) {
  return readCodec({ PENSTOCK_ENCRYPTION_KEYS: keys }).codec;
}

const bytes = fc.uint8Array({ maxLength: 300 });

/** Includes payloads without metadata or data, and names such as `constructor`. */
export const payloads: fc.Arbitrary<Payload> = fc.record(
  {
    metadata: fc.dictionary(
      fc
        .string({ maxLength: 20, unit: 'grapheme' })
        .filter((name) => name !== '__proto__' && name !== 'encoding'),
      bytes,
      { noNullPrototype: true },
    ),
    data: bytes,
  },
  { requiredKeys: [] },
);

/** Fills in omitted fields, with plain objects only. */
export function wholeOf({ metadata, data }: Payload): { metadata: Record<string, string>; data: string } {
  const texts = Object.entries(metadata ?? {}).map(([name, value]) => [
    name,
    Buffer.from(value).toString('hex'),
  ]);
  return {
    metadata: Object.fromEntries(texts.sort()) as Record<string, string>,
    data: Buffer.from(data ?? []).toString('hex'),
  };
}

export function jsonPayload(value: unknown): Payload {
  return {
    metadata: { encoding: Buffer.from('json/plain') },
    data: Buffer.from(JSON.stringify(value)),
  };
}
