import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { DefaultFailureConverter, defaultPayloadConverter } from '@temporalio/common';
import { toFailure } from '../../src/activities/aws/errors.js';
import { InvalidConnectionSettings, readConnectionSettings } from '../../src/client.js';
import { parseSpec } from '../../src/plan/spec/parse-spec.js';
import { SpecError } from '../../src/plan/spec/spec-error.js';
import { answerError, openEnvironment } from '../switch/switch-environment.js';

const canary = 'canary-5f1d0c';

/** The message of AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/signature-v4-troubleshooting.html */
const wrongSignature = `The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.

The Canonical String for this request should have been
'POST
/

host:api.sagemaker.eu-central-1.amazonaws.com
x-amz-security-token:${canary}
'

The String-to-Sign should have been
'AWS4-HMAC-SHA256 ${canary}'`;

function failureWith(message: string): Error {
  const error = Object.assign(new Error(message), {
    name: 'InvalidSignatureException',
    $metadata: { httpStatusCode: 403 },
  });
  return toFailure(error);
}

describe('error messages', () => {
  it('error messages: wrong AWS signature -> the history does not contain the session token', () => {
    const converter = new DefaultFailureConverter();
    const failure = converter.errorToFailure(failureWith(wrongSignature), defaultPayloadConverter);
    assert.match(failure.message ?? '', /does not match the signature you provided/);
    assert.ok(!inspect(failure, { depth: null }).includes(canary));
    const plain = converter.errorToFailure(failureWith(`no ${canary}`), defaultPayloadConverter);
    assert.ok(inspect(plain, { depth: null }).includes(canary), 'other messages are kept, with their cause');
  });

  it('error messages: wrong AWS signature -> users of the switch do not get it', async () => {
    const environment = await openEnvironment();
    try {
      environment.backend.behave = answerError(403, 'InvalidSignatureException', wrongSignature);
      const response = await fetch(`${environment.url}/endpoints/shop/invocations`, {
        method: 'POST',
        body: '{}',
      });
      const text = await response.text();
      assert.equal(response.status, 503, text);
      assert.match(text, /refuses the credentials of the switch/);
      assert.ok(![text, ...environment.logged, inspect([...response.headers])].join('\n').includes(canary));
      environment.backend.behave = answerError(403, 'AccessDeniedException', `no ${canary}`);
      const other = await fetch(`${environment.url}/endpoints/shop/invocations`, {
        method: 'POST',
        body: '{}',
      });
      assert.ok((await other.text()).includes(canary), 'other errors are passed on');
    } finally {
      await environment.stop();
    }
  });

  it('error messages: invalid temporal.toml -> the line number, not the text', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'penstock-test-'));
    const file = join(folder, 'temporal.toml');
    await writeFile(file, `[profile.default]\naddress = "127.0.0.1:1"\napi_key = "${canary}\n`);
    try {
      assert.throws(
        () => readConnectionSettings({ env: { TEMPORAL_CONFIG_FILE: file } }),
        (error) => {
          assert.ok(error instanceof InvalidConnectionSettings);
          assert.match(error.message, /Invalid TOML document: .*\(line 3\)$/);
          assert.ok(!inspect(error, { depth: null }).includes(canary));
          return true;
        },
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('error messages: address with a password or token -> not shown', () => {
    for (const address of [`me:${canary}@temporal.example:7233`, `https://temporal.example/?token=${canary}`])
      assert.throws(
        () => readConnectionSettings({ env: {}, address }),
        (error: Error) => {
          assert.match(error.message, /expected host:port as the address/);
          return !inspect(error).includes(canary);
        },
      );
  });
});

describe('secrets in a spec', () => {
  const specWith = (fields: string) => `
apiVersion: penstock/v1
endpoint: digits
models: { baseline: live, candidate: { model: digits-2 } }
strategy: { canary: { steps: [50%], bake: 10m } }
guardrails: [{ metric: errorRate, below: 2% }]
${fields}
`;
  const inlined: [string, string, RegExp][] = [
    [
      'a password in a URL',
      `url: 'https://me:${canary}@ci.example'`,
      /a user name or password in a URL is not allowed/,
    ],
    ['a password in a URL of another kind', `url: 'ftp://me:${canary}@ci.example'`, /an https URL without/],
    ['a password in no URL', `url: 'me:${canary}@ci.example'`, /an https URL without/],
    [
      'a secret as the name of its variable',
      `url: 'https://ci.example', secretEnv: ${canary}`,
      /the name of a/,
    ],
    [
      'a URL as the name of its variable',
      `urlEnv: 'https://hooks.example/${canary}'`,
      /the name of a variable/,
    ],
    [
      'the worker’s own keys',
      `url: 'https://ci.example', secretEnv: PENSTOCK_ENCRYPTION_KEYS`,
      /or Penstock/,
    ],
    ['the worker’s own credentials', `url: 'https://ci.example', secretEnv: AWS_SESSION_TOKEN`, /not of AWS/],
    ['a field of its own', `url: 'https://ci.example', secret: ${canary}`, /There is no field secret/],
  ];
  for (const [secret, fields, expected] of inlined)
    for (const place of [
      `gates: [{ before: 50%, webhook: { ${fields} } }]`,
      `notify: [{ webhook: { ${fields} } }]`,
    ])
      it(`secrets in a spec: ${secret} in ${place.split(':')[0]} -> rejected and not shown`, () => {
        assert.throws(
          () => parseSpec(specWith(place), 'rollout.yaml'),
          (error) => {
            assert.ok(error instanceof SpecError);
            const shown = inspect(error, { depth: null });
            assert.match(shown, expected);
            assert.ok(!shown.includes(canary), shown);
            return true;
          },
        );
      });

  it('secrets in a spec: another invalid value -> shown, so this test can find secrets', () => {
    assert.throws(
      () => parseSpec(specWith(`notify: [{ sns: '${canary}' }]`), 'rollout.yaml'),
      (error: Error) => error.message.includes(canary),
    );
  });
});
