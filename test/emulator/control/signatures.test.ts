import assert from 'node:assert/strict';
import { type Account, openAccount } from '../aws-account.js';

const scope = 'AKIDEXAMPLE/20260301/us-east-1/sagemaker/aws4_request';
const signature = '0123456789abcdef'.repeat(4);
const whole = {
  Credential: scope,
  SignedHeaders: 'host;x-amz-date',
  Signature: signature,
};

function authorization(parts: Partial<typeof whole>, algorithm = 'AWS4-HMAC-SHA256'): string {
  const listed = Object.entries({ ...whole, ...parts }).filter(([, value]) => value !== '');
  return `${algorithm} ${listed.map(([name, value]) => `${name}=${value}`).join(', ')}`;
}

describe('request signature', () => {
  let account: Account;
  before(async () => (account = await openAccount()));
  after(() => account.emulator.stop());

  const sageMaker = {
    'content-type': 'application/x-amz-json-1.1',
    'x-amz-target': 'SageMaker.ListEndpoints',
    'x-amz-date': '20260301T120000Z',
  };

  async function send(headers: Record<string, string>, path = '/', body = '{}') {
    const response = await fetch(account.emulator.url + path, { method: 'POST', headers, body });
    return { status: response.status, headers: response.headers, text: await response.text() };
  }

  it('request signature: any credentials -> accepted', async () => {
    const { status } = await send({ ...sageMaker, authorization: authorization({}) });
    assert.equal(status, 200);
  });

  it('request signature: missing -> error in the format of each protocol', async () => {
    const json = await send(sageMaker);
    assert.equal(json.status, 403);
    assert.equal((JSON.parse(json.text) as { __type: string }).__type, 'MissingAuthenticationToken');
    const rest = await send({ 'content-type': 'text/plain' }, '/endpoints/shop/invocations');
    assert.equal(rest.status, 403);
    assert.equal(rest.headers.get('x-amzn-errortype'), 'MissingAuthenticationToken');
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const query = await send(form, '/', 'Action=DescribeAlarms&Version=2010-08-01');
    assert.equal(query.status, 403);
    assert.match(query.text, /<Code>MissingAuthenticationToken<\/Code>/);
    assert.equal(account.emulator.calls.count('DescribeAlarms', 'MissingAuthenticationToken'), 1);
  });

  it('request signature: in the query -> accepted', async () => {
    const parts = { Algorithm: 'AWS4-HMAC-SHA256', ...whole, Date: '20260301T120000Z', Expires: '60' };
    const presigned = (changes: object) => {
      const named = Object.entries({ ...parts, ...changes }).map(([name, value]) => [`X-Amz-${name}`, value]);
      return `/?${new URLSearchParams(Object.fromEntries(named) as Record<string, string>).toString()}`;
    };
    assert.equal((await send(sageMaker, presigned({}))).status, 200);
    assert.equal((await send(sageMaker, presigned({ Date: 'today' }))).status, 400);
  });

  const malformed: Record<string, string> = {
    'without a signature': authorization({ Signature: '' }),
    'without signed headers': authorization({ SignedHeaders: '' }),
    'another algorithm': authorization({}, 'AWS4-HMAC-SHA1'),
    'a password': 'Basic YTpi',
    'a scope without a region': authorization({ Credential: 'AKIDEXAMPLE/20260301/sagemaker/aws4_request' }),
    'not hexadecimal': authorization({ Signature: 'x'.repeat(64) }),
  };
  for (const [problem, header] of Object.entries(malformed)) {
    it(`request signature: ${problem} -> refused, and not quoted`, async () => {
      const { status, text } = await send({ ...sageMaker, authorization: header });
      assert.equal(status, 400);
      assert.equal((JSON.parse(text) as { __type: string }).__type, 'IncompleteSignature');
      assert.doesNotMatch(text, /AKIDEXAMPLE|YTpi|xxxx/);
      assert.doesNotMatch(JSON.stringify([...account.emulator.calls]), /AKIDEXAMPLE/);
    });
  }
});
