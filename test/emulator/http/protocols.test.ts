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

  it('query answers XML with the result, the request id and the namespace', async () => {
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

  it('query may be in the address of a GET', async () => {
    const response = await fetch(`${account.emulator.url}/?Action=DescribeAlarms&Version=2010-08-01`, {
      headers: signed,
    });
    assert.equal(response.status, 200);
    assert.match(await response.text(), /^<DescribeAlarmsResponse /);
  });

  it('query writes errors with their type, and escapes what was sent', async () => {
    const form = 'Action=SetAlarmState&Version=2010-08-01&AlarmName=<%26%00>&StateValue=OK&StateReason=r';
    const { status, text, headers } = await post('/', formHeaders, form);
    assert.equal(status, 404);
    assert.equal(
      text,
      '<ErrorResponse xmlns="http://monitoring.amazonaws.com/doc/2010-08-01/"><Error><Type>Sender</Type>' +
        '<Code>ResourceNotFound</Code><Message>Alarm &lt;&amp;\ufffd&gt; does not exist.</Message></Error>' +
        `<RequestId>${headers.get('x-amzn-requestid')}</RequestId></ErrorResponse>`,
    );
  });

  it('query refuses another version of the service', async () => {
    const { status, text } = await post('/', formHeaders, 'Action=DescribeAlarms&Version=2009-05-15');
    assert.equal(status, 400);
    assert.match(
      text,
      /<Code>InvalidAction<\/Code><Message>Could not find operation DescribeAlarms for version 2009-05-15</,
    );
  });

  it('rpc-v2-cbor answers CBOR, and nothing where there is no output', async () => {
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

  it('rpc-v2-cbor takes no body as no members', async () => {
    assert.equal((await send(rpcPath('DescribeAlarms'), rpcHeaders, '')).status, 200);
  });

  it('awsJson names errors by shape, and by their old code where that is asked for', async () => {
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

  it('restJson names errors in a header', async () => {
    const { status, headers, text } = await post('/endpoints/none/invocations', {}, 'x');
    assert.equal(status, 400);
    assert.equal(headers.get('x-amzn-errortype'), 'ValidationError');
    assert.deepEqual(JSON.parse(text), { Message: 'Endpoint none of account 123456789012 not found.' });
  });

  it('reads gzip', async () => {
    const body = gzipSync(encode({ Namespace: 'Shop', MetricData: [{ MetricName: 'm', Value: 1 }] }));
    const { status } = await post(
      rpcPath('PutMetricData'),
      { ...rpcHeaders, 'content-encoding': 'gzip' },
      body,
    );
    assert.equal(status, 200);
  });

  const bomb = gzipSync(Buffer.alloc(33 * 1024 * 1024));
  const sageMaker = target('SageMaker.ListEndpoints');
  const broken: [string, string, Record<string, string>, string | Uint8Array, number, RegExp][] = [
    ['JSON that is cut off', '/', sageMaker, '{"a":', 400, /"SerializationException"/],
    ['a body that is no object', '/', sageMaker, '[1]', 400, /Start of list found where not expected/],
    [
      'a number for a text',
      '/',
      sageMaker,
      '{"NameContains":1}',
      400,
      /NUMBER_VALUE can not be converted to a String/,
    ],
    [
      'a text for a number',
      '/',
      sageMaker,
      '{"MaxResults":"x"}',
      400,
      /STRING_VALUE can not be converted to an Integer/,
    ],
    [
      'a text for a time',
      '/',
      sageMaker,
      '{"CreationTimeAfter":"x"}',
      400,
      /STRING_VALUE can not be converted to milliseconds since epoch/,
    ],
    ['a text for a list', '/', target('SageMaker.AddTags'), '{"Tags":"x"}', 400, /Unexpected field type/],
    ['a number out of range', '/', sageMaker, '{"MaxResults":1e12}', 400, /out of range of int/],
    ['deep nesting', '/', sageMaker, '['.repeat(200_000), 400, /"SerializationException"/],
    [
      'CBOR that is cut off',
      rpcPath('DescribeAlarms'),
      rpcHeaders,
      encode({ AlarmNames: ['a'] }).slice(0, -1),
      400,
      /SerializationException/,
    ],
    [
      'a form with a wrong number',
      '/',
      formHeaders,
      'Action=DescribeAlarms&Version=2010-08-01&MaxRecords=x',
      400,
      /<Code>MalformedInput</,
    ],
    [
      'a form with a wrong time',
      '/',
      formHeaders,
      'Action=DescribeAlarmHistory&Version=2010-08-01&StartDate=x',
      400,
      /timestamp must follow ISO8601/,
    ],
    ['a path that is no UTF-8', '/endpoints/%ff/invocations', {}, 'x', 400, /malformed path/],
    [
      'gzip that is none',
      '/',
      { ...sageMaker, 'content-encoding': 'gzip' },
      'x',
      400,
      /"SerializationException"/,
    ],
    [
      'gzip that is far larger than it looks',
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
      'a body beyond the limit',
      '/',
      sageMaker,
      Buffer.alloc(33 * 1024 * 1024),
      413,
      /"RequestEntityTooLargeException"/,
    ],
  ];
  for (const [what, path, headers, body, status, text] of broken) {
    it(`answers ${what} with an error of the protocol`, async () => {
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
    ['a service that is not there', '/', target('DynamoDB_20120810.ListTables'), '{}', 400, /is not known/],
    [
      'an operation named as a member of every object',
      '/',
      target('SageMaker.constructor'),
      '{}',
      400,
      /"UnknownOperationException"/,
    ],
  ];
  for (const [what, path, headers, body, status, text] of unknown) {
    it(`answers an unknown operation in its own way: ${what}`, async () => {
      const answer = await post(path, headers, body);
      assert.equal(answer.status, status);
      assert.match(answer.text, text);
    });
  }
});
