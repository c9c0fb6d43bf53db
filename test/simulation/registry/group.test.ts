/** The candidate is the newest approved version of a model package group. */
import assert from 'node:assert/strict';
import { planQuery, statusQuery } from '../../../src/workflows/messages.js';
import { role } from '../../e2e/live-endpoint.js';
import { assertRunbookEntry } from '../../support/runbook.js';
import { endpoint, resultOf, until, workflowId } from '../waits/ranker-rollout.js';
import {
  addVersion,
  approve,
  groupSpec,
  madeModelsFail,
  marksOf,
  openWithGroup,
  timelineOf,
} from './registry-account.js';

describe('candidate of a model package group', () => {
  it('newest: a later version is pending -> the newest approved one is promoted, shown and marked', async () => {
    const simulation = await openWithGroup();
    await addVersion(simulation);
    const second = await addVersion(simulation);
    await addVersion(simulation, 'PendingManualApproval');
    simulation.startRollout(groupSpec());
    await until(simulation, ({ phase }) => phase === 'baking');
    const plan = await simulation.temporal.handle(workflowId).query(planQuery);
    assert.equal(plan?.models.candidate.kind === 'package' && plan.models.candidate.arn, second);
    const { variants } = await simulation.temporal.handle(workflowId).query(statusQuery);
    assert.deepEqual(
      variants.map(({ version }) => version),
      [null, second],
    );
    const result = await resultOf(simulation);
    assert.deepEqual([result.outcome, result.version, result.leftovers], ['promoted', second, []]);
    const { 'penstock:endedAt': endedAt, ...marks } = await marksOf(simulation, second);
    assert.deepEqual(marks, {
      owner: 'search',
      'penstock:outcome': 'promoted',
      'penstock:rollout': result.rolloutId,
      'penstock:endpoint': endpoint,
    });
    assert.ok(Date.parse(endedAt ?? '') <= Date.parse(result.endedAt));
    await simulation.close();
  });

  it('newest: approved during the rollout -> the rollout keeps its version', async () => {
    const simulation = await openWithGroup();
    const first = await addVersion(simulation);
    const second = await addVersion(simulation, 'PendingManualApproval');
    simulation.startRollout(groupSpec());
    await until(simulation, ({ phase }) => phase === 'baking');
    await approve(simulation, second);
    simulation.temporal.worker.restartAfter(60_000);
    const result = await resultOf(simulation);
    assert.deepEqual([result.outcome, result.version], ['promoted', first]);
    assert.equal((await marksOf(simulation, second))['penstock:outcome'], undefined);
    await simulation.close();
  });

  it('newest: rolled back before -> marked, skipped by the next rollout, and still chosen by its ARN', async () => {
    const simulation = await openWithGroup();
    const first = await addVersion(simulation);
    const second = await addVersion(simulation);
    await madeModelsFail(simulation, 0.5);
    simulation.startRollout(groupSpec());
    const rolledBack = await resultOf(simulation);
    assert.deepEqual([rolledBack.outcome, rolledBack.version], ['rolledBack', second]);
    assert.equal(
      (await marksOf(simulation, second))[`penstock:rolledBack:${endpoint}`],
      rolledBack.rolloutId,
    );
    await madeModelsFail(simulation, 0);

    simulation.startRollout(groupSpec());
    const next = await resultOf(simulation);
    assert.deepEqual([next.outcome, next.version], ['promoted', first]);
    const said = `version 2 was rolled back on ${endpoint} by ${rolledBack.rolloutId}`;
    assert.ok((await timelineOf(simulation)).some((message) => message.includes(said)));

    simulation.startRollout(groupSpec());
    const refused = await resultOf(simulation);
    assert.equal(refused.outcome, 'failed');
    assertRunbookEntry(
      refused.reason,
      'version N of model package group G is the newest approved one, and serves already...; approve a newer version, or name one with package',
    );
    assert.match(refused.reason, /rolled back before, and skipped: 2/);

    simulation.startRollout(groupSpec({ package: second, role }));
    assert.equal((await resultOf(simulation)).outcome, 'promoted');
    const marks = await marksOf(simulation, second);
    assert.equal(marks['penstock:outcome'], 'promoted');
    assert.equal(marks[`penstock:rolledBack:${endpoint}`], undefined);
    await simulation.close();
  });

  it('newest: every approved version was rolled back -> refused, names the newest', async () => {
    const simulation = await openWithGroup();
    await addVersion(simulation);
    await madeModelsFail(simulation, 0.5);
    simulation.startRollout(groupSpec());
    assert.equal((await resultOf(simulation)).outcome, 'rolledBack');
    simulation.startRollout(groupSpec());
    const { outcome, reason } = await resultOf(simulation);
    assert.equal(outcome, 'failed');
    assertRunbookEntry(
      reason,
      'every approved version of model package group G was rolled back, the newest one, version N, on churn by R; approve a newer version, or name one with package',
    );
    await simulation.close();
  });

  it('newest: no approved version, or no such group -> refused before anything is made', async () => {
    const simulation = await openWithGroup();
    await addVersion(simulation, 'Rejected');
    simulation.startRollout(groupSpec());
    const none = await resultOf(simulation);
    assertRunbookEntry(
      none.reason,
      'model package group G has no approved version; approve one, or name a version with package',
    );
    simulation.startRollout(groupSpec({ group: 'absent', approved: 'newest', role }));
    const absent = await resultOf(simulation);
    assert.deepEqual([none.outcome, absent.outcome], ['failed', 'failed']);
    assertRunbookEntry(
      absent.reason,
      'model package group G does not exist in the account and region of this worker; set models.candidate.group to one that does, or name a version of another account with package',
    );
    await simulation.close();
  });

  it('newest: more than a page of versions -> the newest', async () => {
    const simulation = await openWithGroup();
    let last = '';
    for (let n = 0; n < 120; n++) last = await addVersion(simulation);
    simulation.startRollout(groupSpec());
    await until(simulation, ({ phase }) => phase === 'baking');
    const { variants } = await simulation.temporal.handle(workflowId).query(statusQuery);
    assert.equal(variants[1]?.version, last);
    await simulation.close();
  });
});
