import assert from 'node:assert/strict';
import type { Outcome } from '../../../src/plan/outcome.js';
import type { ChildState, WaveRollout } from '../../../src/workflows/waves/messages.js';
import { countOutcomes, outcomeOfWaves } from '../../../src/workflows/waves/outcome.js';

type End = Outcome | Exclude<ChildState, 'ended'>;
const states = new Set<string>(['waiting', 'notStarted', 'running', 'rollbackWindow', 'terminated']);

function rolloutsOf(ends: End[]): WaveRollout[] {
  return ends.map((end, index) => ({
    endpoint: `e${index}`,
    workflowId: `rollout:e${index}`,
    wave: 1,
    state: states.has(end) ? (end as ChildState) : 'ended',
    outcome: states.has(end) ? null : (end as Outcome),
    reason: '',
    serving: null,
  }));
}

describe('outcome of waves', () => {
  const cases: [End[], Outcome][] = [
    [['promoted', 'promoted'], 'promoted'],
    [['promoted', 'rolledBack'], 'inconclusive'],
    [['promoted', 'waiting'], 'inconclusive'],
    [['promoted', 'notStarted'], 'inconclusive'],
    [['rolledBack', 'aborted', 'waiting'], 'rolledBack'],
    [['aborted', 'aborted'], 'aborted'],
    [['inconclusive', 'waiting'], 'inconclusive'],
    [['failed', 'waiting'], 'failed'],
    [['notStarted', 'waiting'], 'failed'],
    [['promoted', 'rollbackFailed'], 'rollbackFailed'],
    [['promoted', 'terminated'], 'rollbackFailed'],
  ];
  for (const [ends, outcome] of cases)
    it(`waves: ${ends.join(', ')} -> ${outcome}`, () =>
      assert.equal(outcomeOfWaves(rolloutsOf(ends), false), outcome));

  it('aborted waves: no rollout promoted or unknown -> aborted, else inconclusive or rollbackFailed', () => {
    assert.equal(outcomeOfWaves(rolloutsOf(['rolledBack', 'waiting']), true), 'aborted');
    assert.equal(outcomeOfWaves(rolloutsOf(['promoted', 'aborted']), true), 'inconclusive');
    assert.equal(outcomeOfWaves(rolloutsOf(['rollbackFailed', 'aborted']), true), 'rollbackFailed');
  });

  it('summary of waves: mixed outcomes -> names the rollouts that are not promoted', () => {
    const ends = rolloutsOf(['promoted', 'rolledBack', 'rolledBack', 'waiting']);
    assert.equal(countOutcomes(ends), '1 promoted, 2 rolledBack (e1, e2), 1 waiting (e3)');
  });
});
