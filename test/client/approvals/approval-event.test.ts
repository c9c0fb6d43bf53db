import assert from 'node:assert/strict';
import { InvalidApprovalEvent } from '../../../src/client.js';
import { approvalIn } from '../../../src/client/approvals/approval-event.js';
import { assertRunbookEntry } from '../../support/runbook.js';
import { approvalEvent, versionArn } from './approval.js';

describe('approval event', () => {
  it('approvalIn: version became Approved -> its ARN, its group, and when', () => {
    const at = '2021-02-24T17:00:14Z';
    assert.deepEqual(approvalIn(approvalEvent()), { version: versionArn, group: 'churn', at });
    const { LastModifiedTime, ...detail } = approvalEvent().detail;
    assert.equal(approvalIn({ ...approvalEvent(), detail })?.at, LastModifiedTime);
  });

  const others: [string, unknown][] = [
    ['marks of a rollout', approvalEvent({ UpdatedModelPackageFields: ['CustomerMetadataProperties'] })],
    ['new stage', approvalEvent({ UpdatedModelPackageFields: ['ModelLifeCycle'] })],
    ['version that was created as Approved', approvalEvent({ UpdatedModelPackageFields: undefined })],
    ['rejection', approvalEvent({ ModelApprovalStatus: 'Rejected' })],
    ['event of an endpoint', { ...approvalEvent(), 'detail-type': 'SageMaker Endpoint State Change' }],
    ['no event', null],
  ];
  for (const [name, event] of others)
    it(`approvalIn: ${name} -> no approval`, () => assert.equal(approvalIn(event), null));

  const invalid: [string, object][] = [
    ['ModelPackageArn', { ModelPackageArn: 'churn/2' }],
    ['ModelPackageGroupName', { ModelPackageGroupName: undefined }],
    ['LastModifiedTime', { LastModifiedTime: 'yesterday' }],
  ];
  for (const [member, detail] of invalid)
    it(`approvalIn: ${member} is not in its form -> rejected, names the member`, () => {
      assert.throws(
        () => approvalIn(approvalEvent(detail)),
        (error: Error) => {
          assert.ok(error instanceof InvalidApprovalEvent);
          assertRunbookEntry(error.message, 'Cannot read the approval: ...');
          return error.message.includes(`detail.${member}`);
        },
      );
    });
});
