/** Alarms and metrics without a usable value. */
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
import type { RolloutUnderTest } from '../../e2e/rollout-under-test.js';
import { longBake, specOf } from '../../e2e/specs.js';
import { E2eEnvironment } from '../../e2e/e2e-environment.js';
import { assertRunbookEntry } from '../../support/runbook.js';
import { readFailureTypes } from './failure-types.js';
import { NotificationReceiver } from './message-assertions.js';

const ben = { actor: 'ben', reason: 'a test' };
const isHeld = ({ hold }: LiveStatus) => hold !== null;
const errorRate = { metric: 'errorRate', below: '2%', minimumRequests: 50, window: '10s', dataDelay: '2s' };

const comparison = { metric: 'errorRate', notWorseThanBaselineBy: '100%', window: '10s', dataDelay: '2s' };
const holdsWith =
  (words: string) =>
  ({ hold }: LiveStatus) =>
    hold?.message.includes(words) ?? false;

/** Guarded by an alarm with the endpoint's name. */
async function begin(
  environment: E2eEnvironment,
  endpoint: string,
  fields: object = {},
): Promise<RolloutUnderTest> {
  await environment.putLive(endpoint);
  await environment.putAlarm(`${endpoint}-5xx`);
  return environment.start(specOf(endpoint, { guardrails: [{ alarm: `${endpoint}-5xx` }], ...fields }));
}

function publish(cloudwatch: CloudWatchClient, MetricName: string): Promise<unknown> {
  const MetricData = [{ MetricName, Timestamp: new Date(), Value: 1 }];
  return cloudwatch.send(new PutMetricDataCommand({ Namespace: 'Shop', MetricData }));
}

