/** Options of the start of a rollout: workflow id, conflict policy, and the texts of the Web UI. */
import {
  WorkflowIdConflictPolicy,
  WorkflowIdReusePolicy,
  type WorkflowStartOptions,
} from '@temporalio/client';
import { hideEnvironments } from '../plan/compiled/aws-members.js';
import { attributes, maxSpecBytes, taskQueue, workflowIdOf } from '../workflows/messages.js';
import { wavesWorkflowIdOf } from '../workflows/waves/messages.js';
import { SpecTooLarge } from './errors.js';

/** The content of the spec file as JSON. The workflow validates it; only these fields are read here. */
export interface SpecJson {
  endpoint: string;
  strategy?: unknown;
  [field: string]: unknown;
}

/** The content of a spec with waves as JSON. */
export interface WavesJson {
  name: string;
  strategy?: unknown;
  [field: string]: unknown;
}

/**
 * `startedBy`: the name for the record. `taskQueue`: of the workers that run it. Default: `penstock`. `approvedVersion`: ARN of
 * the version whose approval starts it, for the memo.
 */
export interface StartedBy {
  startedBy: string;
  taskQueue?: string | undefined;
  approvedVersion?: string;
}

const maximumSummaryBytes = 200;
const maximumDetailsBytes = 20_000;

/** Throws SpecTooLarge. */
export function startOptionsOf(spec: SpecJson, started: StartedBy): WorkflowStartOptions {
  const { endpoint } = spec;
  const advice = `To follow: \`penstock watch ${endpoint}\`. To roll back: \`penstock abort ${endpoint}\`, or Send Update on this page.`;
  return {
    workflowId: workflowIdOf(endpoint),
    typedSearchAttributes: [{ key: attributes.endpoint, value: endpoint }],
    ...anyStartOptions(endpoint, advice, spec, started),
  };
}

/** Throws SpecTooLarge. */
export function startOptionsOfWaves(spec: WavesJson, started: StartedBy): WorkflowStartOptions {
  const name = spec.name.toLowerCase();
  const advice = `To follow: \`penstock waves ${name}\`. To stop and roll back: \`penstock waves abort ${name}\`, or Send Update on this page.`;
  return { workflowId: wavesWorkflowIdOf(name), ...anyStartOptions(name, advice, spec, started) };
}

function anyStartOptions(
  name: string,
  advice: string,
  spec: SpecJson | WavesJson,
  { startedBy, taskQueue: queue = taskQueue, approvedVersion }: StartedBy,
) {
  const bytes = Buffer.byteLength(JSON.stringify(spec));
  if (bytes > maxSpecBytes) throw new SpecTooLarge(name, bytes, maxSpecBytes);
  return {
    taskQueue: queue,
    args: [spec],
    workflowIdConflictPolicy: WorkflowIdConflictPolicy.FAIL,
    workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
    memo: { startedBy, ...(approvedVersion === undefined ? {} : { approvedVersion }) },
    staticSummary: cut(`${name}: ${strategyNameOf(spec)}, started by ${startedBy}`, maximumSummaryBytes),
    staticDetails: cut(detailsOf(spec, advice), maximumDetailsBytes),
  };
}

function strategyNameOf({ strategy }: { strategy?: unknown }): string {
  if (typeof strategy === 'string') return strategy;
  return typeof strategy === 'object' && strategy !== null ? Object.keys(strategy).join(', ') : 'rollout';
}

function detailsOf(spec: Record<string, unknown>, advice: string): string {
  const json = JSON.stringify(hideEnvironments(spec), countRecords, 2);
  return `${advice}\n\n\`\`\`json\n${cut(json, maximumDetailsBytes - 500)}\n\`\`\`\n`;
}

/** Golden records may be many and large. The history contains them, so the page shows only their number. */
function countRecords(key: string, value: unknown): unknown {
  return key === 'records' && Array.isArray(value) ? `${value.length} records` : value;
}

function cut(text: string, bytes: number): string {
  const encoded = Buffer.from(text);
  if (encoded.length <= bytes) return text;
  // A cut in the middle of a character would leave a replacement character at the end.
  return `${encoded
    .subarray(0, bytes - 4)
    .toString()
    .replace(/\uFFFD$/, '')}…`;
}
