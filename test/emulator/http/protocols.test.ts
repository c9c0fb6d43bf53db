import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { decode, encode } from 'cborg';
import { type Account, createShop, openAccount } from '../aws-account.js';
import { signed } from './signed.js';

const requestId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const rpcHeaders = { 'smithy-protocol': 'rpc-v2-cbor', 'content-type': 'application/cbor' };
const formHeaders = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };
const target = (operation: string) => ({
  'x-amz-target': operation,
  'content-type': 'application/x-amz-json-1.0',
});
const rpcPath = (operation: string) => `/service/GraniteServiceVersion20100801/operation/${operation}`;

describe('wire protocol', () => {
  let account: Account;
  before(async () => {
    account = await openAccount();
    await createShop(account, { a: 1 });
  });
  after(() => account.emulator.stop());

  function send(path: string, headers: Record<string, string>, body: string | Uint8Array): Promise<Response> {
    return fetch(`${account.emulator.url}${path}`, {
      method: 'POST',
      headers: { ...signed, ...headers },
      body,
    });
  }

  async function post(path: string, headers: Record<string, string>, body: string | Uint8Array) {
    const response = await send(path, headers, body);
    assert.match(response.headers.get('x-amzn-requestid') ?? '', requestId);
    return { status: response.status, headers: response.headers, text: await response.text() };
  }

  it('query protocol: success -> XML with result, request id and namespace', async () => {
    const form = 'Action=DescribeAlarms&Version=2010-08-01&AlarmNames.member.1=none';
    const { status, headers, text } = await post('/', formHeaders, form);
    assert.equal(status, 200);
    assert.equal(headers.get('content-type'), 'text/xml');
    assert.equal(
      text,
      '<DescribeAlarmsResponse xmlns="http://monitoring.amazonaws.com/doc/2010-08-01/"><DescribeAlarmsResult>' +
        '<CompositeAlarms></CompositeAlarms><MetricAlarms></MetricAlarms></DescribeAlarmsResult>' +
        `<ResponseMetadata><RequestId>${headers.get('x-amzn-requestid')}</RequestId></ResponseMetadata></DescribeAlarmsResponse>`,
    );
  });

  it('query protocol: GET with a query -> accepted', async () => {
    const response = await fetch(`${account.emulator.url}/?Action=DescribeAlarms&Version=2010-08-01`, {
      headers: signed,
    });
    assert.equal(response.status, 200);
    assert.match(await response.text(), /^<DescribeAlarmsResponse /);
  });

  it('query protocol: error without a message -> an empty element', async () => {
    const form = 'Action=SetAlarmState&Version=2010-08-01&AlarmName=none&StateValue=OK&StateReason=r';
    const { status, text, headers } = await post('/', formHeaders, form);
    assert.equal(status, 404);
    assert.equal(
      text,
      '<ErrorResponse xmlns="http://monitoring.amazonaws.com/doc/2010-08-01/"><Error><Type>Sender</Type>' +
        '<Code>ResourceNotFound</Code><Message></Message></Error>' +
        `<RequestId>${headers.get('x-amzn-requestid')}</RequestId></ErrorResponse>`,
    );
  });

  it('query protocol: error that quotes the input -> escaped', async () => {
    const form = 'Action=SetAlarmState&Version=2010-08-01&AlarmName=a&StateReason=r&StateValue=<%26%00>';
    assert.match((await post('/', formHeaders, form)).text, /Value '&lt;&amp;\ufffd&gt;'/);
  });

  it('query protocol: another API version -> refused', async () => {
    const { status, text } = await post('/', formHeaders, 'Action=DescribeAlarms&Version=2009-05-15');
    assert.equal(status, 400);
    assert.match(
      text,
      /<Code>InvalidAction<\/Code><Message>Could not find operation DescribeAlarms for version 2009-05-15</,
    );
  });

  it('rpc-v2-cbor: with or without output -> CBOR, or an empty body', async () => {
    const datum = { MetricName: 'm', Value: 1 };
    const put = await post(
      rpcPath('PutMetricData'),
      rpcHeaders,
      encode({ Namespace: 'Shop', MetricData: [datum] }),
    );
    assert.deepEqual([put.status, put.text, put.headers.get('content-type')], [200, '', null]);
    const described = await send(rpcPath('DescribeAlarms'), rpcHeaders, encode({ AlarmNames: ['none'] }));
    assert.equal(described.headers.get('smithy-protocol'), 'rpc-v2-cbor');
    assert.equal(described.headers.get('content-type'), 'application/cbor');
    assert.deepEqual(decode(new Uint8Array(await described.arrayBuffer())), {
      CompositeAlarms: [],
      MetricAlarms: [],
    });
  });

  it('rpc-v2-cbor: empty body -> no members', async () => {
    assert.equal((await send(rpcPath('DescribeAlarms'), rpcHeaders, '')).status, 200);
  });

  it('awsJson: error -> its shape, and the query code if requested', async () => {
    const body = JSON.stringify({ AlarmName: 'a', StateValue: 'OK' });
    const headers = target('GraniteServiceVersion20100801.SetAlarmState');
    const plain = await post('/', headers, body);
    assert.equal(plain.headers.get('x-amzn-query-error'), null);
    const asked = await post('/', { ...headers, 'x-amzn-query-mode': 'true' }, body);
    assert.equal(asked.headers.get('x-amzn-query-error'), 'ValidationError;Sender');
    assert.deepEqual(JSON.parse(asked.text), {
      __type: 'ValidationException',
      message:
        "1 validation error detected: Value null at 'stateReason' failed to satisfy constraint: Member must not be null",
    });
  });

  it('awsJson and rpc-v2-cbor: error of the query protocol -> its status only in query mode', async () => {
    const input = { AlarmName: 'none', StateValue: 'OK', StateReason: 'r' };
    const json = target('GraniteServiceVersion20100801.SetAlarmState');
    const cases = [
      ['/', json, JSON.stringify(input)],
      [rpcPath('SetAlarmState'), rpcHeaders, encode(input)],
    ] as const;
    for (const [path, headers, body] of cases) {
      const plain = await post(path, headers, body);
      const inQueryMode = await post(path, { ...headers, 'x-amzn-query-mode': 'true' }, body);
      assert.deepEqual([plain.status, inQueryMode.status], [400, 404]);
    }
  });

  it('restJson: error -> its name in a header', async () => {
    const { status, headers, text } = await post('/endpoints/none/invocations', {}, 'x');
    assert.equal(status, 400);
    assert.equal(headers.get('x-amzn-errortype'), 'ValidationError');
    assert.deepEqual(JSON.parse(text), { Message: 'Endpoint none of account 123456789012 not found.' });
  });

  it('request body: gzip in any case -> decompressed', async () => {
    const body = gzipSync(encode({ Namespace: 'Shop', MetricData: [{ MetricName: 'm', Value: 1 }] }));
    const { status } = await post(
      rpcPath('PutMetricData'),
      { ...rpcHeaders, 'content-encoding': 'GZIP' },
      body,
    );
    assert.equal(status, 200);
  });

  const bomb = gzipSync(Buffer.alloc(33 * 1024 * 1024));
  const sageMaker = target('SageMaker.ListEndpoints');
  const invalid: [string, string, Record<string, string>, string | Uint8Array, number, RegExp][] = [
    ['truncated JSON', '/', sageMaker, '{"a":', 400, /"SerializationException"/],
    ['a body that is not an object', '/', sageMaker, '[1]', 400, /Start of list found where not expected/],
    [
      'a number instead of a text',
      '/',
      sageMaker,
      '{"NameContains":1}',
      400,
      /NUMBER_VALUE can not be converted to a String/,
    ],
    [
      'a text instead of a number',
      '/',
      sageMaker,
      '{"MaxResults":"x"}',
      400,
      /STRING_VALUE can not be converted to an Integer/,
    ],
    [
      'a text instead of a time',
      '/',
      sageMaker,
      '{"CreationTimeAfter":"x"}',
      400,
      /STRING_VALUE can not be converted to milliseconds since epoch/,
    ],
    [
      'a text instead of a list',
      '/',
      target('SageMaker.AddTags'),
      '{"Tags":"x"}',
      400,
      /Unexpected field type/,
    ],
    ['a number out of range', '/', sageMaker, '{"MaxResults":1e12}', 400, /out of range of int/],
    ['deep nesting', '/', sageMaker, '['.repeat(200_000), 400, /"SerializationException"/],
    [
      'truncated CBOR',
      rpcPath('DescribeAlarms'),
      rpcHeaders,
      encode({ AlarmNames: ['a'] }).slice(0, -1),
      400,
      /SerializationException/,
    ],
    [
      'a form with an invalid number',
      '/',
      formHeaders,
      'Action=DescribeAlarms&Version=2010-08-01&MaxRecords=x',
      400,
      /<Code>MalformedInput</,
    ],
    [
      'a form with an invalid time',
      '/',
      formHeaders,
      'Action=DescribeAlarmHistory&Version=2010-08-01&StartDate=x',
      400,
      /timestamp must follow ISO8601/,
    ],
    ['a path that is not UTF-8', '/endpoints/%ff/invocations', {}, 'x', 400, /malformed path/],
    ['invalid gzip', '/', { ...sageMaker, 'content-encoding': 'gzip' }, 'x', 400, /"SerializationException"/],
    [
      'gzip far above the limit when decompressed',
      '/',
      { ...sageMaker, 'content-encoding': 'gzip' },
      bomb,
      413,
      /"RequestEntityTooLargeException"/,
    ],
    [
      'another compression',
      '/',
      { ...sageMaker, 'content-encoding': 'br' },
      'x',
      415,
      /"UnsupportedMediaTypeException"/,
    ],
    [
      'a body above the limit',
      '/',
      sageMaker,
      Buffer.alloc(33 * 1024 * 1024),
      413,
      /"RequestEntityTooLargeException"/,
    ],
  ];
  for (const [problem, path, headers, body, status, text] of invalid) {
    it(`wire protocol: ${problem} -> error of the protocol`, async () => {
      const answer = await post(path, headers, body);
      assert.equal(answer.status, status);
      assert.match(answer.text, text);
    });
  }

  const unknown: [string, string, Record<string, string>, string, number, RegExp][] = [
    ['awsJson 1.1', '/', target('SageMaker.ListClusters'), '{}', 400, /"UnknownOperationException"/],
    [
      'awsJson 1.0',
      '/',
      target('GraniteServiceVersion20100801.ListDashboards'),
      '{}',
      400,
      /"UnknownOperationException"/,
    ],
    ['query', '/', formHeaders, 'Action=ListDashboards&Version=2010-08-01', 400, /<Code>InvalidAction</],
    ['rpc-v2-cbor', rpcPath('ListDashboards'), rpcHeaders, '', 400, /UnknownOperationException/],
    ['restJson', '/endpoints/shop/async-invocations', {}, '', 400, /async-invocations is not known/],
    [
      'an absent service',
      '/',
      target('DynamoDB_20120810.ListTables'),
      '{}',
      400,
      /"The emulator does not have the service DynamoDB_20120810, so it cannot run ListTables\./,
    ],
    [
      'an operation with the name of a built-in member',
      '/',
      target('SageMaker.constructor'),
      '{}',
      400,
      /"UnknownOperationException"/,
    ],
  ];
  for (const [kind, path, headers, body, status, text] of unknown) {
    it(`wire protocol: unknown operation, ${kind} -> error of the protocol`, async () => {
      const answer = await post(path, headers, body);
      assert.equal(answer.status, status);
      assert.match(answer.text, text);
    });
  }
});
