/** Service Quotas, IAM's policy simulator and STS, as the preflight asks them. */
import assert from 'node:assert/strict';
import { IAM } from '@aws-sdk/client-iam';
import { SageMaker } from '@aws-sdk/client-sagemaker';
import { paginateListServiceQuotas, ServiceQuotas } from '@aws-sdk/client-service-quotas';
import { STS } from '@aws-sdk/client-sts';
import { startEmulator, type Emulator } from '../../../src/emulator/emulator.js';

const limited = 'ml.m5.large for endpoint usage';

describe('emulator: quotas, permissions and identity', () => {
  let emulator: Emulator;
  before(async () => {
    emulator = await startEmulator({
      sageMaker: { instanceLimits: { [limited]: 4 } },
      deniedActions: ['sagemaker:ListModels', 'cloudwatch:DescribeAlarms'],
    });
  });
  after(() => emulator.stop());

  async function quotasIn(region: string) {
    const client = new ServiceQuotas({ ...emulator.awsConfig, region });
    const found = [];
    for await (const { Quotas = [] } of paginateListServiceQuotas({ client }, { ServiceCode: 'sagemaker' }))
      found.push(...Quotas);
    return found;
  }

  it('ListServiceQuotas: pages -> each instance type once, with the limits of its region', async () => {
    const quotas = await quotasIn('us-east-1');
    assert.ok(quotas.length > 400);
    assert.equal(new Set(quotas.map(({ QuotaCode }) => QuotaCode)).size, quotas.length);
    assert.equal(quotas.find(({ QuotaName }) => QuotaName === limited)?.Value, 4);
    const elsewhere = await quotasIn('eu-west-1');
    assert.equal(elsewhere.find(({ QuotaName }) => QuotaName === limited)?.Value, 10_000_000_000);
  });

  it('GetServiceQuota: code of the list -> that quota, unknown code -> NoSuchResourceException', async () => {
    const client = new ServiceQuotas(emulator.awsConfig);
    const listed = (await quotasIn('us-east-1')).find(({ QuotaName }) => QuotaName === limited);
    const ServiceCode = 'sagemaker';
    const { Quota } = await client.getServiceQuota({ ServiceCode, QuotaCode: listed?.QuotaCode });
    assert.deepEqual(Quota, listed);
    await assert.rejects(client.getServiceQuota({ ServiceCode, QuotaCode: 'L-00000000' }), {
      name: 'NoSuchResourceException',
    });
  });

  it('GetCallerIdentity -> a session of a role in the account', async () => {
    const { Account, Arn } = await new STS(emulator.awsConfig).getCallerIdentity({});
    assert.deepEqual(
      [Account, Arn],
      ['123456789012', 'arn:aws:sts::123456789012:assumed-role/emulator/emulator'],
    );
  });

  it('SimulatePrincipalPolicy: denied actions -> implicitDeny, and the calls are refused', async () => {
    const iam = new IAM(emulator.awsConfig);
    const PolicySourceArn = 'arn:aws:iam::123456789012:role/emulator';
    const ActionNames = ['sagemaker:CreateModel', 'sagemaker:listmodels', 'cloudwatch:DescribeAlarms'];
    const { EvaluationResults = [] } = await iam.simulatePrincipalPolicy({ PolicySourceArn, ActionNames });
    assert.deepEqual(
      EvaluationResults.map(({ EvalDecision }) => EvalDecision),
      ['allowed', 'implicitDeny', 'implicitDeny'],
    );
    await assert.rejects(new SageMaker(emulator.awsConfig).listModels({}), { name: 'AccessDeniedException' });
    await assert.rejects(
      iam.simulatePrincipalPolicy({
        PolicySourceArn: 'arn:aws:sts::123456789012:assumed-role/a/b',
        ActionNames,
      }),
      { name: 'InvalidInputException' },
    );
  });
});
