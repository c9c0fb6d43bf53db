import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readCodec } from '../../src/codec/read-codec.js';
import { Receiver } from '../activities/webhooks/receiver.js';
import { jsonPayload, newKey, wholeOf } from './payloads.js';

const arn = 'arn:aws:kms:eu-central-1:111122223333:key/0a1b';

interface KmsRequest {
  KeyId: string;
  EncryptionContext: Record<string, string>;
  NumberOfBytes?: number;
  CiphertextBlob?: string;
}

describe('AWS KMS keys', () => {
  const variables = {
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_ENDPOINT_URL_KMS: '',
  };
  const previous = new Map<string, string | undefined>();
  const key = randomBytes(32);
  let kms: Receiver;

  /** One key, wrapped as `wrapped`. KMS returns it only for the right encryption context. */
  beforeEach(async () => {
    kms = await Receiver.open();
    kms.reply = (response, { headers, body }) => {
      const sent = JSON.parse(body) as KmsRequest;
      const isRight = sent.EncryptionContext['purpose'] === 'penstock-payloads' && sent.KeyId === arn;
      const generating = headers['x-amz-target'] === 'TrentService.GenerateDataKey';
      const CiphertextBlob = Buffer.from('wrapped').toString('base64');
      const known = generating ? sent.NumberOfBytes === 32 : sent.CiphertextBlob === CiphertextBlob;
      response.writeHead(isRight && known ? 200 : 400, { 'content-type': 'application/x-amz-json-1.1' });
      const result = { KeyId: arn, Plaintext: key.toString('base64'), CiphertextBlob };
      response.end(JSON.stringify(isRight && known ? result : { __type: 'InvalidCiphertextException' }));
    };
    for (const [name, value] of Object.entries(variables)) {
      previous.set(name, process.env[name]);
      process.env[name] = value === '' ? kms.url : value;
    }
  });
  afterEach(async () => {
    for (const [name, value] of previous)
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    await kms.close();
  });

  it('AWS KMS keys: encode -> a reader with the same key decodes', async () => {
    const env = { PENSTOCK_ENCRYPTION_KMS_KEYS: arn };
    const writer = readCodec(env);
    assert.equal(writer.encrypts, true);
    const sealed = await writer.codec.encode([jsonPayload('a')]);
    const [opened] = await readCodec(env).codec.decode(sealed);
    assert.deepEqual(wholeOf(opened ?? {}), wholeOf(jsonPayload('a')));
    const targets = kms.received.map(({ headers }) => headers['x-amz-target']);
    assert.deepEqual(targets, ['TrentService.GenerateDataKey', 'TrentService.Decrypt']);
    assert.match(kms.received[0]?.headers.authorization ?? '', /\/eu-central-1\/kms\/aws4_request/);
  });

  it('AWS KMS keys: with PENSTOCK_ENCRYPTION_KEYS -> KMS encrypts, both decrypt', async () => {
    const ring = { PENSTOCK_ENCRYPTION_KEYS: `old:${newKey()}` };
    const before = await readCodec(ring).codec.encode([jsonPayload('old')]);
    const { codec } = readCodec({ ...ring, PENSTOCK_ENCRYPTION_KMS_KEYS: arn });
    const after = await codec.encode([jsonPayload('new')]);
    const opened = await codec.decode([...before, ...after]);
    assert.deepEqual(opened.map(wholeOf), [jsonPayload('old'), jsonPayload('new')].map(wholeOf));
    await assert.rejects(readCodec(ring).codec.decode(after), /Cannot decrypt .*key\/0a1b": /);
  });

  it('AWS KMS keys: not an ARN -> rejected, text not shown', () => {
    for (const text of ['alias/penstock', newKey(), `${arn},x`])
      assert.throws(
        () => readCodec({ PENSTOCK_ENCRYPTION_KMS_KEYS: text }),
        ({ name, message }: Error) => {
          assert.equal(name, 'InvalidEncryptionKeys');
          return !message.includes(text);
        },
      );
  });
});
