import type { Random } from '../../account/random.js';
import { instanceSizeOf } from './instance-size.js';

export const utilizationMetrics = ['CPUUtilization', 'MemoryUtilization', 'DiskUtilization'] as const;
export const gpuMetrics = ['GPUUtilization', 'GPUMemoryUtilization'] as const;
export type UtilizationMetric = (typeof utilizationMetrics)[number] | (typeof gpuMetrics)[number];

/** Relative deviation of the instances from each other, and of the periods. */
const spread = 0.03;

/**
 * The utilization of one instance in percent. Cores and GPUs each count up to 100 (developer guide, "Endpoint jobs and
 * endpoint metrics"). `concurrency`: requests that the instance serves at a time. Each one is assumed to use one core, or
 * one GPU and a quarter of a core. The other figures are plausible, not measured.
 */
export function utilizationOf(
  metric: UtilizationMetric,
  instanceType: string,
  concurrency: number,
  random: Random,
): number {
  const { cores, gpus } = instanceSizeOf(instanceType);
  const noise = 1 + spread * (2 * random.uniform() - 1);
  switch (metric) {
    case 'CPUUtilization':
      return Math.min(100 * cores, noise * (2 + (gpus > 0 ? 25 : 100) * concurrency));
    case 'MemoryUtilization':
      return Math.min(100, noise * (20 + (10 * concurrency) / cores));
    case 'DiskUtilization':
      return noise * 12;
    case 'GPUUtilization':
      return Math.min(100 * gpus, noise * 100 * concurrency);
    case 'GPUMemoryUtilization':
      // The model is in memory, with or without requests.
      return noise * 55 * gpus;
  }
}

export function hasGpus(instanceType: string): boolean {
  return instanceSizeOf(instanceType).gpus > 0;
}
