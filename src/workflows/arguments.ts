/** What a workflow is started with: whoever reaches Temporal may start one with anything. */
import { ApplicationFailure, workflowInfo } from '@temporalio/workflow';
import { unusableIn } from '../plan/spec/json-limits.js';
import type { Carried } from './carried.js';

/** What a former run has left to this one; null in the first run, whatever it was given. */
export function takeOver(carried: Carried | null): Carried | null {
  return isContinued() ? carried : null;
}

/** Throws an ApplicationFailure. */
export function refuseForeign(carried: unknown): void {
  if (carried === null || isContinued()) return;
  refuse('a rollout is started with one argument, the spec; found a second one');
}

/** What could not even be handed to the activity that checks it. Throws an ApplicationFailure. */
export function refuseUnusable(spec: unknown): void {
  const unusable = unusableIn(spec);
  if (unusable === null) return;
  const { segments, message, found, allowed } = unusable;
  const place = segments.map(String).join('.') || 'its top';
  refuse(`the spec cannot be used. ${message} Found at ${place}: ${found}; allowed: ${allowed}`);
}

/** The server says so of a run that another one has made, and of no other. */
function isContinued(): boolean {
  return workflowInfo().continuedFromExecutionRunId !== undefined;
}

function refuse(sentence: string): never {
  throw ApplicationFailure.nonRetryable(sentence, 'InvalidSpec');
}
