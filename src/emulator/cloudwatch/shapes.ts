import { z } from 'zod';
import type { MetricId } from './store.js';

export const namespace = z
  .string()
  .min(1)
  .max(255)
  .regex(/^[^:].*$/);

export const dimensions = z
  .array(z.object({ Name: z.string().min(1).max(255), Value: z.string().min(1).max(1024) }))
  .max(30)
  .optional();

/** Epoch seconds, ISO 8601 or a Date, as the protocols have it; epoch ms. */
export const time = z
  .union([z.number(), z.string(), z.date()])
  .transform((value) => (typeof value === 'number' ? value * 1000 : new Date(value).getTime()))
  .refine((value) => Number.isFinite(value), 'Member must be a time');

/** A second, or a multiple of a minute; below a minute also 5, 10, 20 and 30 s. */
export const period = z
  .int()
  .min(1)
  .refine((seconds) => [1, 5, 10, 20, 30].includes(seconds) || seconds % 60 === 0, {
    message: 'Member must be 1, 5, 10, 20, 30 or a multiple of 60',
  });

export const stat = z
  .string()
  .regex(/^(SampleCount|Average|Sum|Minimum|Maximum|p(\d{1,2}(\.\d{1,10})?|100))$/);

export function metricIdOf(metric: {
  Namespace?: string | undefined;
  MetricName?: string | undefined;
  Dimensions?: z.output<typeof dimensions>;
}): MetricId {
  return {
    namespace: metric.Namespace ?? '',
    name: metric.MetricName ?? '',
    dimensions: Object.fromEntries((metric.Dimensions ?? []).map(({ Name, Value }) => [Name, Value])),
  };
}
