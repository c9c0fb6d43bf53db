import {
  InvokeEndpointCommand,
  ModelError,
  type SageMakerRuntimeClient,
} from '@aws-sdk/client-sagemaker-runtime';
import { heartbeat } from '@temporalio/activity';
import type { GoldenRecord, ValidationPlan } from '../plan/plan.js';
import { callAws } from './aws-errors.js';
import { refusal } from './failures.js';
import type { RolloutActivities, ValidationReport } from './interface.js';

/** The variant under test; TargetVariant reaches it whatever its weight. */
interface Target {
  endpoint: string;
  variant: string;
}

/** `answer` null: the model failed. `tookMs` is measured with a monotonic clock, by the caller of the endpoint. */
interface Reply {
  answer: string | null;
  tookMs: number;
}

export function createValidation(runtime: SageMakerRuntimeClient): Pick<RolloutActivities, 'validate'> {
  return {
    async validate({ endpoint, variant, validation }) {
      const invoke = (record: GoldenRecord) => invokeVariant(runtime, { endpoint, variant }, record);
      const golden = await checkGolden(invoke, validation);
      const latency = await checkLatency(invoke, validation);
      const problems = [...golden.problems, ...latency.problems];
      if (problems.length > 0) throw refusal('ValidationFailed', `${variant}: ${problems.join('; ')}`);
      return {
        goldenMatched: golden.matched,
        goldenTotal: golden.total,
        latencyMs: latency.ms,
        sentence: [golden.sentence, latency.sentence].filter((s) => s !== '').join(', '),
      } satisfies ValidationReport;
    },
  };
}

type Invoke = (record: GoldenRecord) => Promise<Reply>;

async function checkGolden(invoke: Invoke, { golden }: ValidationPlan) {
  if (golden === null) return { matched: 0, total: 0, problems: [], sentence: '' };
  const misses: number[] = [];
  for (const [index, record] of golden.records.entries()) {
    const { answer } = await invoke(record);
    if (!matches(record.expect, answer)) misses.push(index + 1);
    heartbeat();
  }
  const total = golden.records.length;
  const matched = total - misses.length;
  const sentence = `${matched} of ${total} golden answers match`;
  const enough = total > 0 && (matched / total) * 100 >= golden.minimumMatchPercent;
  const missed = misses.length === 0 ? '' : ` (missed: record ${misses.slice(0, 5).join(', ')})`;
  const problems = enough ? [] : [`${sentence}, fewer than ${golden.minimumMatchPercent} %${missed}`];
  return { matched, total, problems, sentence };
}

/** One request after another, so that it is the model that is timed and not a queue of our own making. */
async function checkLatency(invoke: Invoke, { latency, golden }: ValidationPlan) {
  if (latency === null) return { ms: null, problems: [], sentence: '' };
  const records = golden?.records ?? [];
  const tookMs: number[] = [];
  for (let n = 0; n < latency.requests; n += 1) {
    const record = records[n % records.length];
    if (record === undefined) {
      return { ms: null, problems: ['latency cannot be measured without golden requests'], sentence: '' };
    }
    tookMs.push((await invoke(record)).tookMs);
    heartbeat();
  }
  const ms = percentileOf(tookMs, latency.percentile);
  const text = `p${latency.percentile} latency ${ms.toFixed(1)} ms`;
  if (ms < latency.belowMs) return { ms, problems: [], sentence: `${text} < ${latency.belowMs} ms` };
  return { ms, problems: [`${text} is not < ${latency.belowMs} ms`], sentence: '' };
}

/** Nearest rank: the smallest value that at least `percentile` percent of the values do not exceed. */
function percentileOf(values: number[], percentile: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((percentile / 100) * sorted.length) - 1)] ?? NaN;
}

async function invokeVariant(
  runtime: SageMakerRuntimeClient,
  { endpoint, variant }: Target,
  record: GoldenRecord,
): Promise<Reply> {
  const command = new InvokeEndpointCommand({
    EndpointName: endpoint,
    TargetVariant: variant,
    ContentType: record.contentType,
    Body: typeof record.body === 'string' ? record.body : JSON.stringify(record.body),
  });
  const began = performance.now();
  const answer = await callAws(async (options) => {
    try {
      return (await runtime.send(command, options)).Body.transformToString();
    } catch (error) {
      if (error instanceof ModelError) return null;
      throw error;
    }
  });
  return { answer, tookMs: performance.now() - began };
}

function matches(expected: unknown, answer: string | null): boolean {
  if (answer === null) return false;
  return isSubset(expected, parse(answer));
}

/** An answer that is not JSON is compared as text. */
function parse(answer: string): unknown {
  try {
    return JSON.parse(answer) as unknown;
  } catch {
    return answer.trim();
  }
}

/** Objects: every expected key matches; arrays: the same length, each element matches; else equal. */
export function isSubset(expected: unknown, actual: unknown): boolean {
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual) || actual.length !== expected.length) return false;
    return expected.every((item, index) => isSubset(item, actual[index]));
  }
  if (typeof expected !== 'object' || expected === null) return Object.is(expected, actual);
  if (typeof actual !== 'object' || actual === null || Array.isArray(actual)) return false;
  return Object.entries(expected).every(
    ([key, value]) => Object.hasOwn(actual, key) && isSubset(value, (actual as Record<string, unknown>)[key]),
  );
}
