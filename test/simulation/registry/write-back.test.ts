/** The outcome is recorded on the candidate's version, and a failure to do so changes nothing else. */
import assert from 'node:assert/strict';
import { UpdateModelPackageCommand } from '@aws-sdk/client-sagemaker';
import type { Simulation } from '../../../src/simulation/simulation.js';
import { abortSignal } from '../../../src/workflows/messages.js';
import { role } from '../../e2e/live-endpoint.js';
import { trained } from '../../e2e/specs.js';
import { assertRunbookEntry } from '../../support/runbook.js';
import { endpoint, resultOf, until, workflowId } from '../waits/ranker-rollout.js';
import {
  addVersion,
  describeVersion,
  group,
  groupSpec,
  madeModelsFail,
  marksOf,
  newest,
  openWithGroup,
  timelineOf,
} from './registry-account.js';

const stages = {
  lifeCycle: {
    promoted: { stage: 'Production', status: 'Live' },
    rolledBack: { stage: 'Production', status: 'RolledBack' },
  },
  rejectRolledBack: true,
};

/** The worker dies before or after its nth call of an operation. */
function killAt(
  { network, temporal }: Simulation,
  operation: string,
  nth: number,
  stage: 'before' | 'after',
) {
  let seen = 0;
  network[stage] = (call) => {
    if (call.operation === operation && ++seen === nth) temporal.worker.restartAfter(30_000);
  };
  return () => seen;
}

