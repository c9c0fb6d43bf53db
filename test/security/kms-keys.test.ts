import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { EncryptionCodec } from '../../src/codec/encryption-codec.js';
import { dataKeyLimits, KmsKeys, type Kms } from '../../src/codec/kms-keys.js';
import { jsonPayload } from './payloads.js';

const arn = 'arn:aws:kms:eu-central-1:111122223333:key/1';
const other = 'arn:aws:kms:eu-central-1:111122223333:key/2';

/** Wraps a key by keeping it in memory. */
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

describe('KMS data keys', () => {
  let kms: FakeKms;
  let nowMs: number;
  const open = (...keyArns: [string, ...string[]]) =>
    new EncryptionCodec(new KmsKeys({ kms, keyArns, now: () => nowMs }));
  beforeEach(() => {
    kms = new FakeKms();
    nowMs = 0;
  });

  it('KMS data keys: payloads of one process -> another decrypts them with one KMS call', async () => {
    const sealed = await open(arn).encode([jsonPayload('a'), jsonPayload('b')]);
    assert.deepEqual(kms.calls, [`generate ${arn}`]);
    const reader = open(arn);
    const [a] = await reader.decode(sealed);
    await reader.decode(sealed);
    assert.equal(Buffer.from(a?.data ?? []).toString(), '"a"');
    assert.deepEqual(kms.calls, [`generate ${arn}`, `decrypt ${arn}`]);
  });

  it('KMS data keys: decode in the same process -> no further KMS call', async () => {
    const codec = open(arn);
    await codec.decode(await codec.encode([jsonPayload('a')]));
    assert.deepEqual(kms.calls, [`generate ${arn}`]);
  });

  it('KMS data keys: after an hour -> a new key', async () => {
    const codec = open(arn);
    await codec.encode([jsonPayload('a')]);
    nowMs = dataKeyLimits.ms - 1;
    await codec.encode([jsonPayload('a')]);
    assert.equal(kms.calls.length, 1);
    nowMs++;
    await codec.encode([jsonPayload('a')]);
    assert.equal(kms.calls.length, 2);
  });

  it('KMS data keys: after the maximum of payloads -> a new key', async () => {
    const keys = new KmsKeys({ kms, keyArns: [arn], now: () => nowMs });
    for (let n = 0; n < dataKeyLimits.payloads; n++) await keys.sealing();
    assert.equal(kms.calls.length, 1);
    await keys.sealing();
    assert.equal(kms.calls.length, 2);
  });

  it('KMS data keys: KMS fails -> encode fails, and the next one calls KMS again', async () => {
    const codec = open(arn);
    kms.fault = new Error('ThrottlingException');
    await assert.rejects(codec.encode([jsonPayload('a')]), /ThrottlingException/);
    kms.fault = null;
    assert.equal((await codec.encode([jsonPayload('a')])).length, 1);
  });

  it('KMS data keys: unconfigured key -> UndecryptablePayload without a KMS call', async () => {
    const sealed = await open(arn).encode([jsonPayload('a')]);
    assert.equal((await open(other, arn).decode(sealed)).length, 1);
    const before = kms.calls.length;
    await assert.rejects(open(other).decode(sealed), /key\/1": this KMS key is not configured here/);
    assert.equal(kms.calls.length, before);
  });

  it('KMS data keys: KMS rejects the call -> its error, and the next decode calls KMS again', async () => {
    const sealed = await open(arn).encode([jsonPayload('a')]);
    const reader = open(arn);
    kms.fault = Object.assign(new Error('not authorized'), { name: 'AccessDeniedException' });
    await assert.rejects(
      reader.decode(sealed),
      /key\/1": KMS failed with AccessDeniedException: not authorized/,
    );
    kms.fault = null;
    assert.equal((await reader.decode(sealed)).length, 1);
  });
});
