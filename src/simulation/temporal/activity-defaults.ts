/**
 * Time limits and retry policy of an activity as the server completes them. Source: Temporal server 1.29.1,
 * `service/history/api/command_attr_validator.go` and `common/retrypolicy/retry_policy.go`.
 */
import type { coresdk, temporal } from '@temporalio/proto';
import { msToTs, optionalTsToMs } from '@temporalio/common/lib/time.js';

export type ScheduleActivity = coresdk.workflow_commands.IScheduleActivity;
type RetryPolicy = temporal.api.common.v1.IRetryPolicy;

const [defaultInitialMs, defaultCoefficient, maximumFactor] = [1_000, 2, 100];

export function withServerDefaults(command: ScheduleActivity): ScheduleActivity {
  const msOf = (limit: keyof ScheduleActivity & `${string}Timeout`) => optionalTsToMs(command[limit]) || null;
  const [whole, attempt, heartbeat] = [
    msOf('scheduleToCloseTimeout'),
    msOf('startToCloseTimeout'),
    msOf('heartbeatTimeout'),
  ];
  const atMost = (ms: number | null, limit: number | null) =>
    limit === null ? ms : Math.min(ms ?? limit, limit);
  const startToClose = atMost(attempt, whole);
  return {
    ...command,
    ...limited('scheduleToStartTimeout', atMost(msOf('scheduleToStartTimeout'), whole)),
    ...limited('startToCloseTimeout', startToClose),
    ...limited('heartbeatTimeout', heartbeat === null ? null : atMost(heartbeat, startToClose)),
    retryPolicy: completePolicy(command.retryPolicy),
  };
}

function limited(limit: keyof ScheduleActivity, ms: number | null): ScheduleActivity {
  return ms === null ? {} : { [limit]: msToTs(ms) };
}

function completePolicy(policy: RetryPolicy | null | undefined): RetryPolicy {
  const initialMs = optionalTsToMs(policy?.initialInterval) || defaultInitialMs;
  return {
    ...policy,
    initialInterval: msToTs(initialMs),
    backoffCoefficient: policy?.backoffCoefficient || defaultCoefficient,
    maximumInterval: msToTs(optionalTsToMs(policy?.maximumInterval) || initialMs * maximumFactor),
  };
}
