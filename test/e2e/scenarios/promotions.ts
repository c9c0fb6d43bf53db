import assert from 'node:assert/strict';
import { DescribeTrainingJobCommand, ListModelPackagesCommand } from '@aws-sdk/client-sagemaker';
import type { Group } from '../scenario.js';
import { newServe, specOf, trained } from '../specs.js';

export const promotions: Group = {
  about: 'healthy candidates',
  scenarios: [
    {
      it: 'new endpoint: both models are trained and registered -> candidate is promoted by canary',
      async run(environment) {
        const models = {
          baseline: trained('small'),
          candidate: trained('large'),
          register: { group: 'newborn', approval: 'automatic' },
        };
        await environment.sendUsers('newborn');
        const rollout = await environment.start(specOf('newborn', { models, serve: newServe }));
        const { result, phases, shares } = await rollout.expectOutcome('promoted');
        const { baseline, candidate } = rollout.names.singleConfig;
        assert.equal(result.serving, candidate);
        assert.deepEqual(phases, [
          'preflight',
          'training',
          'registering',
          'deploying',
          'shifting',
          'baking',
          'shifting',
          'baking',
          'promoting',
          'cleaningUp',
          'ended',
        ]);
        assert.deepEqual(shares, [0, 50, 100]);
        const variant = rollout.names.variant.baseline;
        await rollout.assertPromoted({ model: candidate, count: 1, kept: [], variant });
        for (const TrainingJobName of [baseline, candidate]) {
          const job = await environment.sagemaker.send(new DescribeTrainingJobCommand({ TrainingJobName }));
          assert.equal(job.TrainingJobStatus, 'Completed');
        }
        const list = new ListModelPackagesCommand({ ModelPackageGroupName: 'newborn' });
        const { ModelPackageSummaryList: versions = [] } = await environment.sagemaker.send(list);
        assert.deepEqual(
          versions.map((version) => version.ModelApprovalStatus),
          ['Approved', 'Approved'],
        );
      },
    },
    {
      it: 'standard strategy: live model -> replaced in one step, previous config kept for a later rollback',
      async run(environment) {
        await environment.putLive('standard');
        const strategy = { standard: { bake: '10s' } };
        const rollout = await environment.start(specOf('standard', { strategy }));
        const { result, shares } = await rollout.expectOutcome('promoted');
        assert.equal(result.serving, 'standard-2');
        assert.deepEqual(shares, [0, 100]);
        await rollout.assertReplaced();
        assert.equal(environment.effects('CreateModel', 'standard'), 2, 'only the models of the test itself');
      },
    },
  ],
};
