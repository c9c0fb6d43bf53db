/** deploy/eventbridge/template.yaml: valid CloudFormation, and the rule matches approvals only. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { approvalIn } from '../../src/client/approvals/approval-event.js';
import { runTool } from '../../src/servers/run-tool.js';
import { approvalEvent } from '../client/approvals/approval.js';
import { pythonEnv } from '../support/python-env.js';

const file = fileURLToPath(new URL('../../deploy/eventbridge/template.yaml', import.meta.url));

type Pattern = { [member: string]: Pattern | unknown[] };

interface Template {
  Resources: Record<
    string,
    { Type: string; Properties: { EventPattern?: Pattern } & Record<string, unknown> }
  >;
}

/** Without CloudFormation's functions: `!Ref Group` is `Group`. */
const template = parse(readFileSync(file, 'utf8'), { logLevel: 'silent' }) as Template;

/**
 * Values in a list are alternatives, and one of a list in the event is enough:
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern.html
 */
function matches(pattern: Pattern, event: unknown): boolean {
  return Object.entries(pattern).every(([member, wanted]) => {
    const found = (event as Record<string, unknown> | undefined)?.[member];
    if (!Array.isArray(wanted)) return matches(wanted, found);
    return [found].flat().some((value) => wanted.includes(value));
  });
}

describe('deploy/eventbridge', () => {
  it('template.yaml: cfn-lint -> no finding', async () => {
    const { cfnLint } = await pythonEnv();
    assert.equal((await runTool(cfnLint, [file])).trim(), '');
  }).timeout(600_000);

  it('rule: events of a version -> those that the function takes for approvals, no others', () => {
    const { EventPattern = {} } = template.Resources['Approved']?.Properties ?? {};
    const events = [
      approvalEvent(),
      approvalEvent({ UpdatedModelPackageFields: ['ModelApprovalStatus'] }),
      approvalEvent({ UpdatedModelPackageFields: ['CustomerMetadataProperties'] }),
      approvalEvent({ UpdatedModelPackageFields: ['ModelLifeCycle'] }),
      approvalEvent({ UpdatedModelPackageFields: undefined }),
      approvalEvent({ ModelApprovalStatus: 'Rejected' }),
      approvalEvent({ ModelApprovalStatus: 'PendingManualApproval' }),
      { ...approvalEvent(), 'detail-type': 'SageMaker Endpoint State Change' },
    ];
    const group = { ...(EventPattern['detail'] as Pattern), ModelPackageGroupName: ['churn'] };
    const pattern: Pattern = { ...EventPattern, detail: group };
    for (const event of events)
      assert.equal(matches(pattern, event), approvalIn(event) !== null, JSON.stringify(event.detail));
    assert.ok(!matches(pattern, approvalEvent({ ModelPackageGroupName: 'fraud' })));
  });

  it('failed events -> kept for 14 days, whether the function or the delivery failed', () => {
    const properties = (name: string) => template.Resources[name]?.Properties;
    assert.equal(properties('Failed')?.['MessageRetentionPeriod'], 14 * 86_400);
    assert.deepEqual(properties('Retries')?.['DestinationConfig'], {
      OnFailure: { Destination: 'Failed.Arn' },
    });
    const [target] = properties('Approved')?.['Targets'] as { DeadLetterConfig: object }[];
    assert.deepEqual(target?.DeadLetterConfig, { Arn: 'Failed.Arn' });
  });
});
