import assert from 'node:assert/strict';
import { userBucketOf, isCandidateBucket } from '../../../src/plan/split/bucketing.js';
import { splitOf, twoEndpoints } from '../split/splits.js';
import {
  answerError,
  answerWell,
  openEnvironment,
  send,
  variantFor,
  type SwitchEnvironment,
  type EnvironmentOptions,
} from '../switch-environment.js';

const split = splitOf();
const isCandidate = (user: string) => isCandidateBucket(userBucketOf(split.seed, user), split.candidateShare);
const people = Array.from({ length: 200 }, (_, i) => `user-${i}`);
const ofCandidate = people.find(isCandidate)!;
const ofBaseline = people.find((user) => !isCandidate(user))!;

describe('invocation through the switch', () => {
  let environment: SwitchEnvironment;
  const open = async (options: EnvironmentOptions = {}) => {
    environment = await openEnvironment({ splits: { shop: split }, ...options });
  };
  afterEach(() => environment.stop());

  const lastReceived = () => environment.backend.received.at(-1)!;

  it('invocation: two variants -> a user gets the same variant each time', async () => {
    await open();
    for (let round = 0; round < 2; round++)
      for (const user of people)
        assert.equal(await variantFor(environment, user), isCandidate(user) ? 'shop-b' : 'shop-a');
  });

  it('invocation: two endpoints -> sent to the endpoint of the arm', async () => {
    await open({ splits: { shop: splitOf({ targets: twoEndpoints }) } });
    assert.equal(await variantFor(environment, ofCandidate), 'only-of-shop-next');
    assert.equal(await variantFor(environment, ofBaseline), 'only-of-shop');
    assert.equal(lastReceived().headers['x-amzn-sagemaker-target-variant'], undefined);
  });

  it('invocation: no rollout was ever known -> sent to the endpoint of the request', async () => {
    await open({ splits: {} });
    assert.equal(await variantFor(environment, ofCandidate), 'only-of-shop');
    assert.equal(
      await variantFor(environment, ofCandidate, { endpoint: 'Other-Endpoint' }),
      'only-of-Other-Endpoint',
    );
  });

  it('invocation: request to SageMaker -> body, content type and documented headers only', async () => {
    await open();
    const body = '{"features":[1,2,3]}';
    const headers = {
      accept: 'application/json',
      'x-amzn-sagemaker-custom-attributes': 'trace=7',
      'x-amzn-sagemaker-target-model': 'm.tar.gz',
      'x-amzn-sagemaker-inference-id': 'inference-1',
      'x-secret': 'mine',
      cookie: 'session=1',
      authorization: 'Bearer mine',
      'x-forwarded-for': '10.0.0.1',
    };
    await send(environment, { user: ofCandidate, headers, body });
    const { path, headers: seen, body: arrived } = lastReceived();
    assert.equal(path, '/endpoints/shop/invocations');
    assert.equal(arrived, body);
    const { authorization, 'x-amz-date': date, host, connection, ...rest } = seen;
    assert.deepEqual(rest, {
      accept: 'application/json',
      'content-type': 'application/json',
      'content-length': String(body.length),
      'x-amzn-sagemaker-custom-attributes': 'trace=7',
      'x-amzn-sagemaker-inference-id': 'inference-1',
      'x-amzn-sagemaker-target-model': 'm.tar.gz',
      'x-amzn-sagemaker-target-variant': 'shop-b',
    });
    assert.match(
      authorization ?? '',
      /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-west-1\/sagemaker\/aws4_request, /,
    );
    assert.match(String(date), /^\d{8}T\d{6}Z$/);
    assert.equal(`http://${host}`, environment.backend.url);
    assert.equal(connection, 'keep-alive');
  });

  it('invocation: response to the client -> status, body, documented headers and an inference id', async () => {
    await open();
    environment.backend.behave = (_, response) => {
      response.writeHead(200, {
        'content-type': 'text/csv',
        'x-amzn-sagemaker-custom-attributes': 'served=1',
        'x-amzn-sagemaker-new-session-id': 's1',
        'set-cookie': 'backend=1',
        'x-internal': 'secret',
        server: 'backend/1',
      });
      response.end('1,2');
    };
    const response = await send(environment, { user: ofBaseline });
    assert.equal(response.status, 200);
    assert.equal(await response.text(), '1,2');
    const { headers } = response;
    assert.equal(headers.get('content-type'), 'text/csv');
    assert.equal(headers.get('x-amzn-sagemaker-custom-attributes'), 'served=1');
    assert.equal(headers.get('x-amzn-sagemaker-new-session-id'), 's1');
    for (const name of ['x-internal', 'server', 'set-cookie']) assert.equal(headers.get(name), null);
    assert.match(headers.get('x-amzn-sagemaker-inference-id') ?? '', /^[0-9a-f-]{36}$/);
  });

  it('invocation: SageMaker returns an error -> the client gets its status, type and body', async () => {
    await open();
    environment.backend.behave = answerError(424, 'ModelError', 'Received server error (500) from primary');
    const response = await send(environment, { user: ofCandidate });
    assert.equal(response.status, 424);
    assert.equal(response.headers.get('x-amzn-errortype'), 'ModelError');
    assert.deepEqual(await response.json(), { Message: 'Received server error (500) from primary' });
    assert.equal(environment.backend.received.length, 1);
  });

  it('invocation: streamed response -> the first part arrives before the last one is sent', async () => {
    await open();
    let finish: () => void = () => undefined;
    environment.backend.behave = (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write('first ');
      finish = () => response.end('last');
    };
    const response = await fetch(`${environment.url}/endpoints/shop/invocations-response-stream`, {
      method: 'POST',
      headers: { 'x-penstock-user': ofCandidate },
      body: '{}',
    });
    const reader = response.body!.getReader();
    assert.equal(Buffer.from((await reader.read()).value).toString(), 'first ');
    finish();
    assert.equal(Buffer.from((await reader.read()).value).toString(), 'last');
    assert.equal(lastReceived().path, '/endpoints/shop/invocations-response-stream');
  });

  describe('user without an id', () => {
    it('user without an id: cookies configured -> gets a cookie that keeps the arm', async () => {
      await open();
      const first = await send(environment);
      const cookie = first.headers.get('set-cookie') ?? '';
      assert.match(
        cookie,
        /^penstock-user=[0-9a-f-]{36}; Max-Age=34560000; Path=\/; HttpOnly; SameSite=Lax$/,
      );
      const variant = first.headers.get('x-amzn-invoked-production-variant');
      const headers = { cookie: `a=b; ${cookie.split(';')[0]}` };
      for (let i = 0; i < 5; i++) {
        const again = await send(environment, { headers });
        assert.equal(again.headers.get('x-amzn-invoked-production-variant'), variant);
        assert.equal(again.headers.get('set-cookie'), null);
      }
    });

    it('users without an id: many requests -> both arms', async () => {
      await open();
      const seen = new Set<string | null>();
      for (let i = 0; i < 40; i++)
        seen.add((await send(environment)).headers.get('x-amzn-invoked-production-variant'));
      assert.deepEqual([...seen].sort(), ['shop-a', 'shop-b']);
    });

    it('user without an id: no cookie configured -> the baseline', async () => {
      await open({ config: { user: [{ header: 'x-user' }] } });
      const response = await send(environment);
      assert.equal(response.headers.get('x-amzn-invoked-production-variant'), 'shop-a');
      assert.equal(response.headers.get('set-cookie'), null);
    });
  });

  it('invocation: several user sources -> the first one that the request has', async () => {
    await open({ config: { user: [{ field: 'user.id' }, { header: 'x-user' }] } });
    const byField = await send(environment, {
      body: JSON.stringify({ user: { id: ofCandidate } }),
      headers: { 'x-user': ofBaseline },
    });
    assert.equal(byField.headers.get('x-amzn-invoked-production-variant'), 'shop-b');
    const byHeader = await send(environment, { body: 'no json', headers: { 'x-user': ofCandidate } });
    assert.equal(byHeader.headers.get('x-amzn-invoked-production-variant'), 'shop-b');
  });

  describe('failing candidate', () => {
    const failing: SwitchEnvironment['backend']['behave'] = (received, response) =>
      (received.headers['x-amzn-sagemaker-target-variant'] === 'shop-b'
        ? answerError(500, 'InternalFailure', 'broken')
        : answerWell)(received, response);

    it('failing candidate: retryOnBaseline -> sent once to the baseline, and counted', async () => {
      await open({ config: { retryOnBaseline: true } });
      environment.backend.behave = failing;
      assert.equal(await variantFor(environment, ofCandidate), 'shop-a');
      assert.equal(environment.backend.received.length, 2);
      const metrics = await (await fetch(`${environment.url}/metrics`)).text();
      assert.match(metrics, /penstock_switch_fallbacks_total\{endpoint="shop",reason="candidateFailed"\} 1/);
      environment.backend.behave = answerError(503, 'ServiceUnavailable', 'all broken');
      assert.equal((await send(environment, { user: ofCandidate })).status, 503);
      assert.equal(environment.backend.received.length, 4);
    });

    it('failing candidate: no retryOnBaseline -> the client gets the error', async () => {
      await open();
      environment.backend.behave = failing;
      assert.equal((await send(environment, { user: ofCandidate })).status, 500);
    });
  });

  it('invocation: the variant does not exist -> sent once more without a variant', async () => {
    await open();
    environment.backend.behave = (received, response) => {
      const named = received.headers['x-amzn-sagemaker-target-variant'];
      const refuse = answerError(
        400,
        'ValidationError',
        `Variant ${String(named)} not found for endpoint shop.`,
      );
      (named === undefined ? answerWell : refuse)(received, response);
    };
    assert.equal(await variantFor(environment, ofCandidate), 'only-of-shop');
    assert.equal(await variantFor(environment, ofBaseline), 'only-of-shop');
  });

  it('invocation: the endpoint of the arm does not exist -> sent once more to the other endpoint', async () => {
    await open({ splits: { shop: splitOf({ targets: twoEndpoints }) } });
    environment.backend.behave = (received, response) =>
      (received.path.includes('shop-next')
        ? answerError(400, 'ValidationError', 'Endpoint shop-next of account 123456789012 not found.')
        : answerWell)(received, response);
    assert.equal(await variantFor(environment, ofCandidate), 'only-of-shop');
  });

  it('invocation: SageMaker rejects the request itself -> not sent again', async () => {
    await open();
    environment.backend.behave = answerError(400, 'ValidationError', 'Session Id is invalid');
    assert.equal((await send(environment, { user: ofCandidate })).status, 400);
    assert.equal(environment.backend.received.length, 1);
  });

  it('invocation: the client names a TargetVariant -> rejected, unless allowTargetVariant is true', async () => {
    await open();
    const headers = { 'x-amzn-sagemaker-target-variant': 'shop-b' };
    const refused = await send(environment, { user: ofBaseline, headers });
    assert.equal(refused.status, 400);
    assert.match(((await refused.json()) as { Message: string }).Message, /allowTargetVariant/);
    await environment.stop();
    await open({ config: { allowTargetVariant: true } });
    assert.equal(await variantFor(environment, ofBaseline, { headers }), 'shop-b');
  });

  it('invocation: unlistedEndpoints is reject and the endpoint is not listed -> 400', async () => {
    await open({ config: { endpoints: ['shop'], unlistedEndpoints: 'reject' } });
    assert.equal((await send(environment, { user: ofBaseline })).status, 200);
    const refused = await send(environment, { user: ofBaseline, endpoint: 'other' });
    assert.deepEqual([refused.status, refused.headers.get('x-amzn-errortype')], [400, 'ValidationError']);
  });

  it('invocation: SageMaker is unreachable or does not respond -> 503 or 504', async () => {
    await open({ config: { limits: { response: '1s' } } });
    environment.backend.behave = () => undefined;
    assert.equal((await send(environment, { user: ofBaseline })).status, 504);
    await environment.backend.stop();
    const refused = await send(environment, { user: ofBaseline });
    assert.deepEqual([refused.status, refused.headers.get('x-amzn-errortype')], [503, 'ServiceUnavailable']);
  });

  it('invocation: SageMaker closed the idle connection -> sent once more', async () => {
    await open();
    await variantFor(environment, ofBaseline);
    let drops = 1;
    environment.backend.behave = (received, response) => {
      if (drops-- > 0) response.socket?.destroy();
      else answerWell(received, response);
    };
    assert.equal(await variantFor(environment, ofBaseline), 'shop-a');
  });
});
