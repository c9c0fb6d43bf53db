/** A person approves model versions in SageMaker's registry. */
import assert from 'node:assert/strict';
import { ListModelPackagesCommand, UpdateModelPackageCommand } from '@aws-sdk/client-sagemaker';
import type { Simulation } from '../../../src/simulation/simulation.js';
import { newServe, specOf, trained } from '../../e2e/specs.js';
import { assertRunbookEntry } from '../../support/runbook.js';
import { openWithEndpoint } from '../simulated-account.js';
import { endpoint, resultOf, until } from './ranker-rollout.js';

const group = 'ranker-models';

async function versionsOf({ aws }: Simulation): Promise<string[]> {
  const { ModelPackageSummaryList = [] } = await aws.sagemaker.send(
    new ListModelPackagesCommand({
      ModelPackageGroupName: group,
      ModelApprovalStatus: 'PendingManualApproval',
    }),
  );
  return ModelPackageSummaryList.map(({ ModelPackageArn = '' }) => ModelPackageArn);
}

async function approve({ aws }: Simulation, ModelPackageArn: string): Promise<void> {
  await aws.sagemaker.send(
    new UpdateModelPackageCommand({ ModelPackageArn, ModelApprovalStatus: 'Approved' }),
  );
}

describe('approval in the registry', () => {
  it('two trained models -> both wait for their approval at the same time', async () => {
    const simulation = await openWithEndpoint('other', { leaveOutIdlePolls: true });
    simulation.startRollout(
      specOf(endpoint, {
        models: {
          baseline: trained('good'),
          candidate: trained('good'),
          register: { group, approval: 'manual' },
        },
        serve: newServe,
        strategy: { canary: { steps: ['50%'], bake: '1m' } },
        guardrails: [],
      }),
    );
    const isAsking = (text: string) => (now: { waitingFor: { what: string } | null }) =>
      now.waitingFor?.what === text;
    const both = `approval of the baseline and the candidate in model package group ${group}`;
    assertRunbookEntry(
      (await until(simulation, isAsking(both))).waitingFor?.what,
      'approval of the baseline and the candidate in model package group G',
    );
    const [ofCandidate, ofBaseline, ...others] = await versionsOf(simulation);
    assert.ok(ofCandidate !== undefined && ofBaseline !== undefined && others.length === 0);
    await approve(simulation, ofBaseline);
    const { waitingFor } = await until(simulation, (now) => !isAsking(both)(now));
    assertRunbookEntry(waitingFor?.what, 'approval of the candidate in model package group G');
    await approve(simulation, ofCandidate);
    const { outcome, reason } = await resultOf(simulation);
    assert.equal(outcome, 'promoted', reason);
    await simulation.close();
  });
});
