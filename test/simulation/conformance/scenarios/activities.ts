/** Ends of activities: failures, retries, time limits, heartbeats and cancellations. */
import type { ActivityOptions } from '@temporalio/workflow';
import type { ActivityCall } from '../bundle/probes.js';
import type { ProbeActivities } from '../probe-activities.js';
import type { Scenario, Side } from '../side.js';

const limit: ActivityOptions = { startToCloseTimeout: '1 minute' };
const quick = { initialInterval: '100ms', backoffCoefficient: 1 };

function call<N extends keyof ProbeActivities>(
  activity: N,
  args: Parameters<ProbeActivities[N]>,
  options: ActivityOptions = {},
): ActivityCall {
  return { activity, args, options: { ...limit, ...options } };
}

function ends(name: string, ...calls: ActivityCall[]): Scenario {
  return {
    name,
    async play(side) {
      const workflow = await side.start('runActivities', 'probe', [calls]);
      await workflow.result();
    },
  };
}

function cancelled(
  name: string,
  { options, ...probe }: ActivityCall,
  begun: (side: Side) => Promise<void>,
  cancellationType: ActivityOptions['cancellationType'] = 'WAIT_CANCELLATION_COMPLETED',
): Scenario {
  // An unawaited cancellation reaches the attempt before the workflow ends.
  const laterMs = cancellationType === 'WAIT_CANCELLATION_COMPLETED' ? 0 : 3_000;
  return {
    name,
    async play(side) {
      const args = [{ ...probe, options: { ...options, cancellationType } }, laterMs];
      const workflow = await side.start('cancelActivity', 'probe', args);
      await begun(side);
      await workflow.signal('stop');
      await workflow.result();
    },
  };
}

export const activityScenarios: Scenario[] = [
  ends('activity without a result', call('nothing', [])),
  ends(
    'activity that fails non-retryably, with details',
    call('failing', [
      { times: 1, message: 'no', type: 'Rejected', nonRetryable: true, details: [{ code: 7 }, 'x'] },
    ]),
  ),
  ends(
    'activity that fails retryably, then succeeds',
    call('failing', [{ times: 2, message: 'not yet', type: 'InProgress' }], { retry: quick }),
  ),
  ends(
    'activity with nextRetryDelay, longer and shorter than the policy',
    call('failing', [{ times: 1, message: 'later', nextRetryDelay: '1 second' }], { retry: quick }),
    call('failing', [{ times: 1, message: 'soon', nextRetryDelay: 100 }], {
      retry: { initialInterval: '1 hour' },
    }),
  ),
  ends('scheduled time of a retry', call('scheduledAfter', [4_000])),
  ends(
    'activity that fails as often as it may',
    call('failing', [{ times: 9, message: 'not yet' }], { retry: { ...quick, maximumAttempts: 3 } }),
    call('failing', [{ times: 9, message: 'never' }], { retry: { maximumAttempts: 1 } }),
  ),
  ends(
    'activity whose type of failure is not retried',
    call('failing', [{ times: 1, message: 'no', type: 'Listed' }], {
      retry: { ...quick, nonRetryableErrorTypes: ['Other', 'Listed'] },
    }),
  ),
  ends(
    'activity that throws a plain error',
    call('throwing', [], { retry: { ...quick, maximumAttempts: 2 } }),
  ),
  ends(
    'start-to-close limit, then success',
    call('hanging', [1, 60_000], { startToCloseTimeout: '2 seconds', retry: quick }),
  ),
  ends(
    'start-to-close limit in every attempt',
    call('hanging', [9, 60_000], {
      startToCloseTimeout: '1 second',
      retry: { ...quick, maximumAttempts: 2 },
    }),
  ),
  ends(
    'schedule-to-close limit before the next attempt',
    call('failing', [{ times: 9, message: 'later', type: 'InProgress', nextRetryDelay: '1 minute' }], {
      scheduleToCloseTimeout: '10 seconds',
    }),
  ),
  ends(
    'schedule-to-close limit during an attempt',
    call('hanging', [9, 60_000], { scheduleToCloseTimeout: '1 second' }),
  ),
  ends(
    'schedule-to-close limit during the second attempt',
    call('failingThenHanging', [60_000], { scheduleToCloseTimeout: '3 seconds', retry: quick }),
  ),
  ends(
    'schedule-to-close limit alone, after start-to-close limits',
    call('hanging', [9, 60_000], {
      ...{ startToCloseTimeout: '1 second', scheduleToCloseTimeout: '10 seconds' },
      retry: { initialInterval: '1 minute' },
    }),
  ),
  ends(
    'heartbeat limit, then success',
    call('hanging', [1, 60_000], { heartbeatTimeout: '2 seconds', retry: quick }),
  ),
  ends(
    'heartbeat limit in every attempt, with details',
    call('beatingThenHanging', [60_000], {
      heartbeatTimeout: '1 second',
      retry: { ...quick, maximumAttempts: 2 },
    }),
  ),
  ends('heartbeat details read by the next attempt', call('counting', [])),
  cancelled(
    'cancellation between two attempts',
    call('failing', [{ times: 9, message: 'later', nextRetryDelay: '1 hour' }]),
    (side) => side.rest(),
  ),
  ...(['TRY_CANCEL', 'ABANDON'] as const).flatMap((type) => [
    cancelled(
      `cancellation between two attempts that is not awaited, ${type}`,
      call('failing', [{ times: 9, message: 'later', nextRetryDelay: '1 hour' }]),
      (side) => side.rest(),
      type,
    ),
    cancelled(
      `cancellation during an attempt that is not awaited, ${type}`,
      call('untilCancelled', ['heed'], { heartbeatTimeout: '10 seconds' }),
      (side) => side.rest(['untilCancelled']),
      type,
    ),
  ]),
  ...(['heed', 'complete', 'fail'] as const).map((then) =>
    cancelled(
      `cancellation during an attempt, which does: ${then}`,
      call('untilCancelled', [then], { heartbeatTimeout: '10 seconds' }),
      (side) => side.rest(['untilCancelled']),
    ),
  ),
];
