/** Alarms and metrics that cannot tell. */
import assert from 'node:assert/strict';
import {
  type CloudWatchClient,
  DeleteAlarmsCommand,
  PutMetricDataCommand,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import type { LiveStatus } from '../../../src/client.js';
import { alarmSignal, workflowIdOf } from '../../../src/workflows/messages.js';
import type { Group } from '../../e2e/scenario.js';
import type { Running } from '../../e2e/rollout-under-test.js';
import { longBake, specOf } from '../../e2e/specs.js';
import { E2eEnvironment } from '../../e2e/e2e-environment.js';
import { assertRunbookEntry } from '../../support/runbook.js';
import { readFailureTypes } from './failure-types.js';
import { Told } from './message-assertions.js';

const ben = { actor: 'ben', reason: 'a test' };
const isHeld = ({ hold }: LiveStatus) => hold !== null;
const errorRate = { metric: 'errorRate', below: '2%', minimumRequests: 50, window: '10s', dataDelay: '2s' };

const comparison = { metric: 'errorRate', notWorseThanBaselineBy: '100%', window: '10s', dataDelay: '2s' };
const isOf =
  (words: string) =>
  ({ hold }: LiveStatus) =>
    hold?.message.includes(words) ?? false;

/** On an alarm of the endpoint's name. */
async function begin(stage: E2eEnvironment, endpoint: string, fields: object = {}): Promise<Running> {
  await stage.putLive(endpoint);
  await stage.putAlarm(`${endpoint}-5xx`);
  return stage.start(specOf(endpoint, { guardrails: [{ alarm: `${endpoint}-5xx` }], ...fields }));
}

function publish(cloudwatch: CloudWatchClient, MetricName: string): Promise<unknown> {
  const MetricData = [{ MetricName, Timestamp: new Date(), Value: 1 }];
  return cloudwatch.send(new PutMetricDataCommand({ Namespace: 'Shop', MetricData }));
}

export const alarms: Group = {
  about: 'what an alarm or a metric cannot tell:',
  scenarios: [
    {
      it: 'an alarm that is deleted holds, people are told, and it goes on when there is one again',
      async play(stage) {
        const told = await Told.open();
        const rollout = await begin(stage, 'erased', { notify: told.notify });
        await rollout.phase('baking');
        await stage.cloudwatch.send(new DeleteAlarmsCommand({ AlarmNames: ['erased-5xx'] }));
        const { hold } = await rollout.until(isHeld);
        assertRunbookEntry(hold?.message, 'alarm X does not exist');
        await stage.putAlarm('erased-5xx');
        await rollout.expectOutcome('promoted');
        assert.ok(told.of('hold').includes(hold?.message ?? ''), told.of('hold').join('\n'));
        await rollout.assertReplaced();
        await told.close();
      },
    },
    {
      it: 'an alarm without data holds until it is OK',
      async play(stage) {
        const rollout = await begin(stage, 'unsure');
        await rollout.phase('baking');
        const state = { AlarmName: 'unsure-5xx', StateReason: 'a test' };
        await stage.cloudwatch.send(new SetAlarmStateCommand({ ...state, StateValue: 'INSUFFICIENT_DATA' }));
        assertRunbookEntry((await rollout.until(isHeld)).hold?.message, 'alarm X has insufficient data');
        await stage.setAlarm('unsure-5xx', 'OK');
        await rollout.expectOutcome('promoted');
        await rollout.assertReplaced();
      },
    },
    {
      it: 'an alarm that fires already, or that is not there, lets no rollout begin',
      async play(stage) {
        await stage.putAlarm('burning-other');
        await stage.setAlarm('burning-other', 'ALARM');
        const guardrails = [{ alarm: 'burning-other' }, { alarm: 'burning-none' }];
        const rollout = await begin(stage, 'burning', { guardrails });
        const { result } = await rollout.expectOutcome('failed');
        assertRunbookEntry((await readFailureTypes(stage, 'burning'))[0], 'PreflightFailed');
        assertRunbookEntry(result.reason, 'alarm X is in ALARM ...');
        assertRunbookEntry(result.reason, 'alarm X does not exist');
        await rollout.assertOriginal();
      },
    },
    {
      it: 'an alarm that fires and is over between two looks rolls back where it is pushed',
      async play(stage) {
        const rollout = await begin(stage, 'flapping', { strategy: longBake });
        await rollout.phase('baking');
        const pushed = { name: 'flapping-5xx', state: 'ALARM', reason: 'Threshold Crossed' };
        await stage.temporal.workflow.getHandle(workflowIdOf('flapping')).signal(alarmSignal, pushed);
        const { result } = await rollout.expectOutcome('rolledBack');
        assertRunbookEntry(result.reason, 'alarm X was reported as ALARM: ...');
        await rollout.assertOriginal();
      },
    },
    {
      it: 'an alarm that goes on firing is found by a look',
      async play(stage) {
        const rollout = await begin(stage, 'flaring', { strategy: longBake });
        await rollout.phase('baking');
        await stage.setAlarm('flaring-5xx', 'ALARM');
        const { result } = await rollout.expectOutcome('rolledBack');
        assertRunbookEntry(result.reason, 'alarm X is in ALARM ...');
        await rollout.assertOriginal();
      },
    },
    {
      it: 'alarms that may not be read hold',
      play: () =>
        E2eEnvironment.withOwnEnvironment('unread', async (stage) => {
          await stage.startWorker();
          const rollout = await begin(stage, 'unread', { onInconclusive: { rollBack: { after: '5s' } } });
          await rollout.phase('baking');
          stage.emulator.faults.add({ operation: 'DescribeAlarms', kind: 'accessDenied', count: 500 });
          assertRunbookEntry((await rollout.until(isHeld)).hold?.message, 'alarm X cannot be read (...)');
          const { result } = await rollout.expectOutcome('inconclusive');
          assertRunbookEntry(result.reason, 'still unknown after the time to hold: ...');
          await rollout.assertOriginal();
        }),
    },
    {
      it: 'an endpoint that cannot be read holds',
      play: () =>
        E2eEnvironment.withOwnEnvironment('unseen', async (stage) => {
          await stage.startWorker();
          const rollout = await begin(stage, 'unseen');
          await rollout.phase('baking');
          const id = stage.emulator.faults.add({
            operation: 'DescribeEndpoint',
            kind: 'error500',
            count: 900,
          });
          assertRunbookEntry((await rollout.until(isHeld)).hold?.message, 'the endpoint cannot be read');
          stage.emulator.faults.clear(id);
          await rollout.expectOutcome('promoted');
          await rollout.assertReplaced();
        }),
    },
    {
      it: 'too few requests hold until a person takes the responsibility',
      async play(stage) {
        const guardrails = [{ ...errorRate, minimumRequests: 1_000_000 }];
        const rollout = await begin(stage, 'lonesome', { guardrails });
        assertRunbookEntry(
          (await rollout.until(isHeld)).hold?.message,
          'error rate: 12 of 100 requests, ...',
        );
        await stage.rollouts.promote('lonesome', ben);
        await rollout.expectOutcome('promoted');
        await rollout.assertReplaced();
      },
    },
    {
      it: 'a metric of the own that nobody publishes any more holds',
      async play(stage) {
        await publish(stage.cloudwatch, 'Signups');
        const guardrails = [
          {
            metric: 'signups',
            above: 1,
            source: { namespace: 'Shop', name: 'Signups', stat: 'Sum' },
            window: '10s',
            dataDelay: '2s',
          },
        ];
        const rollout = await begin(stage, 'unwatched', { guardrails });
        assertRunbookEntry((await rollout.until(isHeld)).hold?.message, '...: no data for ...');
        await stage.rollouts.abort('unwatched', ben);
        await rollout.expectOutcome('aborted');
        await rollout.assertOriginal();
      },
    },
    {
      it: 'a comparison that has no proof yet holds where it must be proven',
      async play(stage) {
        const guardrails = [
          {
            metric: 'errorRate',
            notWorseThanBaselineBy: '10%',
            requireProof: true,
            window: '10s',
            dataDelay: '2s',
          },
        ];
        await stage.emulator.setBehaviour({ model: 'unproven-*', errorRate: 0.02 });
        const rollout = await begin(stage, 'unproven', { guardrails });
        assertRunbookEntry(
          (await rollout.until(isHeld)).hold?.message,
          'error rate ..., and it has to be under 1.1',
        );
        await stage.rollouts.abort('unproven', ben);
        await rollout.expectOutcome('aborted');
        await rollout.assertOriginal();
      },
    },
    {
      it: 'a comparison without one of the two holds',
      async play(stage) {
        await stage.putLive('one-sided');
        const rollout = await stage.start(specOf('one-sided', { guardrails: [comparison] }));
        await stage.emulator.withholdMetrics('one-sided', rollout.names.variant.candidate);
        const { hold } = await rollout.until(isOf('usable data'));
        assertRunbookEntry(hold?.message, 'error rate: no usable data of both models in ...');
        await stage.rollouts.abort('one-sided', ben);
        await rollout.expectOutcome('aborted');
        await rollout.assertOriginal();
      },
    },
    {
      it: 'metrics that are partial hold',
      play: () =>
        E2eEnvironment.withOwnEnvironment('odd-metrics', async (stage) => {
          await stage.startWorker();
          const bound = await begin(stage, 'odd-bound', { guardrails: [errorRate] });
          const compared = await begin(stage, 'odd-compared', { guardrails: [comparison] });
          await stage.emulator.setMetricsOutage('partial');
          assertRunbookEntry(
            (await bound.until(isOf('partial'))).hold?.message,
            'the data for ... is partial',
          );
          const partial = (await compared.until(isHeld)).hold?.message;
          assertRunbookEntry(partial, 'error rate: no window yet; newer data is partial');
          await stage.emulator.setMetricsOutage(null);
          await bound.expectOutcome('promoted');
          await compared.expectOutcome('promoted');
        }),
    },
    {
      it: 'metrics that are no numbers, or cannot be read, hold',
      play: () =>
        E2eEnvironment.withOwnEnvironment('no-metrics', async (stage) => {
          await stage.startWorker();
          const bound = await begin(stage, 'nan-bound', { guardrails: [errorRate] });
          const nan = stage.emulator.faults.add({
            operation: 'GetMetricData',
            kind: 'wrongData',
            data: 'nan',
            count: 900,
          });
          assertRunbookEntry(
            (await bound.until(isOf('number'))).hold?.message,
            'the data for ... is not a number',
          );
          stage.emulator.faults.clear(nan);
          await bound.expectOutcome('promoted');
          const compared = await begin(stage, 'away-compared', { guardrails: [comparison] });
          await compared.phase('baking');
          await stage.emulator.setMetricsOutage('error');
          const away = (await compared.until(isHeld)).hold?.message;
          assertRunbookEntry(away, '...; newer data cannot be read (...)');
          await stage.emulator.setMetricsOutage(null);
          await compared.expectOutcome('promoted');
        }),
    },
  ],
};
