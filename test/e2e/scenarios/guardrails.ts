import assert from 'node:assert/strict';
import type { Group } from '../scenario.js';
import { longBake, specOf } from '../specs.js';

export const guardrails: Group = {
  about: 'a guardrail',
  scenarios: [
    {
      it: 'on a metric rolls back a candidate that fails a fifth of its requests',
      async play(stage) {
        await stage.putLive('faulty');
        await stage.emulator.setBehaviour({ model: 'faulty-2', errorRate: 0.2 });
        const rollout = await stage.start(specOf('faulty'));
        const { result, phases, shares, timeline } = await rollout.expectOutcome('rolledBack');
        assert.match(result.reason, /^error rate (1\d|2\d)(\.\d+)? % .*2 %/);
        assert.equal(result.serving, 'faulty-1');
        assert.deepEqual(shares, [0, 50, 0]);
        assert.deepEqual(phases.slice(-3), ['rollingBack', 'cleaningUp', 'ended']);
        const failed = timeline.flatMap((entry) => (entry.kind === 'verdict' ? entry.verdicts : []));
        assert.ok(failed.some(({ evidence }) => (evidence.value ?? 0) > 10 && (evidence.requests ?? 0) > 50));
        await rollout.assertOriginal();
      },
    },
    {
      it: 'on an alarm does not wait for a window to end',
      async play(stage) {
        await stage.putLive('alarmed');
        await stage.putAlarm('alarmed-5xx');
        const rollout = await stage.start(
          specOf('alarmed', { strategy: longBake, guardrails: [{ alarm: 'alarmed-5xx' }] }),
        );
        await rollout.phase('baking');
        await stage.setAlarm('alarmed-5xx', 'ALARM');
        const firing = Date.now();
        const { result } = await rollout.expectOutcome('rolledBack');
        assert.match(result.reason, /alarm alarmed-5xx is in ALARM/);
        assert.ok(Date.parse(result.endedAt) - firing < 60_000, 'long before the bake of ten minutes ends');
        await rollout.assertOriginal();
      },
    },
    {
      it: 'on a composite alarm rolls back when the alarm below it fires',
      async play(stage) {
        await stage.putLive('composite');
        await stage.putAlarm('composite-child');
        await stage.putCompositeAlarm('composite-any', 'composite-child');
        const rollout = await stage.start(
          specOf('composite', { strategy: longBake, guardrails: [{ alarm: 'composite-any' }] }),
        );
        await rollout.phase('baking');
        await stage.setAlarm('composite-child', 'ALARM');
        const { result } = await rollout.expectOutcome('rolledBack');
        assert.match(result.reason, /alarm composite-any is in ALARM/);
        await rollout.assertOriginal();
      },
    },
    {
      it: 'that fires already refuses the rollout at preflight',
      async play(stage) {
        await stage.putLive('on-fire');
        await stage.putAlarm('on-fire-5xx');
        await stage.setAlarm('on-fire-5xx', 'ALARM');
        const rollout = await stage.start(specOf('on-fire', { guardrails: [{ alarm: 'on-fire-5xx' }] }));
        const { result, phases } = await rollout.expectOutcome('failed');
        assert.match(result.reason, /alarm on-fire-5xx is in ALARM/);
        assert.deepEqual(phases, ['preflight', 'ended']);
        await rollout.assertOriginal();
      },
    },
  ],
};
