import assert from 'node:assert/strict';
import type { Payload } from '@temporalio/common';
import fc from 'fast-check';
import { UndecryptablePayload } from '../../src/codec/codec-errors.js';
import { codecOf, jsonPayload, newKey, payloads, wholeOf } from './payloads.js';

const first = newKey();
const second = newKey();
const codec = codecOf(`2026-11:${first}`);

async function sealedOf(value: unknown): Promise<Payload & { data: Uint8Array }> {
  const [sealed] = await codec.encode([jsonPayload(value)]);
  assert.ok(sealed?.data);
  return { ...sealed, data: sealed.data };
}

function textOf(payload: Payload | undefined, name: string): string {
  return Buffer.from(payload?.metadata?.[name] ?? []).toString();
}

describe('encryption codec', () => {
  it('encryption codec: encode, then decode -> the same payloads', () =>
    fc.assert(
      fc.asyncProperty(fc.array(payloads, { maxLength: 5 }), async (given) => {
        const encoded = await codec.encode(given);
        const decoded = await codec.decode(encoded);
        assert.deepEqual(decoded.map(wholeOf), given.map(wholeOf));
      }),
    ));

  it('encryption codec: encoded payload -> shows only the key id, the cipher and the approximate length', () =>
    fc.assert(
      fc.asyncProperty(payloads, fc.uint8Array({ minLength: 12, maxLength: 60 }), async (given, canary) => {
        const marked = { ...given, data: canary, metadata: { ...given.metadata, canary } };
        const [sealed] = await codec.encode([marked]);
        assert.deepEqual(Object.keys(sealed?.metadata ?? {}).sort(), [
          'encoding',
          'encryption-cipher',
          'encryption-key-id',
        ]);
        assert.equal(textOf(sealed, 'encoding'), 'binary/encrypted');
        assert.equal(textOf(sealed, 'encryption-cipher'), 'AES-256-GCM');
        assert.equal(textOf(sealed, 'encryption-key-id'), '2026-11');
        assert.equal(Buffer.from(sealed?.data ?? []).indexOf(canary), -1);
      }),
    ));

  it('encryption codec: same payload 1,000 times -> 1,000 nonces', async () => {
    const sealed = await codec.encode(Array.from({ length: 1000 }, () => jsonPayload('same')));
    const nonces = new Set(
      sealed.map(({ data }) =>
        Buffer.from(data ?? [])
          .subarray(0, 12)
          .toString('hex'),
      ),
    );
    assert.equal(nonces.size, 1000);
  });

  it('encryption codec: any changed bit of nonce, text or tag -> UndecryptablePayload', async () => {
    const sealed = await sealedOf({ endpoint: 'digits' });
    for (let position = 0; position < sealed.data.length; position++) {
      const data = Buffer.from(sealed.data);
      data.writeUInt8(data.readUInt8(position) ^ (1 << (position % 8)), position);
      await assert.rejects(codec.decode([{ ...sealed, data }]), /was altered/, `byte ${position}`);
    }
  });

  it('encryption codec: truncated or extended payload -> UndecryptablePayload', () =>
    fc.assert(
      fc.asyncProperty(fc.nat(400), fc.uint8Array({ minLength: 1, maxLength: 9 }), async (cut, more) => {
        const sealed = await sealedOf('x'.repeat(300));
        const kept = sealed.data.subarray(0, Math.min(cut, sealed.data.length - 1));
        await assert.rejects(codec.decode([{ ...sealed, data: kept }]), UndecryptablePayload);
        const longer = Buffer.concat([sealed.data, more]);
        await assert.rejects(codec.decode([{ ...sealed, data: longer }]), UndecryptablePayload);
      }),
    ));

  it('encryption codec: changed key id, cipher or wrapped key -> UndecryptablePayload', async () => {
    const ring = codecOf(`2026-11:${first},other:${first}`);
    const sealed = await sealedOf('x');
    for (const [name, value] of [
      ['encryption-key-id', 'other'],
      ['encryption-cipher', 'AES-256-CTR'],
      ['encryption-wrapped-key', 'something'],
    ] as const) {
      const metadata = { ...sealed.metadata, [name]: Buffer.from(value) };
      await assert.rejects(ring.decode([{ ...sealed, metadata }]), UndecryptablePayload, name);
    }
    assert.equal((await ring.decode([sealed])).length, 1, 'the unchanged payload');
  });

  it('encryption codec: two keys -> the first encrypts, both decrypt', async () => {
    const before = await sealedOf('old');
    const rotated = codecOf(`2026-12:${second}, 2026-11:${first}`);
    const [old] = await rotated.decode([before]);
    assert.equal(Buffer.from(old?.data ?? []).toString(), '"old"');
    assert.equal(textOf((await rotated.encode([jsonPayload('new')]))[0], 'encryption-key-id'), '2026-12');
  });

  it('encryption codec: unencrypted payloads -> unchanged, so rollouts from before the key continue', () =>
    fc.assert(
      fc.asyncProperty(fc.array(payloads, { maxLength: 5 }), async (given) => {
        assert.deepEqual(await codec.decode(given), given);
        assert.deepEqual(await codecOf('').encode(given), given);
      }),
    ));

  it('encryption codec: missing key -> names its id and the existing ids, no key', async () => {
    const sealed = await sealedOf('x');
    await assert.rejects(codecOf('').decode([sealed]), {
      name: 'UndecryptablePayload',
      message:
        'Cannot decrypt a payload encrypted with key "2026-11": PENSTOCK_ENCRYPTION_KEYS has no keys; add the missing key.',
    });
    await assert.rejects(codecOf(`2026-12:${second}`).decode([sealed]), {
      message:
        'Cannot decrypt a payload encrypted with key "2026-11": PENSTOCK_ENCRYPTION_KEYS has only 2026-12; add the missing key.',
    });
  });

  it('encryption codec: another key with the same id -> says so, shows no part of it', async () => {
    const sealed = await sealedOf('x');
    await assert.rejects(codecOf(`2026-11:${second}`).decode([sealed]), (error: Error) => {
      assert.match(error.message, /"2026-11": it was altered, or this process has another key with that id/);
      assertNothingOf(`${error.stack} ${String((error.cause as Error).stack)}`, second, first);
      return true;
    });
  });

  it('encryption codec: long key id with control characters -> truncated and escaped in the message', async () => {
    const sealed = await sealedOf('x');
    const metadata = { ...sealed.metadata, 'encryption-key-id': Buffer.from(`\u001b[2J${'a'.repeat(9000)}`) };
    await assert.rejects(codec.decode([{ ...sealed, metadata }]), ({ message }: Error) => {
      assert.ok(message.length < 500, `${message.length}`);
      return !message.includes('\u001b');
    });
  });
});

