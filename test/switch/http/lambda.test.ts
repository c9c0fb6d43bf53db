import assert from 'node:assert/strict';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lambdaHandler, type LambdaHandler } from '../../../src/switch/http/lambda.js';
import { openSwitch, type SwitchCore } from '../../../src/switch/start-switch.js';
import { splitOf } from '../split/splits.js';
import { openEnvironment, settingsOf, variantFor, type SwitchEnvironment } from '../switch-environment.js';

const path = '/endpoints/shop/invocations';

function eventOf(change: Partial<APIGatewayProxyEventV2> = {}, method = 'POST', stage = '$default') {
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString: '',
    headers: { 'content-type': 'application/json' },
    body: '{}',
    isBase64Encoded: false,
    requestContext: { stage, http: { method, path } },
    ...change,
  } as APIGatewayProxyEventV2;
}

describe('switch as a Lambda function', () => {
  let environment: SwitchEnvironment;
  let folder: string;
  let core: SwitchCore;
  let handle: LambdaHandler;

  beforeEach(async () => {
    environment = await openEnvironment({ splits: { shop: splitOf() } });
    // The function shares only the rollout and SageMaker with the service.
    folder = await mkdtemp(join(tmpdir(), 'penstock-lambda-'));
    core = await openSwitch({ ...settingsOf(environment, { records: {} }), folder });
    handle = lambdaHandler(core);
  });
  afterEach(async () => {
    await core.close();
    await environment.stop();
    await rm(folder, { recursive: true });
  });

  const textOf = ({ body = '' }: { body?: string | undefined }) => Buffer.from(body, 'base64').toString();

  it('Lambda function: 2,000 users -> the same arms as from the service', async () => {
    const users = Array.from({ length: 2000 }, (_, i) => `${i * 7919}-user-\u{1f600}${i}`);
    const seen = { same: 0, candidate: 0 };
    for (const user of users) {
      // A header carries the bytes of UTF-8 unchanged.
      const id = Buffer.from(user).toString('latin1');
      const { headers = {} } = await handle(eventOf({ headers: { 'x-penstock-user': id } }));
      const variant = headers['x-amzn-invoked-production-variant'];
      if (variant === (await variantFor(environment, id))) seen.same++;
      if (variant === 'shop-b') seen.candidate++;
    }
    assert.equal(seen.same, users.length);
    assert.ok(seen.candidate > 900 && seen.candidate < 1100, `${seen.candidate}`);
  });

  it('Lambda function: an invocation -> status, headers and body in base64', async () => {
    const event = eventOf({ headers: { 'X-Penstock-User': 'ada', 'X-Amzn-SageMaker-Inference-Id': 'i-1' } });
    const result = await handle(event);
    assert.equal(result.statusCode, 200);
    assert.equal(result.headers?.['content-type'], 'application/json');
    assert.equal(result.headers?.['x-amzn-sagemaker-inference-id'], 'i-1');
    assert.deepEqual([result.isBase64Encoded, textOf(result)], [true, '{"ok":true}']);
    assert.deepEqual(result.cookies, []);
  });

  it('Lambda function: base64 body, separate cookies and a stage in the path -> accepted', async () => {
    const body = Buffer.from([0, 255, 10]).toString('base64');
    const given = {
      body,
      isBase64Encoded: true,
      cookies: ['a=b', 'penstock-user=ada'],
      rawPath: `/prod${path}`,
    };
    const result = await handle(eventOf(given, 'POST', 'prod'));
    assert.equal(result.statusCode, 200);
    assert.deepEqual(result.cookies, []);
    assert.equal(environment.backend.received.at(-1)?.headers['content-length'], '3');
    const withoutId = await handle(eventOf());
    assert.match(String(withoutId.cookies?.[0]), /^penstock-user=[0-9a-f-]{36}; /);
  });

  it('Lambda function: outcomes and invalid requests -> the same responses as from the service', async () => {
    const invoked = await handle(eventOf({ headers: { 'x-penstock-user': 'ada' } }));
    const inferenceId = invoked.headers?.['x-amzn-sagemaker-inference-id'];
    const outcome = eventOf({
      rawPath: '/outcomes',
      body: JSON.stringify({ inferenceId, conversion: true }),
    });
    assert.deepEqual(JSON.parse(textOf(await handle(outcome))), { inferenceId, counted: true });
    const unknown = await handle(eventOf({ rawPath: '/endpoints/shop/async-invocations' }));
    assert.deepEqual(
      [unknown.statusCode, unknown.headers?.['x-amzn-errortype']],
      [404, 'UnknownOperationException'],
    );
    const large = await handle(eventOf({ body: 'x'.repeat(7 * 2 ** 20) }));
    assert.equal(large.statusCode, 413);
  });

  it('Lambda function: SageMaker breaks off the response -> 503 without the first half', async () => {
    environment.backend.behave = (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write('{"half":');
      setTimeout(() => response.socket?.destroy(), 30);
    };
    const result = await handle(eventOf());
    assert.equal(result.statusCode, 503);
    assert.doesNotMatch(textOf(result), /half/);
  });

  it('Lambda function: the last read is a second old -> reads the split within the request', async () => {
    const variant = async () =>
      (await handle(eventOf({ headers: { 'x-penstock-user': 'ada' } }))).headers?.[
        'x-amzn-invoked-production-variant'
      ];
    environment.splits.set('shop', splitOf({ candidateShare: 0 }));
    assert.equal(await variant(), 'shop-a');
    environment.splits.set('shop', splitOf({ sequence: 2, candidateShare: 100 }));
    await new Promise((resolve) => setTimeout(resolve, 1050));
    assert.equal(await variant(), 'shop-b');
  });
});
