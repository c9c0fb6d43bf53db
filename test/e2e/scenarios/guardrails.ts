import assert from 'node:assert/strict';
import type { Group } from '../scenario.js';
import { longBake, specOf } from '../specs.js';

export const guardrails: Group = {
  about: 'guardrails',
  scenarios: [
    {
      it: 'metric guardrail: candidate fails a fifth of its requests -> rolled back',
      async run(environment) {
        await environment.putLive('faulty');
        await environment.emulator.setBehaviour({ model: 'faulty-2', errorRate: 0.2 });
        const rollout = await environment.start(specOf('faulty'));
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
      it: 'alarm guardrail: alarm fires in the middle of a bake -> rolled back without waiting for a window',
      async run(environment) {
        await environment.putLive('alarmed');
        await environment.putAlarm('alarmed-5xx');
        const rollout = await environment.start(
          specOf('alarmed', { strategy: longBake, guardrails: [{ alarm: 'alarmed-5xx' }] }),
        );
        await rollout.phase('baking');
        await environment.setAlarm('alarmed-5xx', 'ALARM');
        const firedAt = Date.now();
        const { result } = await rollout.expectOutcome('rolledBack');
        assert.match(result.reason, /alarm alarmed-5xx is in ALARM/);
        assert.ok(Date.parse(result.endedAt) - firedAt < 60_000, 'long before the bake of ten minutes ends');
        await rollout.assertOriginal();
      },
    },
    {
      it: 'composite alarm guardrail: child alarm fires -> rolled back',
      async run(environment) {
        await environment.putLive('composite');
        await environment.putAlarm('composite-child');
        await environment.putCompositeAlarm('composite-any', 'composite-child');
        const rollout = await environment.start(
          specOf('composite', { strategy: longBake, guardrails: [{ alarm: 'composite-any' }] }),
        );
        await rollout.phase('baking');
        await environment.setAlarm('composite-child', 'ALARM');
        const { result } = await rollout.expectOutcome('rolledBack');
        assert.match(result.reason, /alarm composite-any is in ALARM/);
        await rollout.assertOriginal();
      },
    },
    {
      it: 'alarm guardrail: alarm fires before the start -> failed in preflight',
      async run(environment) {
        await environment.putLive('on-fire');
        await environment.putAlarm('on-fire-5xx');
        await environment.setAlarm('on-fire-5xx', 'ALARM');
        const rollout = await environment.start(
          specOf('on-fire', { guardrails: [{ alarm: 'on-fire-5xx' }] }),
        );
        const { result, phases } = await rollout.expectOutcome('failed');
        assert.match(result.reason, /alarm on-fire-5xx is in ALARM/);
        assert.deepEqual(phases, ['preflight', 'ended']);
        await rollout.assertOriginal();
      },
    },
  ],
};
