import { ServiceError } from '../http/service-error.js';
import type { Variant } from './endpoints/endpoint-state.js';
import type { AccountState } from '../account/account-state.js';
import type { TrainingJobRequest } from './training/training-requests.js';

export type LimitedUsage = 'endpoint usage' | 'training job usage' | 'spot training job usage';

/** Instance counts by instance type. */
export type InstanceCounts = Map<string, number>;

/** Refuses a request beyond the account's limit for an instance type. A type without a limit is unlimited. */
export function requireWithinLimits(account: AccountState, usage: LimitedUsage, added: InstanceCounts): void {
  for (const [type, delta] of added) {
    const limit = account.sageMaker.instanceLimits.get(`${type} for ${usage}`);
    const used = usedInstances(account, usage).get(type) ?? 0;
    if (limit !== undefined && delta > 0 && used + delta > limit) {
      throw limitExceeded(`${type} for ${usage}`, limit, used, delta);
    }
  }
}

/** SageMaker's message. */
export function limitExceeded(resource: string, limit: number, used: number, delta: number): ServiceError {
  return new ServiceError(
    'ResourceLimitExceeded',
    `The account-level service limit '${resource}' is ${limit} Instances, with current utilization of ${used} Instances and a request delta of ${delta} Instances. Please use AWS Service Quotas to request an increase for this quota. If AWS Service Quotas is not available, contact AWS support to request an increase for this quota.`,
  );
}

/** Emulates an armed `quota` fault: the limit equals the current use. */
export function refuseForLimit(account: AccountState, usage: LimitedUsage, added: InstanceCounts): never {
  const [type, delta] = [...added][0] ?? ['ml.m5.large', 1];
  const used = usedInstances(account, usage).get(type) ?? 0;
  throw limitExceeded(`${type} for ${usage}`, used, used, Math.max(1, delta));
}

/** False if the region does not have the additional instances of some type. */
export function hasCapacity(account: AccountState, added: InstanceCounts): boolean {
  return [...added].every(([type, count]) => {
    const available = account.sageMaker.capacity.get(type);
    return available === undefined || count <= available;
  });
}

export function instancesOf(variants: Variant[]): InstanceCounts {
  return sum(variants.map((each) => [each.instanceType, Math.max(each.currentCount, each.desiredCount)]));
}

/** Instances of a job that has not ended. */
export function trainingInstances({ ResourceConfig }: TrainingJobRequest): InstanceCounts {
  return sum([[ResourceConfig.InstanceType, ResourceConfig.InstanceCount ?? 1]]);
}

function usedInstances(account: AccountState, usage: LimitedUsage): InstanceCounts {
  if (usage === 'endpoint usage') {
    const variants = [...account.endpoints.values()].flatMap((endpoint) => {
      const fleets = [endpoint, ...(endpoint.change?.kind === 'deployment' ? [endpoint.change.fleet] : [])];
      return fleets.flatMap((fleet) => [...fleet.variants, ...fleet.shadows]);
    });
    return instancesOf(variants);
  }
  const spot = usage === 'spot training job usage';
  const jobs = [...account.trainingJobs.values()].filter(
    (job) =>
      (job.status === 'InProgress' || job.status === 'Stopping') &&
      (job.request.EnableManagedSpotTraining ?? false) === spot,
  );
  return sum(jobs.flatMap((job) => [...trainingInstances(job.request)]));
}

function sum(counts: [type: string | undefined, count: number][]): InstanceCounts {
  const total: InstanceCounts = new Map();
  for (const [type, count] of counts) if (type !== undefined) total.set(type, (total.get(type) ?? 0) + count);
  return total;
}
