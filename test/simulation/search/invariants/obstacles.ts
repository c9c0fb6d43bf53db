/** Times in which a rollout cannot act, however good it is. A time limit runs only outside of them. */
import { isEffect } from '../../../faults/kills/effects.js';
import type { CallRecord } from '../../../../src/emulator/account/calls.js';
import type { Record, Span } from '../play/record.js';
import { isOptional, serviceOf } from '../services.js';

/** docs/reliability.md, cost of a worker failure: 15 s heartbeat timeout and up to 30 s retry backoff. */
const takeOverMs = 45_000;
/**
 * An attempt that runs learns of its cancellation with its next heartbeat, at most 80 % of the heartbeat timeout of 15 s
 * later: https://docs.temporal.io/encyclopedia/detecting-activity-failures#throttling
 */
const cancellationMs = 12_000;
/** Samples of the endpoint are this far apart. */
const sampleMs = 31_000;

export interface ObstacleOptions {
  /** When the time limit begins. */
  fromMs: number;
  /** Calls of these operations must succeed to act. */
  needed: RegExp;
}

export function obstaclesOf(record: Record, { fromMs, needed }: ObstacleOptions): Span[] {
  return [
    ...record.down.map((span) => ({ ...span, toMs: span.toMs + takeOverMs })),
    ...record.hits.filter(({ operation }) => needed.test(operation) && !isOptional(serviceOf(operation))),
    ...awaySpans(record),
    ...busySpans(record, fromMs),
  ];
}

/** A service that users depend on, or the right account, is away. */
function awaySpans({ done }: Record): Span[] {
  return done.flatMap(({ atMs, happening }) =>
    (happening.kind === 'serviceAway' && ['sagemaker', 'cloudwatch'].includes(happening.service)) ||
    happening.kind === 'wrongAccount'
      ? [{ fromMs: atMs, toMs: atMs + happening.forSeconds * 1000 }]
      : [],
  );
}

/**
 * SageMaker rejects changes of an endpoint that is not in service. A change that the rollout itself began after `fromMs`
 * is no excuse, unless an attempt requested it that had not heard of its cancellation yet.
 */
function busySpans(record: Record, fromMs: number): Span[] {
  const { samples, calls, foreign, endedMs, done } = record;
  // Then the baseline can have more users already than its instances can serve, and no more move before a scale-out.
  const wereWeightsChanged = done.some(
    ({ happening }) => happening.kind === 'external' && happening.change.what === 'weights',
  );
  const isAwaited = (call: CallRecord) =>
    wereWeightsChanged && /DesiredInstanceCount/.test(String(call.parameters.DesiredWeightsAndCapacities));
  // An operator who promotes in full asks for the change before a window can say anything, and SageMaker can take long over it.
  const pushedMs =
    done.find(({ happening }) => happening.kind === 'command' && happening.command === 'promoteFull')?.atMs ??
    Infinity;
  return samples.flatMap((sample, i) => {
    if (sample.live?.status === 'InService') return [];
    const begins = sample.atMs;
    const toMs = (samples[i + 1]?.atMs ?? endedMs ?? Infinity) + sampleMs;
    const isOwn =
      begins > fromMs &&
      calls.some(
        (call) =>
          !foreign.has(call) &&
          !isAwaited(call) &&
          isEffect(call) &&
          call.at >= fromMs + cancellationMs &&
          call.at < pushedMs &&
          Math.abs(call.at - begins) < sampleMs,
      );
    return isOwn ? [] : [{ fromMs: begins, toMs }];
  });
}

/** When that much time has passed outside of the spans. */
export function deadlineOf(fromMs: number, budgetMs: number, spans: Span[]): number {
  let at = fromMs;
  let left = budgetMs;
  for (const span of [...spans].sort((a, b) => a.fromMs - b.fromMs)) {
    if (span.toMs <= at) continue;
    if (span.fromMs > at) {
      if (span.fromMs - at >= left) return at + left;
      left -= span.fromMs - at;
    }
    at = span.toMs;
  }
  return at + left;
}
