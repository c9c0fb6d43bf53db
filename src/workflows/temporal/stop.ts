/** Reasons to stop a rollout, and their outcomes. Pure. */
import { ActivityFailure, ApplicationFailure, TimeoutFailure } from '@temporalio/common';
import type { Verdict } from '../../analysis/verdicts/verdict.js';
import type { Outcome } from '../../plan/outcome.js';
import type { Command } from '../messages.js';

export type StopReason =
  | { kind: 'abort'; command: Command }
  | { kind: 'undo'; command: Command }
  | { kind: 'cancelled' }
  | { kind: 'guardrail'; verdict: Verdict }
  | { kind: 'alarm'; name: string; reason: string }
  | { kind: 'rejected'; message: string }
  | { kind: 'inconclusive'; message: string }
  /** `type`: of the last attempt if the time for attempts was over, and `TimedOut` if that attempt did not fail. */
  | { kind: 'failure'; type: string; message: string };

type FailureStop = StopReason & { kind: 'failure' };

/** Thrown inside the forward path. One catch in rollout.ts handles every early end. */
export class RolloutStopped extends Error {
  constructor(readonly stop: StopReason) {
    super(describeStop(stop));
  }
}

export function describeStop(stop: StopReason): string {
  switch (stop.kind) {
    case 'abort':
      return `aborted by ${stop.command.actor}: ${stop.command.reason}`;
    case 'undo':
      return `undone by ${stop.command.actor}: ${stop.command.reason}`;
    case 'cancelled':
      return 'the workflow was cancelled through Temporal';
    case 'guardrail':
      return stop.verdict.message;
    case 'alarm':
      return `alarm ${stop.name} was reported as ALARM: ${stop.reason}`;
    case 'rejected':
    case 'inconclusive':
    case 'failure':
      return stop.message;
  }
}

/** The outcome once the baseline is verified to serve (or no traffic had moved). */
export function outcomeOfStop(stop: StopReason, trafficMoved: boolean): Outcome {
  switch (stop.kind) {
    case 'abort':
    case 'undo':
    case 'cancelled':
      return 'aborted';
    case 'inconclusive':
      return 'inconclusive';
    case 'guardrail':
    case 'alarm':
    case 'rejected':
    case 'failure':
      return trafficMoved ? 'rolledBack' : 'failed';
  }
}

/**
 * Why the forward path ended. A bug in workflow code is rethrown: it fails the workflow task, which Temporal retries
 * until a worker with a fix takes it.
 */
export function stopReasonOf(error: unknown): StopReason {
  if (error instanceof RolloutStopped) return error.stop;
  const failure = failureOf(error);
  if (failure) return failure;
  throw error;
}

/** The failure of an activity; null for a bug in workflow code. */
export function failureOf(error: unknown): FailureStop | null {
  if (error instanceof ActivityFailure) return describeCause(error.cause, error.activityType);
  if (error instanceof ApplicationFailure) return describeCause(error, 'rollout');
  return null;
}

/** The type of the last attempt's failure. An attempt that saw a change in progress has not failed. */
function typeOf(last: unknown): string {
  if (!(last instanceof ApplicationFailure)) return 'TimedOut';
  return last.type === 'InProgress' ? 'TimedOut' : (last.type ?? 'Error');
}

function describeCause(cause: unknown, activity: string): FailureStop {
  if (cause instanceof TimeoutFailure) {
    const last = cause.cause instanceof Error ? `; last status: ${cause.cause.message}` : '';
    return { kind: 'failure', type: typeOf(cause.cause), message: `${activity} timed out${last}` };
  }
  if (cause instanceof ApplicationFailure) {
    // A retryable failure gets here only when the time for retries is over.
    const message = cause.nonRetryable
      ? cause.message
      : `${activity} timed out; last status: ${cause.message}`;
    return { kind: 'failure', type: typeOf(cause), message };
  }
  const message = cause instanceof Error ? cause.message : String(cause);
  return { kind: 'failure', type: 'Error', message: `${activity}: ${message}` };
}
