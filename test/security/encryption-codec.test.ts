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

describe('the encryption codec', () => {
  it('gives back every payload as it was', () =>
    fc.assert(
      fc.asyncProperty(fc.array(payloads, { maxLength: 5 }), async (given) => {
        const encoded = await codec.encode(given);
        const decoded = await codec.decode(encoded);
        assert.deepEqual(decoded.map(wholeOf), given.map(wholeOf));
      }),
    ));

  it('shows nothing of a payload but the key’s id, the cipher and about how long it is', () =>
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

  it('seals the same payload otherwise each time', async () => {
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

  it('finds every change of a sealed payload: of any bit of nonce, text and tag', async () => {
    const sealed = await sealedOf({ endpoint: 'digits' });
    for (let position = 0; position < sealed.data.length; position++) {
      const data = Buffer.from(sealed.data);
      data.writeUInt8(data.readUInt8(position) ^ (1 << (position % 8)), position);
      await assert.rejects(codec.decode([{ ...sealed, data }]), /was altered/, `byte ${position}`);
    }
  });

  it('finds a sealed payload cut short, or longer than it was', () =>
    fc.assert(
      fc.asyncProperty(fc.nat(400), fc.uint8Array({ minLength: 1, maxLength: 9 }), async (cut, more) => {
        const sealed = await sealedOf('x'.repeat(300));
        const kept = sealed.data.subarray(0, Math.min(cut, sealed.data.length - 1));
        await assert.rejects(codec.decode([{ ...sealed, data: kept }]), UndecryptablePayload);
        const longer = Buffer.concat([sealed.data, more]);
        await assert.rejects(codec.decode([{ ...sealed, data: longer }]), UndecryptablePayload);
      }),
    ));

  it('finds a change of what is not encrypted: the key’s id, the cipher, a wrapped key', async () => {
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
    assert.equal((await ring.decode([sealed])).length, 1, 'the unchanged one opens');
  });

  it('seals with the first key and opens with every one, so that keys can be replaced', async () => {
    const before = await sealedOf('old');
    const rotated = codecOf(`2026-12:${second}, 2026-11:${first}`);
    const [old] = await rotated.decode([before]);
    assert.equal(Buffer.from(old?.data ?? []).toString(), '"old"');
    assert.equal(textOf((await rotated.encode([jsonPayload('new')]))[0], 'encryption-key-id'), '2026-12');
  });

  it('lets what is not encrypted pass: rollouts begun before there was a key go on', () =>
    fc.assert(
      fc.asyncProperty(fc.array(payloads, { maxLength: 5 }), async (given) => {
        assert.deepEqual(await codec.decode(given), given);
        assert.deepEqual(await codecOf('').encode(given), given);
      }),
    ));

  it('names the key that is missing, and those that are there, and nothing of a key', async () => {
    const sealed = await sealedOf('x');
    await assert.rejects(codecOf('').decode([sealed]), {
      name: 'UndecryptablePayload',
      message:
        'A payload encrypted with key "2026-11" cannot be read: PENSTOCK_ENCRYPTION_KEYS has no keys here. ' +
        'Add that key to read it.',
    });
    await assert.rejects(codecOf(`2026-12:${second}`).decode([sealed]), {
      message:
        'A payload encrypted with key "2026-11" cannot be read: PENSTOCK_ENCRYPTION_KEYS has only 2026-12 here. ' +
        'Add that key to read it.',
    });
  });

  it('says of a wrong key of the right id that it may be the wrong one, and shows nothing of it', async () => {
    const sealed = await sealedOf('x');
    await assert.rejects(codecOf(`2026-11:${second}`).decode([sealed]), (error: Error) => {
      assert.match(error.message, /"2026-11" was altered, or the key of that id here is another one/);
      assertNothingOf(`${error.stack} ${String((error.cause as Error).stack)}`, second, first);
      return true;
    });
  });

  it('does not repeat at length what somebody else wrote as a key’s id', async () => {
    const sealed = await sealedOf('x');
    const metadata = { ...sealed.metadata, 'encryption-key-id': Buffer.from(`\u001b[2J${'a'.repeat(9000)}`) };
    await assert.rejects(codec.decode([{ ...sealed, metadata }]), ({ message }: Error) => {
      assert.ok(message.length < 500, `${message.length}`);
      return !message.includes('\u001b');
    });
  });
});

describe('the keys in the environment', () => {
  const bad: [string, string, RegExp][] = [
    ['no id', newKey(), /entry 1 has no such id/],
    ['an id of other characters', `my key:${first}`, /entry 1 has no such id/],
    ['a short key', `a:${first.slice(8)}`, /the key "a" is not 32 bytes/],
    ['another alphabet', `a:${'-'.repeat(43)}=`, /the key "a" is not 32 bytes/],
    ['the id and the key the wrong way round', `${first}:a`, /has no such id|is not 32 bytes/],
    ['an empty entry', `a:${first},`, /entry 2 has no such id/],
    ['an id twice', `a:${first},a:${second}`, /two keys of the id "a"/],
  ];
  for (const [what, text, expected] of bad)
    it(`are refused with ${what}, without showing them`, () => {
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

  it('never come out in an error, whatever is written there', () =>
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
