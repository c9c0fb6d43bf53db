import assert from 'node:assert/strict';
import { DescribeTrainingJobCommand, ListModelPackagesCommand } from '@aws-sdk/client-sagemaker';
import type { Group } from '../scenario.js';
import { newServe, specOf, trained } from '../specs.js';

export const promotions: Group = {
  about: 'a rollout whose candidate is sound',
  scenarios: [
    {
      it: 'trains and registers both models of a new endpoint, and promotes B by canary',
      async play(stage) {
        const models = {
          baseline: trained('small'),
          candidate: trained('large'),
          register: { group: 'newborn', approval: 'automatic' },
        };
        await stage.sendUsers('newborn');
        const rollout = await stage.start(specOf('newborn', { models, serve: newServe }));
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
          'promoting',
          'cleaningUp',
          'ended',
        ]);
        assert.deepEqual(shares, [0, 50, 100]);
        await rollout.assertPromoted({ model: candidate, count: 1, kept: [] });
        for (const TrainingJobName of [baseline, candidate]) {
          const job = await stage.sagemaker.send(new DescribeTrainingJobCommand({ TrainingJobName }));
          assert.equal(job.TrainingJobStatus, 'Completed');
        }
        const list = new ListModelPackagesCommand({ ModelPackageGroupName: 'newborn' });
        const { ModelPackageSummaryList: versions = [] } = await stage.sagemaker.send(list);
        assert.deepEqual(
          versions.map((version) => version.ModelApprovalStatus),
          ['Approved', 'Approved'],
        );
      },
    },
    {
      it: 'replaces a live model at once by the standard strategy, and leaves its config for a way back',
      async play(stage) {
        await stage.putLive('standard');
        const strategy = { standard: { bake: '10s' } };
        const rollout = await stage.start(specOf('standard', { strategy }));
        const { result, shares } = await rollout.expectOutcome('promoted');
        assert.equal(result.serving, 'standard-2');
        assert.deepEqual(shares, [0, 100]);
        await rollout.assertReplaced();
        assert.equal(stage.effects('CreateModel', 'standard'), 2, 'only those that the test itself made');
      },
    },
  ],
};
