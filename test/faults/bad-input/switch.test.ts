/** Malformed requests to the switch. Each gets a 4xx with the reason, and valid requests still succeed. */
import assert from 'node:assert/strict';
import { splitOf } from '../../switch/split/splits.js';
import { openEnvironment, send, type SwitchEnvironment } from '../../switch/switch-environment.js';
import { seed } from '../seed.js';
import { randomCases, times, type RandomCase } from './random-input.js';
import { sendRaw } from './raw-http.js';

const call = 'POST /endpoints/shop/invocations HTTP/1.1\r\nhost: a\r\n';
const line = (path: string, method = 'POST') =>
  `${method} ${path} HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\n{}`;
const hidden =
  'POST /endpoints/shop/invocations HTTP/1.1\r\nhost: a\r\nx-penstock-user: smuggled\r\ncontent-length: 2\r\n\r\n{}';

/** Invalid requests, by kind. */
const requests: Record<string, (random: RandomCase) => string> = {
  'an unknown path': (random) => line(random.oneOf(paths)),
  'an invalid endpoint name': (random) => line(`/endpoints/${random.oneOf(endpoints)}/invocations`),
  'a wrong method': (random) =>
    line('/endpoints/shop/invocations', random.oneOf(['GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE'])),
  'an ambiguous body length': (random) =>
    call +
    random.oneOf([
      `content-length: ${hidden.length}\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`,
      `transfer-encoding: chunked\r\ncontent-length: 5\r\n\r\n0\r\n\r\n${hidden}`,
      'content-length: 2\r\ncontent-length: 4\r\n\r\n{}{}',
      'content-length: 2, 4\r\n\r\n{}{}',
      `transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n${hidden}`,
      `transfer-encoding: xchunked\r\n\r\n0\r\n\r\n${hidden}`,
      `transfer-encoding : chunked\r\n\r\n0\r\n\r\n${hidden}`,
      `content-length: +2\r\n\r\n{}${hidden}`,
      `content-length: 0x2\r\n\r\n{}${hidden}`,
      `content-length: -1\r\n\r\n${hidden}`,
      `content-length: 99999999999999999999999\r\n\r\n${hidden}`,
    ]),
  'broken chunks': (random) =>
    `${call}transfer-encoding: chunked\r\n\r\n${random.oneOf(['zz\r\n{}\r\n0\r\n\r\n', '-2\r\n{}\r\n', '2\r\n{}}}\r\n0\r\n\r\n', '2;\0\r\n{}', `${'f'.repeat(17)}\r\n{}`, '\r\n\r\n', '0x2\r\n{}\r\n'])}`,
  'broken headers': (random) =>
    call +
    random.oneOf([
      'x y: 1',
      'x',
      ': 1',
      'x\0y: 1',
      'x: a\0b',
      'x: 1\r\n y: 2',
      'x: 1\ry: 2',
      'é: 1',
      '(x): 1',
      'x: \u0007',
    ]) +
    '\r\n\r\n',
  'too many headers': (random) => {
    const header = random.oneOf(['x: y', `x-${'h'.repeat(500)}: ${'v'.repeat(500)}`, 'cookie: a=b']);
    return `${call}${`${header}\r\n`.repeat(random.oneOf([40_000, 100_000]))}\r\n`;
  },
  'an unterminated header': (random) => `${call}x: ${'y'.repeat(random.oneOf([40_000, 1_000_000]))}`,
  'bytes that are not HTTP': (random) =>
    random.oneOf([
      '\0\0\0\0\r\n\r\n',
      'GET\r\n\r\n',
      'HELLO\r\n\r\n',
      '\u0016\u0003\u0001\u0002\0\u0001',
      'GET / HTTP/9.9\r\n\r\n',
      'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
      '{}\r\n\r\n',
      'POST / HTTP/1.1\r\n\r\n\r\n',
    ]),
  'a body above the limit': (random) =>
    `${call}content-length: ${random.oneOf(['65537', '6291457', '99999999999'])}\r\n\r\n${'x'.repeat(1_000)}`,
  'an invalid outcome': (random) => {
    const body = random.oneOf(outcomes);
    return `POST /outcomes HTTP/1.1\r\nhost: a\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
  },
};

const paths = [
  ...[
    '/',
    '//',
    '/endpoints',
    '/endpoints/',
    '/endpoints/shop',
    '/endpoints/shop/',
    '/endpoints/shop/invocations/',
  ],
  ...[
    '/endpoints/shop/../../outcomes',
    '/endpoints/../endpoints/shop/invocations',
    '/endpoints/shop/async-invocations',
  ],
  ...[
    '/endpoints/shop%2Finvocations',
    '/endpoints/shop/invocations%00',
    '/endpoints/shop/INVOCATIONS',
    '/healthz/..',
  ],
  ...[
    '/ENDPOINTS/shop/invocations',
    '*',
    'http://evil/endpoints/shop/x',
    '/outcomes/',
    '/outcomes?x',
    '/metrics',
    '/%',
  ],
  ...[
    `/${'a'.repeat(20_000)}`,
    `/${'../'.repeat(5_000)}etc/passwd`,
    '/endpoints//invocations',
    '/__proto__',
    '/endpoints/a/constructor',
  ],
];
const endpoints = [
  ...[
    '-shop',
    'shop-',
    'x'.repeat(64),
    '%00',
    '%2e%2e',
    '..',
    '.',
    'a%2Fb',
    'a.b',
    'a_b',
    'a+b',
    '%',
    '%zz',
    '%F0%9F%98%80',
  ],
  ...["a'b", 'a;b', 'a=b', '$(id)', '{a}', '-', '%0d%0a', 'x'.repeat(20_000), `${'a-'.repeat(40)}a`],
];
const outcomes = [
  ...[
    '',
    '{',
    '[]',
    'null',
    '1',
    '"x"',
    '{}',
    '{"inferenceId":1}',
    '{"inferenceId":""}',
    '{"inferenceId":null}',
    '\0',
    '\ufeff',
  ],
  ...[
    '{"inferenceId":"a","conversion":"yes"}',
    '{"inferenceId":"a","value":"1"}',
    '{"inferenceId":"a","value":1e400}',
  ],
  ...[
    '{"inferenceId":"a","value":1e10}',
    '{"inferenceId":"a","valeu":1}',
    '{"inferenceId":["a"]}',
    `{"inferenceId":"${'a'.repeat(257)}"}`,
  ],
  ...[
    '{"__proto__":{"inferenceId":"a"}}',
    '{"inferenceId":"a","__proto__":{}}',
    '{"inferenceId":"a","constructor":1}',
  ],
  ...[`[${'['.repeat(20_000)}`, `{"inferenceId":"a","x":"${'y'.repeat(70_000)}"}`, '[{"inferenceId":"a"}]'],
];

const perKind = 20 * times;
const valid = '{"valid":true}';

describe(`malformed requests to the switch (PENSTOCK_SEED=${seed})`, () => {
  let environment: SwitchEnvironment;
  before(async () => {
    environment = await openEnvironment({
      config: { records: {}, limits: { body: '64KB' } },
      splits: { shop: splitOf() },
    });
  });
  after(() => environment.stop());

  for (const [kind, request] of Object.entries(requests))
    it(`switch: ${perKind} requests with ${kind} -> 4xx with the reason, next valid request succeeds`, async () => {
      for (const random of randomCases(perKind, kind)) {
        const bytes = request(random);
        const context = `${kind}: ${JSON.stringify(bytes.slice(0, 300))}`;
        const { status, head, body } = await sendRaw(
          environment.running.port,
          Buffer.from(bytes, 'utf8'),
        ).catch((error: unknown) => assert.fail(`${context}: ${String(error)}`));
        assert.ok(status >= 400 && status < 500, `${status} ${body} for ${context}`);
        assert.match(head, /^x-amzn-errortype: \w+$/im, context);
        assertClear(body, context);
      }
      assert.equal((await send(environment, { user: 'ada', body: valid })).status, 200);
      // No rejected request reached the backend, not even hidden behind another request.
      const received = environment.backend.received.splice(0);
      assert.deepEqual(
        received.map(({ path, body }) => [path, body]),
        [['/endpoints/shop/invocations', valid]],
      );
      // The switch logs its own faults with a stack trace.
      assert.deepEqual(
        environment.logged.filter((logged) => /failed|Error/.test(logged)),
        [],
      );
    });

  it('switch: user id in the last of 2,101 headers -> user is recognized', async () => {
    const headers = Object.fromEntries(Array.from({ length: 2_100 }, (_, i) => [`h${i}`, '1']));
    const variants = new Set<string | null>();
    for (let i = 0; i < 10; i += 1) {
      const response = await send(environment, { headers: { ...headers, 'x-penstock-user': 'ada' } });
      variants.add(response.headers.get('x-amzn-invoked-production-variant'));
      assert.equal(response.headers.get('set-cookie'), null);
    }
    assert.equal(variants.size, 1);
    environment.backend.received.length = 0;
  });
});

function assertClear(body: string, context: string): void {
  const { Message } = JSON.parse(body) as { Message: string };
  assert.ok(Message.length > 10 && Message.length < 1_000, `${context}: ${Message.slice(0, 1_200)}`);
  assert.match(Message, /^\S.*\S$/, context);
}
