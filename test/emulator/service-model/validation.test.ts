import assert from 'node:assert/strict';
import { type Account, createShop, openAccount } from '../aws-account.js';
import { signed } from '../http/signed.js';

const name = '[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}';
const arn = 'arn:aws:sagemaker:us-east-1:123456789012:endpoint/shop';
const broken = (...violations: string[]) =>
  `${violations.length} validation error${violations.length > 1 ? 's' : ''} detected: ${violations.join('; ')}`;
const at = (path: string, value: string, constraint: string) =>
  `Value ${value} at '${path}' failed to satisfy constraint: ${constraint}`;

/** Service and operation, input, error code, message. */
const refusals: [string, unknown, string, string][] = [
  [
    'SageMaker.DescribeEndpoint',
    {},
    'ValidationException',
    broken(at('endpointName', 'null', 'Member must not be null')),
  ],
  [
    'SageMaker.CreateEndpoint',
    { EndpointName: 'a_b', EndpointConfigName: '' },
    'ValidationException',
    broken(
      at('endpointConfigName', "''", `Member must satisfy regular expression pattern: ${name}`),
      at('endpointName', "'a_b'", `Member must satisfy regular expression pattern: ${name}`),
    ),
  ],
  [
    'SageMaker.AddTags',
    {
      ResourceArn: arn,
      Tags: [
        { Key: 'a', Value: 'b' },
        { Key: '', Value: '#' },
      ],
    },
    'ValidationException',
    broken(
      at('tags.2.member.key', "''", 'Member must have length greater than or equal to 1'),
      at(
        'tags.2.member.value',
        "'#'",
        'Member must satisfy regular expression pattern: ([\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*)',
      ),
    ),
  ],
  [
    'SageMaker.CreateModel',
    {
      ModelName: 'm',
      PrimaryContainer: { Image: 'simulated/m', Environment: { 'a b': '1' } },
    },
    'ValidationException',
    broken(
      at(
        'primaryContainer.environment',
        "'{a b=1}'",
        'Map keys must satisfy constraint: [Member must have length less than or equal to 1024, Member must have length greater than or equal to 0, Member must satisfy regular expression pattern: [a-zA-Z_][a-zA-Z0-9_]*]',
      ),
    ),
  ],
  [
    'GraniteServiceVersion20100801.DeleteAlarms',
    { AlarmNames: ['fine', ''] },
    'ValidationException',
    broken(
      at(
        'alarmNames',
        "'[fine, ]'",
        'Member must satisfy constraint: [Member must have length less than or equal to 255, Member must have length greater than or equal to 1]',
      ),
    ),
  ],
  [
    'SageMaker.ListEndpoints',
    { MaxResults: 101, SortOrder: 'Up' },
    'ValidationException',
    broken(
      at('maxResults', "'101'", 'Member must have value less than or equal to 100'),
      at('sortOrder', "'Up'", 'Member must satisfy enum value set: [Ascending, Descending]'),
    ),
  ],
  [
    'GraniteServiceVersion20100801.DescribeAlarms',
    { AlarmNames: Array.from({ length: 101 }, () => 'a') },
    'ValidationException',
    broken(
      at(
        'alarmNames',
        `'[${Array.from({ length: 101 }, () => 'a').join(', ')}]'`,
        'Member must have length less than or equal to 100',
      ),
    ),
  ],
  [
    'GraniteServiceVersion20100801.PutMetricData',
    { MetricData: [{ Value: 1 }, { MetricName: 'm', Dimensions: [{ Name: 'd' }] }] },
    'MissingRequiredParameterException',
    'The parameter Namespace is required.\nThe parameter MetricData.member.1.MetricName is required.\nThe parameter MetricData.member.2.Dimensions.member.1.Value is required.',
  ],
  [
    'GraniteServiceVersion20100801.PutMetricData',
    { Namespace: 'Shop', MetricData: [{ MetricName: 'm'.repeat(256), Value: 1, StorageResolution: 0 }] },
    'InvalidParameterValueException',
    'The parameter MetricData.member.1.MetricName must be shorter than 256 characters.\nThe value 0 for parameter MetricData.member.1.StorageResolution is invalid.',
  ],
  [
    'GraniteServiceVersion20100801.PutMetricData',
    {
      Namespace: 'Shop',
      MetricData: [
        {
          MetricName: 'm',
          Dimensions: Array.from({ length: 31 }, (_, n) => ({ Name: `d${n}`, Value: 'v' })),
        },
      ],
    },
    'InvalidParameterValueException',
    'The collection MetricData.member.1.Dimensions must not have a size greater than 30.',
  ],
];

describe('request', () => {
  let account: Account;
  before(async () => {
    account = await openAccount();
    await createShop(account, { a: 1 });
  });
  after(() => account.emulator.stop());

  async function call(
    target: string,
    input: unknown,
  ): Promise<{ status: number; answer: Record<string, unknown> }> {
    const response = await fetch(account.emulator.url, {
      method: 'POST',
      headers: { ...signed, 'x-amz-target': target },
      body: JSON.stringify(input),
    });
    return { status: response.status, answer: (await response.json()) as Record<string, unknown> };
  }

  for (const [target, input, code, message] of refusals) {
    it(`${target.split('.')[1]}: invalid request -> ${message.slice(0, 90)}`, async () => {
      const { status, answer } = await call(target, input);
      assert.deepEqual({ status, ...answer }, { status: 400, __type: code, message });
    });
  }

  it('InvokeEndpoint: invalid request -> ValidationError', async () => {
    await assert.rejects(
      account.runtime.invokeEndpoint({ EndpointName: 'shop', Body: 'x', TargetVariant: 'a_b' }),
      { name: 'ValidationError', message: /^1 validation error detected: Value 'a_b' at 'targetVariant' / },
    );
  });

  it('validation error: sensitive member -> its value is not shown', async () => {
    await assert.rejects(
      account.runtime.invokeEndpoint({
        EndpointName: 'shop',
        Body: 'x',
        CustomAttributes: 'secret'.repeat(200),
      }),
      { message: /^1 validation error detected: Value at 'customAttributes' failed/ },
    );
  });

  it('request: unknown members and null -> ignored', async () => {
    const { status, answer } = await call('SageMaker.DescribeEndpoint', {
      EndpointName: 'shop',
      NoSuchMember: { a: 1 },
      AnotherOne: null,
      __proto__: { EndpointName: 'other' },
    });
    assert.equal(status, 200);
    assert.equal(answer['EndpointName'], 'shop');
    const missing = await call('SageMaker.DescribeEndpoint', { EndpointName: null });
    assert.match(String(missing.answer['message']), /'endpointName' failed .* must not be null$/);
  });

  it('request: timestamps -> read as Dates in every operation', async () => {
    const { answer } = await call('SageMaker.ListEndpoints', { CreationTimeAfter: 1e9, MaxResults: 5.9 });
    assert.equal((answer['Endpoints'] as unknown[]).length, 1);
  });

  it('request: violates the model -> no effect', async () => {
    await call('SageMaker.AddTags', { ResourceArn: arn, Tags: [{ Key: 'a', Value: 'b' }, { Key: '' }] });
    assert.deepEqual((await account.sageMaker.listTags({ ResourceArn: arn })).Tags, []);
  });

  it('response: every operation -> only members of the model', async () => {
    const { answer } = await call('SageMaker.DescribeEndpointConfig', { EndpointConfigName: 'shop-config' });
    assert.equal('Tags' in answer, false);
    assert.equal(typeof answer['CreationTime'], 'number');
  });
});
