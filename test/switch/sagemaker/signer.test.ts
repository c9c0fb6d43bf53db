import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import type { Checksum, SourceData } from '@smithy/types';
import fc from 'fast-check';
import { Signer } from '../../../src/switch/sagemaker/signer.js';

/** For the SDK's signer. */
class Sha256 implements Checksum {
  private readonly hash;

  constructor(secret?: SourceData) {
    this.hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret as Uint8Array);
  }

  update(data: Uint8Array): void {
    this.hash.update(data);
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.hash.digest());
  }

  reset(): void {
    throw new Error('unexpected call of reset');
  }
}

const names = [
  'accept',
  'content-type',
  'x-amzn-sagemaker-custom-attributes',
  'x-amzn-sagemaker-target-variant',
];
const value = fc.stringMatching(/^[!-~]([ -~]{0,40}[!-~])?$/);
const requests = fc.record({
  endpoint: fc.stringMatching(/^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,20}$/),
  values: fc.array(value, { minLength: 0, maxLength: names.length }),
  body: fc.uint8Array({ maxLength: 300 }),
  at: fc.date({ min: new Date('2020-01-01'), max: new Date('2040-01-01'), noInvalidDate: true }),
  secretAccessKey: fc.string({ minLength: 1, maxLength: 60 }),
  sessionToken: fc.option(value, { nil: undefined }),
});

describe('Signer', () => {
  it("Signer: any request -> the same signature as from the SDK's signer", async () => {
    // One signer for all requests, because its cache must not mix days or credentials.
    const signer = new Signer('eu-west-1', 'sagemaker');
    await fc.assert(
      fc.asyncProperty(requests, async ({ endpoint, values, body, at, secretAccessKey, sessionToken }) => {
        const credentials = {
          accessKeyId: 'AKIDEXAMPLE',
          secretAccessKey,
          ...(sessionToken ? { sessionToken } : {}),
        };
        const headers = values.map((value, i) => [names[i]!, value] as const);
        const path = `/endpoints/${endpoint}/invocations`;
        const host = 'runtime.sagemaker.eu-west-1.amazonaws.com';
        const theirs = await new SignatureV4({
          service: 'sagemaker',
          region: 'eu-west-1',
          credentials,
          sha256: Sha256,
          applyChecksum: false,
        }).sign(
          {
            ...{ method: 'POST', protocol: 'https:', hostname: host, path, body },
            headers: { host, ...Object.fromEntries(headers) },
          },
          { signingDate: at },
        );
        const unsigned = { method: 'POST', path, host, headers: headers.flat(), body };
        const ours = signer.sign(unsigned, credentials, at.getTime());
        const pairs = ours.flatMap((name, i) => (i % 2 === 0 ? [[name, ours[i + 1]]] : []));
        assert.deepEqual({ host, ...Object.fromEntries(pairs) }, theirs.headers);
      }),
      { numRuns: 300 },
    );
  });
});
