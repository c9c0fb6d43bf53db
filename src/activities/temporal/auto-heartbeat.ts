/** Heartbeats while an attempt runs, so that the server soon gives the work of a dead worker to another one. */
import type { Context } from '@temporalio/activity';
import type { ActivityInterceptors, WorkerOptions } from '@temporalio/worker';

const everyMs = 3_000;

/** Their own heartbeats say more: how far a validation is, and that a notice may have been sent. */
const selfHeartbeating = ['validate', 'sendNotification'];

/** For every worker. The SDK would hold heartbeats back for most of the time that the server waits for them. */
export const autoHeartbeat: Pick<WorkerOptions, 'interceptors' | 'maxHeartbeatThrottleInterval'> = {
  interceptors: { activity: [heartbeatInterceptor] },
  maxHeartbeatThrottleInterval: everyMs,
};

function heartbeatInterceptor(context: Context): ActivityInterceptors {
  const { activityType } = context.info;
  const handedOn: unknown = context.info.heartbeatDetails;
  if (selfHeartbeating.includes(activityType)) return {};
  return {
    inbound: {
      async execute(input, next) {
        // A heartbeat takes the place of what the last look has handed on: so it says the same again.
        const beating = setInterval(() => context.heartbeat(handedOn), everyMs);
        try {
          return await next(input);
        } finally {
          clearInterval(beating);
        }
      },
    },
  };
}
