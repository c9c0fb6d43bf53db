/**
 * Heartbeats while an attempt runs, so that the server soon moves the work of a dead worker to another worker.
 */
import type { Context } from '@temporalio/activity';
import type { ActivityInterceptors, WorkerOptions } from '@temporalio/worker';

const intervalMs = 3_000;

/**
 * Activities whose own heartbeats have details: progress of a validation, and that a notification may have been
 * sent.
 */
const selfHeartbeating = ['validate', 'sendNotification'];

/** For every worker. By default the SDK throttles heartbeats to most of the heartbeat timeout. */
export const autoHeartbeat: Pick<WorkerOptions, 'interceptors' | 'maxHeartbeatThrottleInterval'> = {
  interceptors: { activity: [heartbeatInterceptor] },
  maxHeartbeatThrottleInterval: intervalMs,
};

function heartbeatInterceptor(context: Context): ActivityInterceptors {
  const { activityType } = context.info;
  const pollDetails: unknown = context.info.heartbeatDetails;
  if (selfHeartbeating.includes(activityType)) return {};
  return {
    inbound: {
      async execute(input, next) {
        // A heartbeat replaces the details of the previous attempt, so it repeats them.
        const timer = setInterval(() => context.heartbeat(pollDetails), intervalMs);
        try {
          return await next(input);
        } finally {
          clearInterval(timer);
        }
      },
    },
  };
}
