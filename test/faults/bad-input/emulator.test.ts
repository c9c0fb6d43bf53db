/** Malformed requests in every AWS protocol. The emulator responds with a 4xx in the protocol's form, and keeps running. */
import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { decode, encode } from 'cborg';
import {
  serviceModels,
  shapeOf,
  type ServiceModel,
  type Shape,
} from '../../../src/emulator/service-model/model.js';
import { createShop, openAccount, type Account } from '../../emulator/aws-account.js';
import { signed } from '../../emulator/http/signed.js';
import { seed } from '../seed.js';
import { randomCases, times, type RandomCase } from './random-input.js';
import { sendRaw } from './raw-http.js';

type Body = string | Uint8Array;
interface Sent {
  path: string;
  headers: Record<string, string>;
  body: Body;
}

const { SageMaker: sageMaker, CloudWatch: cloudWatch } = serviceModels;

/** For each type, values of other types. Numbers with decimals are missing, because the emulator rounds them. */
const wrong: Record<string, unknown[]> = {
  string: [1, true, [], {}, ['x'], 1e300],
  boolean: ['true', 1, 0, [], {}],
  integer: ['1', true, [], {}, 1e12, 'x'],
  long: ['1', true, [], {}, 1e300],
  double: ['x', true, [], {}],
  float: ['x', true, [], {}],
  timestamp: ['x', true, [], {}, 1e300],
  list: [1, 'x', true, { a: 1 }],
  map: [1, 'x', true, ['x']],
  structure: [1, 'x', true, ['x']],
};

/** A request in which one member has a value of a wrong type. */
function wronglyTyped(model: ServiceModel, random: RandomCase): { operation: string; input: object } {
  for (;;) {
    const [operation, { input }] = random.oneOf(Object.entries(model.operations));
    const members = Object.entries(shapeOf(model, { shape: input }).members ?? {});
    if (members.length === 0) continue;
    const [name, reference] = random.oneOf(members);
    const { type }: Shape = shapeOf(model, reference);
    if (wrong[type]) return { operation, input: { [name]: random.oneOf(wrong[type]) } };
  }
}

const json = (operation: string, body: Body): Sent => ({
  path: '/',
  headers: { 'x-amz-target': `SageMaker.${operation}`, 'content-type': 'application/x-amz-json-1.1' },
  body,
});
const cbor = (operation: string, body: Body): Sent => ({
  path: `/service/GraniteServiceVersion20100801/operation/${operation}`,
  headers: { 'smithy-protocol': 'rpc-v2-cbor', 'content-type': 'application/cbor' },
  body,
});
const form = (body: string): Sent => ({
  path: '/',
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  body,
});
const invocation = (endpoint: string, headers: Record<string, string> = {}, body: Body = '{}'): Sent => ({
  path: `/endpoints/${endpoint}/invocations`,
  headers,
  body,
});

const deep = '['.repeat(100_000);
const alarm = encode({ AlarmNames: ['a', 'b'] });
const strangeNames = [
  '',
  'Nothing',
  'constructor',
  '__proto__',
  'toString',
  'describeEndpoint',
  '../CreateEndpoint',
  'a'.repeat(10_000),
];

const signatures = [
  'x',
  'AWS4-HMAC-SHA256',
  'Bearer x',
  `AWS4-HMAC-SHA256 ${'Credential=,'.repeat(800)}`,
  signed.authorization.replace('0'.repeat(64), 'z'),
];
const unzipsToTooMuch = gzipSync(Buffer.alloc(33 * 2 ** 20));

