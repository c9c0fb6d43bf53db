/** The event of an approval, as SageMaker documents it. */
export const versionArn = 'arn:aws:sagemaker:us-east-2:111122223333:model-package/churn/2';

/**
 * `detail`: members that differ. The event, without the parts of the specification that nothing reads, is the example of
 * https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html#eventbridge-model-package
 */
export function approvalEvent(detail: object = {}, id = '844e2571-85d4-695f-b930-0153b71dcb42') {
  return {
    version: '0',
    id,
    'detail-type': 'SageMaker Model Package State Change',
    source: 'aws.sagemaker',
    account: '111122223333',
    time: '2021-02-24T17:00:14Z',
    region: 'us-east-2',
    resources: [versionArn],
    detail: {
      ModelPackageGroupName: 'churn',
      ModelPackageVersion: 2,
      ModelPackageArn: versionArn,
      CreationTime: '2021-02-24T17:00:14Z',
      ModelPackageStatus: 'Completed',
      ModelApprovalStatus: 'Approved',
      ModelLifeCycle: { Stage: 'Development', StageStatus: 'Approved', StageDescription: 'StageDescription' },
      UpdatedModelPackageFields: ['ModelApprovalStatus', 'ApprovalDescription'],
      LastModifiedTime: '2021-02-24T17:00:14Z',
      ...detail,
    },
  };
}
