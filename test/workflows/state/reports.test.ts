import assert from 'node:assert/strict';
import { mergeVerdicts, repeatsUnknown } from '../../../src/workflows/state/reports.js';
import type { TimelineEntry } from '../../../src/workflows/messages.js';
import type { Verdict } from '../../../src/analysis/verdicts/verdict.js';
import { verdictOf } from '../../client/rollouts/statuses.js';

const passed = verdictOf('errorRate', 'pass', 'withinBound', 'error rate 0.4 % < 1 %, window 6 of 6');
const early = verdictOf('errorRate', 'inconclusive', 'awaitingFirstWindow', 'waiting for window 1 of 1');
const alarm = verdictOf('alarm:digits-5xx', 'pass', 'alarmOk', 'alarm digits-5xx is OK');

describe('shown verdicts', () => {
  it('shown verdicts: a guard waits for its first window -> the verdict of the bake remains', () => {
    assert.deepEqual(mergeVerdicts([passed], [alarm, early], 'guarding'), [passed, alarm]);
    assert.deepEqual(mergeVerdicts([], [early], 'guarding'), [early]);
  });

  it('shown verdicts: a new bake waits for its first window -> replaces the verdict of the last bake', () => {
    assert.deepEqual(mergeVerdicts([passed, alarm], [early], 'baking'), [alarm, early]);
  });
});

describe('unknown verdicts in the timeline', () => {
  const noData = (window: number) =>
    verdictOf('errorRate', 'inconclusive', 'noData', `error rate: no data, window ${window}`);
  const entry = (verdicts: Verdict[]): TimelineEntry => ({
    ...{ at: '2026-11-23T12:00:00.000Z', kind: 'verdict', report: 'undecided', message: 'undecided' },
    verdicts,
  });
  const timeline = [entry([alarm, noData(1)])];

  it('unknown verdicts: the same reason in another window -> repeated', () => {
    assert.equal(repeatsUnknown(timeline, { kind: 'undecided', verdicts: [alarm, noData(2)] }), true);
  });

  it('unknown verdicts: another reason, or a clear report -> not repeated', () => {
    assert.equal(repeatsUnknown(timeline, { kind: 'undecided', verdicts: [alarm, early] }), false);
    assert.equal(repeatsUnknown(timeline, { kind: 'clear', verdicts: [alarm, passed] }), false);
    assert.equal(repeatsUnknown([], { kind: 'undecided', verdicts: [noData(1)] }), false);
  });
});
