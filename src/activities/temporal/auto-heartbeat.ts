/**
 * Heartbeats while an attempt runs, so that the server soon moves the work of a dead worker to another worker.
 */
import type { Context } from '@temporalio/activity';
import type { ActivityInterceptors, WorkerOptions } from '@temporalio/worker';

const intervalMs = 3_000;

/** Its own heartbeats have details: the progress of the validation. */
const selfHeartbeating = 'validate';

/** For every worker. By default the SDK throttles heartbeats to most of the heartbeat timeout. */
export const autoHeartbeat: Pick<WorkerOptions, 'interceptors' | 'maxHeartbeatThrottleInterval'> = {
  interceptors: { activity: [heartbeatInterceptor] },
  maxHeartbeatThrottleInterval: intervalMs,
};

function heartbeatInterceptor(context: Context): ActivityInterceptors {
  const { activityType } = context.info;
  const pollDetails: unknown = context.info.heartbeatDetails;
  if (activityType === selfHeartbeating) return {};
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
