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

/** As AWS explains it: https://docs.aws.amazon.com/IAM/latest/UserGuide/signature-v4-troubleshooting.html */
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

describe('an error message', () => {
  it('of a wrong AWS signature does not repeat the request, and its session token, in the history', () => {
    const converter = new DefaultFailureConverter();
    const failure = converter.errorToFailure(failureWith(wrongSignature), defaultPayloadConverter);
    assert.match(failure.message ?? '', /does not match the signature you provided/);
    assert.ok(!inspect(failure, { depth: null }).includes(canary));
    const plain = converter.errorToFailure(failureWith(`no ${canary}`), defaultPayloadConverter);
    assert.ok(inspect(plain, { depth: null }).includes(canary), 'other messages are kept, with their cause');
  });

  it('of a wrong AWS signature does not reach the users of the switch', async () => {
    const stage = await openEnvironment();
    try {
      stage.backend.behave = answerError(403, 'InvalidSignatureException', wrongSignature);
      const response = await fetch(`${stage.url}/endpoints/shop/invocations`, { method: 'POST', body: '{}' });
      const text = await response.text();
      assert.equal(response.status, 503, text);
      assert.match(text, /refuses the credentials of the switch/);
      assert.ok(![text, ...stage.logged, inspect([...response.headers])].join('\n').includes(canary));
      stage.backend.behave = answerError(403, 'AccessDeniedException', `no ${canary}`);
      const other = await fetch(`${stage.url}/endpoints/shop/invocations`, { method: 'POST', body: '{}' });
      assert.ok((await other.text()).includes(canary), 'other answers pass as they come');
    } finally {
      await stage.stop();
    }
  });

  it('of a temporal.toml that cannot be read says where, and does not quote it', async () => {
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

  it('of an address with a password or a token does not show it', () => {
    for (const address of [`me:${canary}@temporal.example:7233`, `https://temporal.example/?token=${canary}`])
      assert.throws(
        () => readConnectionSettings({ env: {}, address }),
        (error: Error) => {
          assert.match(error.message, /the address is not host:port/);
          return !inspect(error).includes(canary);
        },
      );
  });
});

describe('a secret in a spec, where only a reference to it may stand,', () => {
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
      /a user name or a password is not taken/,
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
  for (const [what, fields, expected] of inlined)
    for (const place of [
      `gates: [{ before: 50%, webhook: { ${fields} } }]`,
      `notify: [{ webhook: { ${fields} } }]`,
    ])
      it(`is refused and not repeated: ${what}, in ${place.split(':')[0]}`, () => {
        assert.throws(
          () => parseSpec(specWith(place), 'rollout.yaml'),
          (error) => {
            assert.ok(error instanceof SpecError);
            const said = inspect(error, { depth: null });
            assert.match(said, expected);
            assert.ok(!said.includes(canary), said);
            return true;
          },
        );
      });

  it('can be found by this test: other values that are refused are shown', () => {
    assert.throws(
      () => parseSpec(specWith(`notify: [{ sns: '${canary}' }]`), 'rollout.yaml'),
      (error: Error) => error.message.includes(canary),
    );
  });
});
