/**
 * Replaces src/workflows/run/timings.ts in the bundle of conformance scenarios: a server with a real clock plays them too,
 * so waits are short. Workflows whose id says so continue as new after few events.
 */
import { workflowInfo } from '@temporalio/workflow';
import { shortRuns } from './run-length.js';

export const maxHistoryEvents = workflowInfo().workflowId.includes(shortRuns) ? 40 : 4_000;

export const switchPropagationSeconds = 0.1;
export const requestDrainSeconds = 0.2;
