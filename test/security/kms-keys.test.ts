import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { EncryptionCodec } from '../../src/codec/encryption-codec.js';
import { dataKeyLimits, KmsKeys, type Kms } from '../../src/codec/kms-keys.js';
import { jsonPayload } from './payloads.js';

const arn = 'arn:aws:kms:eu-central-1:111122223333:key/1';
const other = 'arn:aws:kms:eu-central-1:111122223333:key/2';

/** Wraps by remembering. */
class FakeKms implements Kms {
  readonly calls: string[] = [];
  fault: Error | null = null;
  private readonly keys = new Map<string, Buffer>();

  generateDataKey(keyArn: string) {
    this.calls.push(`generate ${keyArn}`);
    if (this.fault !== null) return Promise.reject(this.fault);
    const made = { key: randomBytes(32), wrapped: randomBytes(64) };
    this.keys.set(`${keyArn} ${made.wrapped.toString('hex')}`, made.key);
    return Promise.resolve(made);
  }

  decrypt(keyArn: string, wrapped: Buffer) {
    this.calls.push(`decrypt ${keyArn}`);
    const key = this.keys.get(`${keyArn} ${wrapped.toString('hex')}`);
    return key && this.fault === null
      ? Promise.resolve(key)
      : Promise.reject(this.fault ?? new Error('unknown ciphertext'));
  }
}

describe('data keys from KMS', () => {
  let kms: FakeKms;
  let nowMs: number;
  const open = (...keyArns: [string, ...string[]]) =>
    new EncryptionCodec(new KmsKeys({ kms, keyArns, now: () => nowMs }));
  beforeEach(() => {
    kms = new FakeKms();
    nowMs = 0;
  });

  it('travel with the payload, encrypted, and open it elsewhere with one call', async () => {
    const sealed = await open(arn).encode([jsonPayload('a'), jsonPayload('b')]);
    assert.deepEqual(kms.calls, [`generate ${arn}`]);
    const reader = open(arn);
    const [a] = await reader.decode(sealed);
    await reader.decode(sealed);
    assert.equal(Buffer.from(a?.data ?? []).toString(), '"a"');
    assert.deepEqual(kms.calls, [`generate ${arn}`, `decrypt ${arn}`]);
  });

  it('are not asked for again by who made them', async () => {
    const codec = open(arn);
    await codec.decode(await codec.encode([jsonPayload('a')]));
    assert.deepEqual(kms.calls, [`generate ${arn}`]);
  });

  it('are replaced after an hour', async () => {
    const codec = open(arn);
    await codec.encode([jsonPayload('a')]);
    nowMs = dataKeyLimits.ms - 1;
    await codec.encode([jsonPayload('a')]);
    assert.equal(kms.calls.length, 1);
    nowMs++;
    await codec.encode([jsonPayload('a')]);
    assert.equal(kms.calls.length, 2);
  });

  it('are replaced after many payloads', async () => {
    const keys = new KmsKeys({ kms, keyArns: [arn], now: () => nowMs });
    for (let n = 0; n < dataKeyLimits.payloads; n++) await keys.sealing();
    assert.equal(kms.calls.length, 1);
    await keys.sealing();
    assert.equal(kms.calls.length, 2);
  });

  it('are asked for again after a failure, which nothing is written through', async () => {
    const codec = open(arn);
    kms.fault = new Error('ThrottlingException');
    await assert.rejects(codec.encode([jsonPayload('a')]), /ThrottlingException/);
    kms.fault = null;
    assert.equal((await codec.encode([jsonPayload('a')])).length, 1);
  });

  it('open with any key that is set, and with no other, which KMS is not even asked for', async () => {
    const sealed = await open(arn).encode([jsonPayload('a')]);
    assert.equal((await open(other, arn).decode(sealed)).length, 1);
    const asked = kms.calls.length;
    await assert.rejects(open(other).decode(sealed), /key\/1" is of no KMS key that is set here/);
    assert.equal(kms.calls.length, asked);
  });

  it('say what KMS says where it refuses, and ask again the next time', async () => {
    const sealed = await open(arn).encode([jsonPayload('a')]);
    const reader = open(arn);
    kms.fault = Object.assign(new Error('not authorized'), { name: 'AccessDeniedException' });
    await assert.rejects(
      reader.decode(sealed),
      /key\/1" cannot be read: KMS says AccessDeniedException: not authorized/,
    );
    kms.fault = null;
    assert.equal((await reader.decode(sealed)).length, 1);
  });
});