export const alarms: Group = {
  about: 'alarms and metrics',
  scenarios: [
    {
      it: 'alarm: deleted during the bake -> holds with a notification, continues when it exists again',
      async run(environment) {
        const receiver = await NotificationReceiver.open();
        const rollout = await begin(environment, 'erased', { notify: receiver.notify });
        await rollout.phase('baking');
        await environment.cloudwatch.send(new DeleteAlarmsCommand({ AlarmNames: ['erased-5xx'] }));
        const { hold } = await rollout.until(isHeld);
        assertRunbookEntry(hold?.message, 'alarm X does not exist');
        await environment.putAlarm('erased-5xx');
        await rollout.expectOutcome('promoted');
        assert.ok(
          receiver.messagesOf('hold').includes(hold?.message ?? ''),
          receiver.messagesOf('hold').join('\n'),
        );
        await rollout.assertReplaced();
        await receiver.close();
      },
    },
    {
      it: 'alarm: insufficient data -> holds until it is OK',
      async run(environment) {
        const rollout = await begin(environment, 'unsure');
        await rollout.phase('baking');
        const state = { AlarmName: 'unsure-5xx', StateReason: 'a test' };
        await environment.cloudwatch.send(
          new SetAlarmStateCommand({ ...state, StateValue: 'INSUFFICIENT_DATA' }),
        );
        assertRunbookEntry((await rollout.until(isHeld)).hold?.message, 'alarm X has insufficient data');
        await environment.setAlarm('unsure-5xx', 'OK');
        await rollout.expectOutcome('promoted');
        await rollout.assertReplaced();
      },
    },
    {
      it: 'preflight: an alarm in ALARM and an alarm that does not exist -> failed',
      async run(environment) {
        await environment.putAlarm('burning-other');
        await environment.setAlarm('burning-other', 'ALARM');
        const guardrails = [{ alarm: 'burning-other' }, { alarm: 'burning-none' }];
        const rollout = await begin(environment, 'burning', { guardrails });
        const { result } = await rollout.expectOutcome('failed');
        assertRunbookEntry((await readFailureTypes(environment, 'burning'))[0], 'PreflightFailed');
        assertRunbookEntry(result.reason, 'alarm X is in ALARM ...');
        assertRunbookEntry(result.reason, 'alarm X does not exist');
        await rollout.assertOriginal();
      },
    },
    {
      it: 'alarm signal: pushed ALARM that recovers before the next poll -> rolledBack',
      async run(environment) {
        const rollout = await begin(environment, 'flapping', { strategy: longBake });
        await rollout.phase('baking');
        const pushed = { name: 'flapping-5xx', state: 'ALARM', reason: 'Threshold Crossed' };
        await environment.temporal.workflow.getHandle(workflowIdOf('flapping')).signal(alarmSignal, pushed);
        const { result } = await rollout.expectOutcome('rolledBack');
        assertRunbookEntry(result.reason, 'alarm X was reported as ALARM: ...');
        await rollout.assertOriginal();
      },
    },
    {
      it: 'alarm: stays in ALARM -> the next poll rolls back',
      async run(environment) {
        const rollout = await begin(environment, 'flaring', { strategy: longBake });
        await rollout.phase('baking');
        await environment.setAlarm('flaring-5xx', 'ALARM');
        const { result } = await rollout.expectOutcome('rolledBack');
        assertRunbookEntry(result.reason, 'alarm X is in ALARM ...');
        await rollout.assertOriginal();
      },
    },
    {
      it: 'alarm: no permission to read it -> holds, then inconclusive after the maximum hold time',
      run: () =>
        E2eEnvironment.withOwnEnvironment('unread', async (environment) => {
          await environment.startWorker();
          const rollout = await begin(environment, 'unread', {
            onInconclusive: { rollBack: { after: '5s' } },
          });
          await rollout.phase('baking');
          environment.emulator.faults.add({ operation: 'DescribeAlarms', kind: 'accessDenied', count: 500 });
          assertRunbookEntry((await rollout.until(isHeld)).hold?.message, 'alarm X cannot be read (...)');
          const { result } = await rollout.expectOutcome('inconclusive');
          assertRunbookEntry(result.reason, 'still unknown after the maximum hold time: ...');
          await rollout.assertOriginal();
        }),
    },
    {
      it: 'endpoint: DescribeEndpoint fails -> holds until it can be read',
      run: () =>
        E2eEnvironment.withOwnEnvironment('unseen', async (environment) => {
          await environment.startWorker();
          const rollout = await begin(environment, 'unseen');
          await rollout.phase('baking');
          const id = environment.emulator.faults.add({
            operation: 'DescribeEndpoint',
            kind: 'error500',
            count: 900,
          });
          assertRunbookEntry(
            (await rollout.until(isHeld)).hold?.message,
            'the endpoint cannot be read (...)',
          );
          environment.emulator.faults.clear(id);
          await rollout.expectOutcome('promoted');
          await rollout.assertReplaced();
        }),
    },
    {
      it: 'guardrail: too few requests -> each stage holds until an operator promotes',
      async run(environment) {
        const guardrails = [{ ...errorRate, minimumRequests: 1_000_000 }];
        const rollout = await begin(environment, 'lonesome', { guardrails });
        for (const stage of [1, 2]) {
          const { hold } = await rollout.until((status) => isHeld(status) && status.step.n === stage);
          assertRunbookEntry(hold?.message, 'error rate: 12 of 100 requests, ...');
          await environment.rollouts.promote('lonesome', ben);
        }
        await rollout.expectOutcome('promoted');
        await rollout.assertReplaced();
      },
    },
    {
      it: 'custom metric: no longer published -> holds',
      async run(environment) {
        await publish(environment.cloudwatch, 'Signups');
        const guardrails = [
          {
            metric: 'signups',
            above: 1,
            source: { namespace: 'Shop', name: 'Signups', stat: 'Sum' },
            window: '10s',
            dataDelay: '2s',
          },
        ];
        const rollout = await begin(environment, 'unwatched', { guardrails });
        assertRunbookEntry((await rollout.until(isHeld)).hold?.message, '...: no data for ...');
        await environment.rollouts.abort('unwatched', ben);
        await rollout.expectOutcome('aborted');
        await rollout.assertOriginal();
      },
    },
    {
      it: 'comparison with requireProof: no proof yet -> holds',
      async run(environment) {
        const guardrails = [
          {
            metric: 'errorRate',
            notWorseThanBaselineBy: '10%',
            requireProof: true,
            window: '10s',
            dataDelay: '2s',
          },
        ];
        await environment.emulator.setBehaviour({ model: 'unproven-*', errorRate: 0.02 });
        const rollout = await begin(environment, 'unproven', { guardrails });
        assertRunbookEntry(
          (await rollout.until(isHeld)).hold?.message,
          'error rate: ...; not yet proven to be under the tolerated 1.1 (...)',
        );
        await environment.rollouts.abort('unproven', ben);
        await rollout.expectOutcome('aborted');
        await rollout.assertOriginal();
      },
    },
    {
      it: 'comparison: no metrics of the candidate -> holds',
      async run(environment) {
        await environment.putLive('one-sided');
        const rollout = await environment.start(specOf('one-sided', { guardrails: [comparison] }));
        await environment.emulator.withholdMetrics('one-sided', rollout.names.variant.candidate);
        const { hold } = await rollout.until(holdsWith('usable data'));
        assertRunbookEntry(hold?.message, 'error rate: no usable data from both models in ...');
        await environment.rollouts.abort('one-sided', ben);
        await rollout.expectOutcome('aborted');
        await rollout.assertOriginal();
      },
    },
    {
      it: 'metrics: partial data -> holds until the data is complete',
      run: () =>
        E2eEnvironment.withOwnEnvironment('odd-metrics', async (environment) => {
          await environment.startWorker();
          const bound = await begin(environment, 'odd-bound', { guardrails: [errorRate] });
          const compared = await begin(environment, 'odd-compared', { guardrails: [comparison] });
          await environment.emulator.setMetricsOutage('partial');
          assertRunbookEntry(
            (await bound.until(holdsWith('partial'))).hold?.message,
            'the data for ... is partial',
          );
          const partial = (await compared.until(isHeld)).hold?.message;
          assertRunbookEntry(partial, 'error rate: no window yet; newer data is partial');
          await environment.emulator.setMetricsOutage(null);
          await bound.expectOutcome('promoted');
          await compared.expectOutcome('promoted');
        }),
    },
    {
      it: 'metrics: NaN values or read errors -> holds until they can be read',
      run: () =>
        E2eEnvironment.withOwnEnvironment('no-metrics', async (environment) => {
          await environment.startWorker();
          const bound = await begin(environment, 'nan-bound', { guardrails: [errorRate] });
          const nan = environment.emulator.faults.add({
            operation: 'GetMetricData',
            kind: 'wrongData',
            data: 'nan',
            count: 900,
          });
          assertRunbookEntry(
            (await bound.until(holdsWith('number'))).hold?.message,
            'the data for ... is not a number',
          );
          environment.emulator.faults.clear(nan);
          await bound.expectOutcome('promoted');
          const compared = await begin(environment, 'away-compared', { guardrails: [comparison] });
          await compared.phase('baking');
          await environment.emulator.setMetricsOutage('error');
          const away = (await compared.until(isHeld)).hold?.message;
          assertRunbookEntry(away, '...; newer data cannot be read (...)');
          await environment.emulator.setMetricsOutage(null);
          await compared.expectOutcome('promoted');
        }),
    },
  ],
};
