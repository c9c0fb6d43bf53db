/** Checks the arguments of a workflow: any Temporal client can start one with any JSON. */
import { ApplicationFailure, workflowInfo } from '@temporalio/workflow';
import { findInvalidJson, type InvalidJson } from '../../plan/spec/document/json-limits.js';
import { maxSpecBytes } from '../messages.js';
import type { ContinuedState } from './continued-state.js';
import { jsonBytes } from '../temporal/payload-size.js';

/** The state from the previous run; null in the first run, even if a client passed a second argument. */
export function continuedState(continued: ContinuedState | null): ContinuedState | null {
  return isContinued() ? continued : null;
}

/** Throws an ApplicationFailure. */
export function rejectExtraArguments(continued: unknown): void {
  if (continued === null || isContinued()) return;
  reject('expected one argument, the spec, got a second one');
}

/** Rejects a spec that cannot be passed to the activity that validates it. Throws an ApplicationFailure. */
export function rejectInvalidSpec(spec: unknown): void {
  const unusable = findInvalidJson(spec) ?? tooLarge(spec);
  if (unusable === null) return;
  const { segments, message, found, allowed } = unusable;
  const place = segments.map(String).join('.') || 'its top';
  reject(`cannot use the spec: ${message} Found at ${place}: ${found}; allowed: ${allowed}`);
}

/** Call only for JSON that is not nested too deeply. */
function tooLarge(spec: unknown): InvalidJson | null {
  const bytes = jsonBytes(spec);
  if (bytes <= maxSpecBytes) return null;
  const allowed = 'at most 1,600,000 bytes of JSON';
  return { segments: [], found: `${bytes} bytes`, allowed, message: 'It is too large.' };
}

/**
 * Rejects every workflow id but `expected`: Temporal runs one workflow of an id at a time, which is the lock of an
 * endpoint, and commands find a rollout by its id. `subject`: for the message. Throws an ApplicationFailure.
 */
export function rejectOtherWorkflowId(subject: string, expected: string): void {
  const { workflowId } = workflowInfo();
  if (workflowId === expected) return;
  reject(
    `cannot run ${subject} under the workflow id ${workflowId}: this id does not exclude other rollouts, and ` +
      `commands do not find it; start it under the workflow id ${expected}`,
    'InvalidWorkflowId',
  );
}

/** A name in the spec. Null: the check of the spec says what is missing. */
export function nameIn(spec: unknown, field: 'endpoint' | 'name'): string | null {
  if (typeof spec !== 'object' || spec === null || !Object.hasOwn(spec, field)) return null;
  const name = (spec as Record<string, unknown>)[field];
  return typeof name === 'string' && name.length <= maxNameLength ? name : null;
}

/** SageMaker's names have at most 63 characters. */
const maxNameLength = 63;

/** Only the server sets this field, and only for a run that continue-as-new started. */
function isContinued(): boolean {
  return workflowInfo().continuedFromExecutionRunId !== undefined;
}

function reject(message: string, type = 'InvalidSpec'): never {
  throw ApplicationFailure.nonRetryable(message, type);
}