describe('write-back', () => {
  it('stages of the spec: promoted -> the stage of a promotion, still Approved', async () => {
    const simulation = await openWithGroup();
    const version = await addVersion(simulation);
    simulation.startRollout(groupSpec(newest, stages));
    const { outcome, rolloutId } = await resultOf(simulation);
    assert.equal(outcome, 'promoted');
    const found = await describeVersion(simulation, version);
    assert.deepEqual(found.ModelLifeCycle, {
      Stage: 'Production',
      StageStatus: 'Live',
      StageDescription: `promoted by Penstock rollout ${rolloutId}`,
    });
    assert.equal(found.ModelApprovalStatus, 'Approved');
    await simulation.close();
  });

  it('stages of the spec: rolled back -> the stage of a rollback, and Rejected', async () => {
    const simulation = await openWithGroup();
    const version = await addVersion(simulation);
    await madeModelsFail(simulation, 0.5);
    simulation.startRollout(groupSpec(newest, stages));
    const { outcome, rolloutId, leftovers } = await resultOf(simulation);
    assert.deepEqual([outcome, leftovers], ['rolledBack', []]);
    const found = await describeVersion(simulation, version);
    assert.equal(found.ModelLifeCycle?.StageStatus, 'RolledBack');
    assert.equal(found.ModelApprovalStatus, 'Rejected');
    assert.equal(found.ApprovalDescription, `rolledBack by Penstock rollout ${rolloutId}`);
    await simulation.close();
  });

  it('default: rolled back -> marked only; approval and stage stay', async () => {
    const simulation = await openWithGroup();
    const version = await addVersion(simulation);
    await madeModelsFail(simulation, 0.5);
    simulation.startRollout(groupSpec());
    assert.equal((await resultOf(simulation)).outcome, 'rolledBack');
    const found = await describeVersion(simulation, version);
    assert.deepEqual([found.ModelApprovalStatus, found.ModelLifeCycle], ['Approved', undefined]);
    assert.equal(found.CustomerMetadataProperties?.['penstock:outcome'], 'rolledBack');
    await simulation.close();
  });

  it('abort: by a person -> marked as an abort, and not chosen again', async () => {
    const simulation = await openWithGroup();
    const version = await addVersion(simulation);
    simulation.startRollout(groupSpec());
    await until(simulation, ({ phase }) => phase === 'baking');
    await simulation.temporal.handle(workflowId).signal(abortSignal, { actor: 'ada', reason: 'wrong model' });
    const { outcome, rolloutId } = await resultOf(simulation);
    assert.equal(outcome, 'aborted');
    const marks = await marksOf(simulation, version);
    assert.equal(marks['penstock:outcome'], 'aborted');
    assert.equal(marks[`penstock:rolledBack:${endpoint}`], rolloutId);
    await simulation.close();
  });

  it('none, or a failure before the deployment -> the version stays as it was', async () => {
    const simulation = await openWithGroup();
    const version = await addVersion(simulation);
    const before = await describeVersion(simulation, version);
    const alarm = groupSpec(newest, undefined, { guardrails: [{ alarm: 'absent' }] });
    simulation.startRollout(alarm);
    assert.equal((await resultOf(simulation)).outcome, 'failed');
    simulation.startRollout(groupSpec({ package: version, role }, 'none'));
    assert.equal((await resultOf(simulation)).outcome, 'promoted');
    const after = await describeVersion(simulation, version);
    assert.deepEqual(
      [after.LastModifiedTime, after.CustomerMetadataProperties],
      [before.LastModifiedTime, before.CustomerMetadataProperties],
    );
    await simulation.close();
  });

  it('registered by the rollout: promoted -> its version is marked', async () => {
    const simulation = await openWithGroup();
    const models = { baseline: 'live', candidate: trained('ranker'), register: { group } };
    simulation.startRollout(groupSpec({}, undefined, { models }));
    const { outcome, version } = await resultOf(simulation);
    assert.equal(outcome, 'promoted');
    assert.match(version ?? '', /model-package\/rankers\/1$/);
    assert.equal((await marksOf(simulation, version!))['penstock:outcome'], 'promoted');
    await simulation.close();
  });

  for (const operation of ['UpdateModelPackage', 'DescribeModelPackage'])
    for (const stage of ['before', 'after'] as const)
      for (const nth of operation === 'UpdateModelPackage' ? [1] : [1, 2, 3, 4])
        it(`worker dies: ${stage} call ${nth} of ${operation} -> promoted, recorded once`, async () => {
          const simulation = await openWithGroup();
          const version = await addVersion(simulation);
          const calls = killAt(simulation, operation, nth, stage);
          simulation.startRollout(groupSpec(newest, stages));
          const { outcome, leftovers } = await resultOf(simulation);
          assert.deepEqual([outcome, leftovers], ['promoted', []]);
          assert.ok(calls() >= nth, `${calls()} calls`);
          const found = await describeVersion(simulation, version);
          assert.equal(found.CustomerMetadataProperties?.['penstock:outcome'], 'promoted');
          assert.equal(found.ModelLifeCycle?.StageStatus, 'Live');
          await simulation.close();
        });

  it('denied, as for a version of another account: promoted -> stays promoted, and is a leftover', async () => {
    const simulation = await openWithGroup();
    const version = await addVersion(simulation);
    simulation.emulator.faults.add({ operation: 'UpdateModelPackage', kind: 'accessDenied', count: 1_000 });
    simulation.startRollout(groupSpec({ package: version, role }));
    const result = await resultOf(simulation);
    const leftover = `record of the outcome on model package ${version}`;
    assert.deepEqual([result.outcome, result.leftovers], ['promoted', [leftover]]);
    const said = (await timelineOf(simulation)).find((message) => message.startsWith('could not record'));
    assertRunbookEntry(said, 'could not record the outcome on model package X: ...');
    await simulation.close();
  });

  it('unavailable for longer than its time: rolled back -> stays rolled back, and is a leftover', async () => {
    const simulation = await openWithGroup();
    await addVersion(simulation);
    await madeModelsFail(simulation, 0.5);
    simulation.emulator.faults.add({
      operation: 'UpdateModelPackage',
      kind: 'error500',
      count: 100_000,
    });
    simulation.startRollout(groupSpec());
    const { outcome, leftovers } = await resultOf(simulation);
    assert.equal(outcome, 'rolledBack');
    assert.equal(leftovers.length, 1);
    await simulation.close();
  });

  it('a rollout of another endpoint that ended later -> its marks stay', async () => {
    const simulation = await openWithGroup();
    const version = await addVersion(simulation);
    const others = {
      'penstock:outcome': 'promoted',
      'penstock:rollout': 'other-00000000',
      'penstock:endpoint': 'other',
      'penstock:endedAt': '2099-01-01T00:00:00.000Z',
    };
    await simulation.aws.sagemaker.send(
      new UpdateModelPackageCommand({ ModelPackageArn: version, CustomerMetadataProperties: others }),
    );
    await madeModelsFail(simulation, 0.5);
    simulation.startRollout(groupSpec(newest, stages));
    const { outcome, rolloutId, leftovers } = await resultOf(simulation);
    assert.deepEqual([outcome, leftovers], ['rolledBack', []]);
    assert.deepEqual(await marksOf(simulation, version), {
      owner: 'search',
      ...others,
      [`penstock:rolledBack:${endpoint}`]: rolloutId,
    });
    assert.equal((await describeVersion(simulation, version)).ModelApprovalStatus, 'Approved');
    await simulation.close();
  });
});