const requests: Record<string, (random: RandomCase) => Sent> = {
  'awsJson: a wrong type': (random) => {
    const { operation, input } = wronglyTyped(sageMaker, random);
    return json(operation, JSON.stringify(input));
  },
  'awsJson: a broken body': (random) =>
    json(
      'ListEndpoints',
      random.oneOf([
        '{',
        '[1]',
        '"x"',
        '1',
        'null',
        'true',
        '\0',
        '{"a":',
        deep,
        '{"a":'.repeat(50_000),
        '{"MaxResults":NaN}',
        '\ufeff{}',
        'Action=x',
      ]),
    ),
  'awsJson: an unknown operation': (random) => json(random.oneOf(strangeNames), '{}'),
  'awsJson: names and numbers beyond the limits': (random) =>
    json(
      'DescribeEndpoint',
      JSON.stringify({
        EndpointName: random.oneOf(['', '-', '../..', 'a\0b', 'x'.repeat(1_000_000), '<&>', '😀', 'unknown']),
      }),
    ),
  'CBOR: a wrong type': (random) => {
    const { operation, input } = wronglyTyped(cloudWatch, random);
    return cbor(operation, encode(input));
  },
  'CBOR: truncated, or other bytes': (random) =>
    cbor(
      'DescribeAlarms',
      random.oneOf<Body>([
        alarm.slice(0, 1 + random.below(alarm.length - 1)),
        new Uint8Array([0xff]),
        new Uint8Array(100_000).fill(0x81),
        new Uint8Array([0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
        new Uint8Array([0xbf]),
        new Uint8Array([0x5a, 0xff, 0xff, 0xff, 0xff]),
        new Uint8Array([0xf8, 0x00]),
        encode([1]),
        encode('x'),
        encode(7),
        '{"a":1}',
        new Uint8Array([0xc1, 0x61, 0x78]),
      ]),
    ),
  'CBOR: an unknown operation': (random) =>
    cbor(encodeURIComponent(random.oneOf(strangeNames.slice(1, 6))), encode({})),
  'query: invalid actions and parameters': (random) =>
    form(
      `${random.oneOf(['Action=DescribeAlarms', 'Action=Nothing', 'Action=constructor', 'Action=', 'Action=__proto__', 'x'])}&${random.oneOf(['Version=2010-08-01&MaxRecords=x', 'Version=2009-01-01', 'Version=', 'Version=2010-08-01&MaxRecords=1e99', 'Version=2010-08-01&MaxRecords.member.1=1', 'Version=2010-08-01&StateValue=FINE', `Version=2010-08-01&${'a=b&'.repeat(20_000)}MaxRecords=-1`])}`,
    ),
  'restJson: an unknown endpoint or path': (random) =>
    random.oneOf([
      invocation(
        random.oneOf([
          'unknown',
          '%ff',
          '%00',
          '..%2f',
          'x'.repeat(5_000),
          '-',
          "'--",
          '%F0%9F%98%80',
          '__proto__',
        ]),
      ),
      {
        path: random.oneOf([
          '/nothing',
          '/endpoints',
          '/endpoints/shop',
          '/endpoints//invocations',
          '/a'.repeat(5_000),
        ]),
        headers: {},
        body: '{}',
      },
    ]),
  'restJson: an unknown variant': (random) =>
    invocation('shop', {
      'x-amzn-sagemaker-target-variant': random.oneOf(['unknown', '-', '__proto__', 'x'.repeat(5_000), "'"]),
    }),
  'no signature': (random) => {
    const sent = random.oneOf([
      json('ListEndpoints', '{}'),
      cbor('DescribeAlarms', encode({})),
      form('Action=DescribeAlarms&Version=2010-08-01'),
      invocation('shop'),
    ]);
    return { ...sent, headers: { ...sent.headers, authorization: random.oneOf(signatures) } };
  },
  'a broken compression': (random) => ({
    ...json('ListEndpoints', random.oneOf<Body>(['x', gzipSync('{}').subarray(0, 12), unzipsToTooMuch])),
    headers: {
      'x-amz-target': 'SageMaker.ListEndpoints',
      'content-type': 'application/x-amz-json-1.1',
      'content-encoding': random.oneOf(['gzip', 'gzip', 'br', 'x', '__proto__']),
    },
  }),
  'a setting of the emulator': (random) => ({
    path: `/_emulator/${random.oneOf(['faults', 'behaviours', 'traffic', 'scenario', 'events', 'release', 'metrics-outage', 'partial-metrics', 'withheld-metrics', 'constructor', 'nothing', '-'])}`,
    headers: {},
    body: random.oneOf([
      '{',
      '[]',
      '{"__proto__":1,"x":1}',
      '"x"',
      '1',
      '{"faults":7}',
      '{"id":"x"}',
      deep,
      `{"x":"${'y'.repeat(100_000)}"}`,
      'null',
    ]),
  }),
};

const perKind = 20 * times;

describe(`malformed requests to the emulator (PENSTOCK_SEED=${seed})`, () => {
  let account: Account;
  before(async () => {
    account = await openAccount();
    await createShop(account, { a: 1 });
  });
  after(() => account.emulator.stop());

  async function assertStillServes(): Promise<void> {
    const { EndpointStatus } = await account.sageMaker.describeEndpoint({ EndpointName: 'shop' });
    assert.equal(EndpointStatus, 'InService');
    assert.deepEqual((await account.cloudWatch.describeAlarms({ AlarmNames: ['none'] })).MetricAlarms, []);
    assert.equal(
      (await account.runtime.invokeEndpoint({ EndpointName: 'shop', Body: '{}' })).$metadata.httpStatusCode,
      200,
    );
  }

  for (const [kind, request] of Object.entries(requests))
    it(`emulator: ${perKind} requests with ${kind} -> 4xx in the protocol's form, next valid requests succeed`, async () => {
      for (const random of randomCases(perKind, kind)) {
        const { path, headers, body } = request(random);
        const context = `${kind}: ${path.slice(0, 100)} ${JSON.stringify(headers).slice(0, 200)} ${Buffer.from(body).toString('latin1').slice(0, 200)}`;
        const response = await fetch(account.emulator.url + path, {
          method: 'POST',
          headers: { ...signed, ...headers },
          body,
        });
        const content = Buffer.from(await response.arrayBuffer());
        assert.ok(
          response.status >= 400 && response.status < 500,
          `${response.status} for ${context}: ${content.toString().slice(0, 800)}`,
        );
        assertError(response, content, context);
      }
      await assertStillServes();
    });

  it('emulator: bytes that are not HTTP -> 4xx, next valid requests succeed', async () => {
    for (const bytes of [
      '\0\0\r\n\r\n',
      'POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n{}',
      'x\r\n\r\n',
      `POST / HTTP/1.1\r\nx: ${'y'.repeat(200_000)}`,
      'POST //[ HTTP/1.1\r\nhost: a\r\n\r\n',
      'POST http://[ HTTP/1.1\r\nhost: a\r\n\r\n',
      'GET * HTTP/1.1\r\nhost: a\r\n\r\n',
    ]) {
      const { status } = await sendRaw(account.emulator.port, bytes).catch((error: unknown) =>
        assert.fail(`${bytes.slice(0, 80)}: ${String(error)}`),
      );
      assert.ok(status >= 400 && status < 500, `${status} for ${bytes.slice(0, 80)}`);
    }
    await assertStillServes();
  });
});

/** The error has a name and a message, in the protocol's place. */
function assertError(response: Response, content: Buffer, context: string): void {
  const { headers } = response;
  const type = headers.get('content-type') ?? '';
  const text = content.toString('utf8');
  if (type === 'text/xml') {
    assert.match(text, /^<ErrorResponse .*<Code>\w+<\/Code><Message>[^]+<\/Message><\/Error>/, context);
    return;
  }
  const document = (type === 'application/cbor' ? decode(content) : JSON.parse(text)) as Record<
    string,
    unknown
  >;
  const message = document['message'] ?? document['Message'];
  assert.ok(typeof message === 'string' && message.length > 3, `${context}: ${text.slice(0, 300)}`);
  if (headers.get('x-amzn-requestid') === null) return;
  const name = headers.get('x-amzn-errortype') ?? document['__type'];
  assert.match(String(name), /^\w+$/, context);
}
