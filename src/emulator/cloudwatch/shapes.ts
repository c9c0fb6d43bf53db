import type { Dimension } from '@aws-sdk/client-cloudwatch';
import { ServiceError } from '../http/service-error.js';
import type { Validated } from '../service-model/modelled.js';
import type { MetricId } from './metrics/store.js';

const finePeriods = [1, 5, 10, 20, 30];

export function metricIdOf(metric: {
  Namespace?: string;
  MetricName?: string;
  Dimensions?: Validated<Dimension>[];
}): MetricId {
  return {
    namespace: metric.Namespace ?? '',
    name: metric.MetricName ?? '',
    dimensions: Object.fromEntries(
      (metric.Dimensions ?? []).map(({ Name = '', Value = '' }) => [Name, Value]),
    ),
  };
}

export function toDimensions({ dimensions }: MetricId): { Name: string; Value: string }[] {
  return Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
}

/** Checks a period of a request, and returns it in milliseconds. */
export function periodMsOf(seconds: number | undefined): number {
  if (seconds !== undefined && (finePeriods.includes(seconds) || (seconds > 0 && seconds % 60 === 0))) {
    return seconds * 1000;
  }
  throw validationFailure('The parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60.');
}

/** Rounds a start time down: to a period below a minute, otherwise to the resolution of data of that age. */
export function roundStart(startMs: number, periodMs: number, nowMs: number): number {
  const dayMs = 86_400_000;
  const age = nowMs - startMs;
  const kept = age > 63 * dayMs ? 3_600_000 : age > 15 * dayMs ? 300_000 : 60_000;
  const unit = periodMs < 60_000 ? periodMs : kept;
  return Math.floor(startMs / unit) * unit;
}

/** CloudWatch's error for a request that its model allows but CloudWatch refuses. */
export function validationFailure(message: string): ServiceError {
  return new ServiceError('ValidationError', message);
}
