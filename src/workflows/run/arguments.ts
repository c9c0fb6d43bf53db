/** What a workflow is started with: whoever reaches Temporal may start one with anything. */
import { ApplicationFailure, workflowInfo } from '@temporalio/workflow';
import { findInvalidJson, type InvalidJson } from '../../plan/spec/document/json-limits.js';
import type { ContinuedState } from './continued-state.js';
import { jsonBytes } from '../temporal/payload-size.js';

/** What a former run has left to this one; null in the first run, whatever it was given. */
export function continuedState(continued: ContinuedState | null): ContinuedState | null {
  return isContinued() ? continued : null;
}

/** Throws an ApplicationFailure. */
export function rejectExtraArguments(continued: unknown): void {
  if (continued === null || isContinued()) return;
  refuse('a rollout is started with one argument, the spec; found a second one');
}

/** Bytes of JSON. More than a spec file and its golden file may have together; a new run must have room for it. */
const maxSpecBytes = 1_600_000;

/** What could not even be handed to the activity that checks it. Throws an ApplicationFailure. */
export function rejectInvalidSpec(spec: unknown): void {
  const unusable = findInvalidJson(spec) ?? tooLarge(spec);
  if (unusable === null) return;
  const { segments, message, found, allowed } = unusable;
  const place = segments.map(String).join('.') || 'its top';
  refuse(`the spec cannot be used. ${message} Found at ${place}: ${found}; allowed: ${allowed}`);
}

/** Only of what is not too deep. */
function tooLarge(spec: unknown): InvalidJson | null {
  const bytes = jsonBytes(spec);
  if (bytes <= maxSpecBytes) return null;
  const allowed = 'at most 1,600,000 bytes of JSON';
  return { segments: [], found: `${bytes} bytes`, allowed, message: 'It is too large.' };
}

/** The server says so of a run that another one has made, and of no other. */
function isContinued(): boolean {
  return workflowInfo().continuedFromExecutionRunId !== undefined;
}

function refuse(message: string): never {
  throw ApplicationFailure.nonRetryable(message, 'InvalidSpec');
}
