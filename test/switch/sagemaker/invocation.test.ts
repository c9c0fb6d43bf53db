import assert from 'node:assert/strict';
import { userBucketOf, isCandidateBucket } from '../../../src/plan/split/bucketing.js';
import { splitOf, twoEndpoints } from '../split/splits.js';
import {
  answerError,
  answerWell,
  openStage,
  send,
  variantFor,
  type Stage,
  type StageOptions,
} from '../switch-environment.js';

const split = splitOf();
const isCandidate = (user: string) => isCandidateBucket(userBucketOf(split.seed, user), split.candidateShare);
const people = Array.from({ length: 200 }, (_, i) => `user-${i}`);
const ofCandidate = people.find(isCandidate)!;
const ofBaseline = people.find((user) => !isCandidate(user))!;

describe('an invocation through the switch', () => {
  let stage: Stage;
  const open = async (options: StageOptions = {}) => {
    stage = await openStage({ splits: { shop: split }, ...options });
  };
  afterEach(() => stage.stop());

  const lastReceived = () => stage.backend.received.at(-1)!;

  it('goes to the variant of the user, the same each time', async () => {
    await open();
    for (let round = 0; round < 2; round++)
      for (const user of people)
        assert.equal(await variantFor(stage, user), isCandidate(user) ? 'shop-b' : 'shop-a');
  });

  it('goes to the other endpoint, where the arms are two endpoints', async () => {
    await open({ splits: { shop: splitOf({ targets: twoEndpoints }) } });
    assert.equal(await variantFor(stage, ofCandidate), 'only-of-shop-next');
    assert.equal(await variantFor(stage, ofBaseline), 'only-of-shop');
    assert.equal(lastReceived().headers['x-amzn-sagemaker-target-variant'], undefined);
  });

  it('goes to the endpoint as it is where no rollout was ever known', async () => {
    await open({ splits: {} });
    assert.equal(await variantFor(stage, ofCandidate), 'only-of-shop');
    assert.equal(
      await variantFor(stage, ofCandidate, { endpoint: 'Other-Endpoint' }),
      'only-of-Other-Endpoint',
    );
  });

  it('carries body, content type and the documented headers, and nothing else', async () => {
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
    await send(stage, { user: ofCandidate, headers, body });
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
    assert.equal(`http://${host}`, stage.backend.url);
    assert.equal(connection, 'keep-alive');
  });

  it("brings back status, body and SageMaker's headers, and an inference id", async () => {
    await open();
    stage.backend.behave = (_, response) => {
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
    const response = await send(stage, { user: ofBaseline });
    assert.equal(response.status, 200);
    assert.equal(await response.text(), '1,2');
    const { headers } = response;
    assert.equal(headers.get('content-type'), 'text/csv');
    assert.equal(headers.get('x-amzn-sagemaker-custom-attributes'), 'served=1');
    assert.equal(headers.get('x-amzn-sagemaker-new-session-id'), 's1');
    for (const name of ['x-internal', 'server', 'set-cookie']) assert.equal(headers.get(name), null);
    assert.match(headers.get('x-amzn-sagemaker-inference-id') ?? '', /^[0-9a-f-]{36}$/);
  });

  it('brings back an error with its type and body', async () => {
    await open();
    stage.backend.behave = answerError(424, 'ModelError', 'Received server error (500) from primary');
    const response = await send(stage, { user: ofCandidate });
    assert.equal(response.status, 424);
    assert.equal(response.headers.get('x-amzn-errortype'), 'ModelError');
    assert.deepEqual(await response.json(), { Message: 'Received server error (500) from primary' });
    assert.equal(stage.backend.received.length, 1);
  });

  it('streams: the first part is there before the last one is made', async () => {
    await open();
    let finish: () => void = () => undefined;
    stage.backend.behave = (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write('first ');
      finish = () => response.end('last');
    };
    const response = await fetch(`${stage.url}/endpoints/shop/invocations-response-stream`, {
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

  describe('of somebody without an id', () => {
    it('gets a cookie that keeps the arm', async () => {
      await open();
      const first = await send(stage);
      const cookie = first.headers.get('set-cookie') ?? '';
      assert.match(
        cookie,
        /^penstock-user=[0-9a-f-]{36}; Max-Age=34560000; Path=\/; HttpOnly; SameSite=Lax$/,
      );
      const variant = first.headers.get('x-amzn-invoked-production-variant');
      const headers = { cookie: `a=b; ${cookie.split(';')[0]}` };
      for (let i = 0; i < 5; i++) {
        const again = await send(stage, { headers });
        assert.equal(again.headers.get('x-amzn-invoked-production-variant'), variant);
        assert.equal(again.headers.get('set-cookie'), null);
      }
    });

    it('meets both arms in the long run', async () => {
      await open();
      const seen = new Set<string | null>();
      for (let i = 0; i < 40; i++)
        seen.add((await send(stage)).headers.get('x-amzn-invoked-production-variant'));
      assert.deepEqual([...seen].sort(), ['shop-a', 'shop-b']);
    });

    it('gets the baseline where no cookie is configured', async () => {
      await open({ config: { user: [{ header: 'x-user' }] } });
      const response = await send(stage);
      assert.equal(response.headers.get('x-amzn-invoked-production-variant'), 'shop-a');
      assert.equal(response.headers.get('set-cookie'), null);
    });
  });

  it('finds the user in the first of the configured places that has one', async () => {
    await open({ config: { user: [{ field: 'user.id' }, { header: 'x-user' }] } });
    const byField = await send(stage, {
      body: JSON.stringify({ user: { id: ofCandidate } }),
      headers: { 'x-user': ofBaseline },
    });
    assert.equal(byField.headers.get('x-amzn-invoked-production-variant'), 'shop-b');
    const byHeader = await send(stage, { body: 'no json', headers: { 'x-user': ofCandidate } });
    assert.equal(byHeader.headers.get('x-amzn-invoked-production-variant'), 'shop-b');
  });

  describe('whose candidate fails', () => {
    const failing: Stage['backend']['behave'] = (received, response) =>
      (received.headers['x-amzn-sagemaker-target-variant'] === 'shop-b'
        ? answerError(500, 'InternalFailure', 'broken')
        : answerWell)(received, response);

    it('is answered by the baseline where that is asked for, once, and counted', async () => {
      await open({ config: { retryOnBaseline: true } });
      stage.backend.behave = failing;
      assert.equal(await variantFor(stage, ofCandidate), 'shop-a');
      assert.equal(stage.backend.received.length, 2);
      const metrics = await (await fetch(`${stage.url}/metrics`)).text();
      assert.match(metrics, /penstock_switch_fallbacks_total\{endpoint="shop",reason="candidateFailed"\} 1/);
      stage.backend.behave = answerError(503, 'ServiceUnavailable', 'all broken');
      assert.equal((await send(stage, { user: ofCandidate })).status, 503);
      assert.equal(stage.backend.received.length, 4);
    });

    it('is the user’s to see otherwise', async () => {
      await open();
      stage.backend.behave = failing;
      assert.equal((await send(stage, { user: ofCandidate })).status, 500);
    });
  });

  it('goes without a variant where the variant has gone', async () => {
    await open();
    stage.backend.behave = (received, response) => {
      const named = received.headers['x-amzn-sagemaker-target-variant'];
      const refuse = answerError(
        400,
        'ValidationError',
        `Variant ${String(named)} not found for endpoint shop.`,
      );
      (named === undefined ? answerWell : refuse)(received, response);
    };
    assert.equal(await variantFor(stage, ofCandidate), 'only-of-shop');
    assert.equal(await variantFor(stage, ofBaseline), 'only-of-shop');
  });

  it('goes to the other endpoint where its own has gone', async () => {
    await open({ splits: { shop: splitOf({ targets: twoEndpoints }) } });
    stage.backend.behave = (received, response) =>
      (received.path.includes('shop-next')
        ? answerError(400, 'ValidationError', 'Endpoint shop-next of account 123456789012 not found.')
        : answerWell)(received, response);
    assert.equal(await variantFor(stage, ofCandidate), 'only-of-shop');
  });

  it('is not tried again where the request itself is refused', async () => {
    await open();
    stage.backend.behave = answerError(400, 'ValidationError', 'Session Id is invalid');
    assert.equal((await send(stage, { user: ofCandidate })).status, 400);
    assert.equal(stage.backend.received.length, 1);
  });

  it('names no variant of its own, unless that is allowed', async () => {
    await open();
    const headers = { 'x-amzn-sagemaker-target-variant': 'shop-b' };
    const refused = await send(stage, { user: ofBaseline, headers });
    assert.equal(refused.status, 400);
    assert.match(((await refused.json()) as { Message: string }).Message, /allowTargetVariant/);
    await stage.stop();
    await open({ config: { allowTargetVariant: true } });
    assert.equal(await variantFor(stage, ofBaseline, { headers }), 'shop-b');
  });

  it('is refused for an endpoint that is not listed, where only listed ones are served', async () => {
    await open({ config: { endpoints: ['shop'], unlistedEndpoints: 'reject' } });
    assert.equal((await send(stage, { user: ofBaseline })).status, 200);
    const refused = await send(stage, { user: ofBaseline, endpoint: 'other' });
    assert.deepEqual([refused.status, refused.headers.get('x-amzn-errortype')], [400, 'ValidationError']);
  });

  it('is answered 503 where SageMaker cannot be reached, and 504 where it does not answer', async () => {
    await open({ config: { limits: { response: '1s' } } });
    stage.backend.behave = () => undefined;
    assert.equal((await send(stage, { user: ofBaseline })).status, 504);
    await stage.backend.stop();
    const refused = await send(stage, { user: ofBaseline });
    assert.deepEqual([refused.status, refused.headers.get('x-amzn-errortype')], [503, 'ServiceUnavailable']);
  });

  it('is tried again where SageMaker has just closed an idle connection', async () => {
    await open();
    await variantFor(stage, ofBaseline);
    let drops = 1;
    stage.backend.behave = (received, response) => {
      if (drops-- > 0) response.socket?.destroy();
      else answerWell(received, response);
    };
    assert.equal(await variantFor(stage, ofBaseline), 'shop-a');
  });
});
