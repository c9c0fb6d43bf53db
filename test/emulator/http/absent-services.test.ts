import assert from 'node:assert/strict';
import { decode } from 'cborg';
import { type Account, openAccount } from '../aws-account.js';
import { signed } from './signed.js';

describe('absent services', () => {
  let account: Account;
  before(async () => (account = await openAccount()));
  after(() => account.emulator.stop());

  async function send(service: string, headers: Record<string, string>, path = '/', body = '') {
    const authorization = signed.authorization.replace('/monitoring/', `/${service}/`);
    const response = await fetch(account.emulator.url + path, {
      method: 'POST',
      headers: { ...signed, ...headers, authorization },
      body,
    });
    return {
      status: response.status,
      headers: response.headers,
      body: Buffer.from(await response.arrayBuffer()),
    };
  }

  const message = (service: string, operation: string) =>
    new RegExp(`^The emulator does not have the service ${service}, so it cannot run ${operation}\\.`);

  it('absent service: JSON -> error that names the service of the signature', async () => {
    const headers = {
      'x-amz-target': 'RedshiftData.ExecuteStatement',
      'content-type': 'application/x-amz-json-1.1',
    };
    const { status, body } = await send('redshift-data', headers, '/', '{}');
    const error = JSON.parse(body.toString()) as { __type: string; message: string };
    assert.deepEqual([status, error.__type], [400, 'UnknownOperationException']);
    assert.match(error.message, message('redshift-data', 'ExecuteStatement'));
  });

  it('absent service: query -> the same in XML', async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const form = 'Action=DescribeStacks&Version=2010-05-15';
    const { status, body } = await send('cloudformation', headers, '/', form);
    assert.equal(status, 400);
    assert.match(
      body.toString(),
      /<Code>InvalidAction<\/Code><Message>The emulator does not have the service cloudformation,/,
    );
  });

  it('absent service: REST or CBOR -> the same in the format of the request', async () => {
    const rest = await send('lambda', {}, '/2015-03-31/functions');
    assert.equal(rest.headers.get('x-amzn-errortype'), 'UnknownOperationException');
    assert.match(rest.body.toString(), /does not have the service lambda/);
    const cbor = await send('other', { 'smithy-protocol': 'rpc-v2-cbor' }, '/service/Other/operation/Go');
    assert.match((decode(cbor.body) as { message: string }).message, message('other', 'Go'));
  });

  it('absent service: S3 -> the same in XML, which its clients read', async () => {
    const { status, body } = await send('s3', {}, '/bucket/key');
    assert.equal(status, 400);
    assert.match(
      body.toString(),
      /^<Error><Code>UnknownOperationException<\/Code><Message>The emulator does not have the service s3, so it cannot run POST \/bucket\/key\./,
    );
  });

  it('absent service: call -> logged as rejected', () => {
    assert.equal(account.emulator.calls.count('DescribeStacks', 'UnknownOperationException'), 1);
  });
});