describe('PENSTOCK_ENCRYPTION_KEYS', () => {
  const invalid: [string, string, RegExp][] = [
    ['no id', newKey(), /entry 1 has no valid id/],
    ['an id of other characters', `my key:${first}`, /entry 1 has no valid id/],
    ['a short key', `a:${first.slice(8)}`, /the key "a" is not 32 bytes/],
    ['another alphabet', `a:${'-'.repeat(43)}=`, /the key "a" is not 32 bytes/],
    ['id and key swapped', `${first}:a`, /has no valid id|is not 32 bytes/],
    ['an empty entry', `a:${first},`, /entry 2 has no valid id/],
    ['an id twice', `a:${first},a:${second}`, /two keys have the id "a"/],
  ];
  for (const [defect, text, expected] of invalid)
    it(`PENSTOCK_ENCRYPTION_KEYS: ${defect} -> rejected without showing a key`, () => {
      assert.throws(
        () => codecOf(text),
        ({ name, message }: Error) => {
          assert.equal(name, 'InvalidEncryptionKeys');
          assert.match(message, expected);
          assertNothingOf(message, first, second, text.length === 44 ? text : first);
          return true;
        },
      );
    });

  it('PENSTOCK_ENCRYPTION_KEYS: any text -> its error does not contain the text', () =>
    fc.assert(
      fc.property(fc.string({ unit: 'binary-ascii', minLength: 20, maxLength: 60 }), (text) => {
        try {
          codecOf(text.replaceAll(/[,:]/g, ';'));
        } catch (error) {
          assert.ok(!(error as Error).message.includes(text.slice(0, 20)));
        }
      }),
    ));
});

function assertNothingOf(text: string, ...keys: string[]): void {
  for (const key of keys)
    for (let start = 0; start + 8 <= key.length; start++)
      assert.ok(!text.includes(key.slice(start, start + 8)), `it shows ${key.slice(start, start + 8)}`);
}
