/** The instances of a rollout fit into the account's quotas. */
import type { Plan } from '../../plan/compiled/plan.js';
import { startsSecondFleet } from '../../plan/compiled/second-fleet.js';
import type { InitialEndpoint } from '../interface/endpoint.js';
import type { InstanceQuota, InstanceQuotaReader } from './instance-quotas.js';
import type { OptionalAnswer } from './optional-read.js';

/** Instances that a rollout needs of one quota. */
export interface InstanceNeed {
  quota: string;
  /** Instances that must exist at the same time, at least. */
  together: number;
  /** Instances of those that do not exist yet. */
  added: number;
  /** Names of what needs them, with their counts. */
  of: string[];
  advice: string;
  /** Only for the time of the last update, which a promotion does not depend on. */
  isBrief?: boolean;
}

interface QuotaChecks {
  findings: string[];
  warnings: string[];
}

export async function checkQuotas(
  reader: InstanceQuotaReader,
  plan: Plan,
  starting: InitialEndpoint,
  nowMs: number,
): Promise<QuotaChecks> {
  const needs = [
    ...endpointNeeds(plan, starting),
    ...lastUpdateNeeds(plan, starting),
    ...trainingNeeds(plan),
  ];
  if (needs.length === 0) return { findings: [], warnings: [] };
  const read = await reader.readQuotas([...new Set(needs.map(({ quota }) => quota))], nowMs);
  return judgeQuotas(needs, read);
}

/**
 * A quota below the rollout's own instances is surely too small. The use of the account can change, so it only warns. For each quota,
 * only the first need that does not fit is told.
 */
export function judgeQuotas(
  needs: readonly InstanceNeed[],
  read: ReadonlyMap<string, OptionalAnswer<InstanceQuota>>,
): QuotaChecks {
  const checks: QuotaChecks = { findings: [], warnings: [] };
  const unread = new Map<string, string[]>();
  const told = new Set<string>();
  for (const need of needs) {
    const { quota } = need;
    if (told.has(quota)) continue;
    const answer = read.get(quota) ?? { unread: 'it was not read' };
    if ('unread' in answer) {
      unread.set(answer.unread, [...(unread.get(answer.unread) ?? []), quota]);
      told.add(quota);
      continue;
    }
    const problem = problemOf(need, answer.value);
    if (problem === null) continue;
    checks[problem.isFatal ? 'findings' : 'warnings'].push(problem.message);
    told.add(quota);
  }
  for (const [reason, quotas] of unread)
    checks.warnings.push(
      `cannot check that the quotas ${quotas.map((name) => `"${name}"`).join(', ')} are large enough: ${reason}`,
    );
  return checks;
}

function problemOf(
  { quota, together, added, of, advice, isBrief = false }: InstanceNeed,
  { limit, used }: InstanceQuota,
): { isFatal: boolean; message: string } | null {
  if (limit < together) {
    const message = isBrief
      ? `the quota "${quota}" is ${limit}, and the last update can need ${together}: ${listed(of)}; ask Service Quotas for an increase to ${together} or more, or ${advice}`
      : `the quota "${quota}" is ${limit}, and the rollout needs ${together}: ${listed(of)}; ask Service Quotas for an increase to ${together} or more, or ${advice}`;
    return { isFatal: !isBrief, message };
  }
  if (used === null || used + added <= limit) return null;
  const message = `the quota "${quota}" is ${limit}, the account uses ${used}, and the rollout adds ${added}; ask Service Quotas for an increase to ${used + added} or more, or ${advice}`;
  return { isFatal: false, message };
}

function listed(items: string[]): string {
  const last = items.at(-1) ?? '';
  return items.length < 2 ? last : `${items.slice(0, -1).join(', ')} and ${last}`;
}

/**
 * Both models serve at the same time. A scaled-in baseline keeps one instance. Whether SageMaker also counts the old fleet
 * during an update is not known, so it does not count here.
 */
export function endpointNeeds({ models, serve }: Plan, starting: InitialEndpoint): InstanceNeed[] {
  const live = starting.kind === 'live' ? starting : null;
  const candidateType = serve.instanceType ?? live?.instanceType ?? '';
  const candidate = serve.count ?? live?.count ?? 0;
  if (candidateType === '' || candidate === 0) return [];
  const baselineType = live?.instanceType ?? candidateType;
  const present = live?.count ?? (models.baseline.kind === 'none' ? 0 : candidate);
  const scaledIn = Math.min(present, 1);
  const [least, most] = serve.capacity === 'scaleBoth' ? [scaledIn, 1] : [present, candidate];
  const needOf = (type: string, baseline: number, added: number): InstanceNeed => ({
    quota: `${type} for endpoint usage`,
    together: baseline + added,
    added: added + (live === null ? baseline : 0),
    of: [
      ...(baseline > 0 ? [`${baseline} of the baseline`] : []),
      ...(added > 0 ? [`${added} of the candidate`] : []),
    ],
    advice: 'change serve.instance, serve.count or serve.capacity',
  });
  if (baselineType !== candidateType)
    return [
      ...(live === null && present > 0 ? [needOf(baselineType, present, 0)] : []),
      needOf(candidateType, 0, candidate),
    ];
  // The baseline scales in only after the candidate has scaled out.
  const [small, large] = [needOf(candidateType, least, candidate), needOf(candidateType, present, most)];
  return [small.together >= large.together ? small : large];
}

/**
 * The second fleet of the candidate starts while both models have instances. Whether a quota counts all of them is not known, and a
 * last update that is refused does not undo the promotion.
 */
export function lastUpdateNeeds(plan: Plan, starting: InitialEndpoint): InstanceNeed[] {
  const { serve, rollbackWindow, topology } = plan;
  const live = starting.kind === 'live' ? starting : null;
  const type = serve.instanceType ?? live?.instanceType ?? '';
  const candidate = serve.count ?? live?.count ?? 0;
  if (!startsSecondFleet(plan) || type === '' || candidate === 0) return [];
  const hasOtherType = live !== null && live.instanceType !== type;
  const present = hasOtherType ? 0 : (live?.count ?? candidate);
  const isScaledIn = serve.capacity === 'scaleBoth' || rollbackWindow?.baseline === 'scaledIn';
  const baseline = isScaledIn ? Math.min(present, 1) : present;
  return [
    {
      quota: `${type} for endpoint usage`,
      together: baseline + 2 * candidate,
      added: baseline + 2 * candidate - (live === null ? 0 : present),
      of: [
        ...(baseline > 0 ? [`${baseline} of the baseline`] : []),
        `${candidate} of the candidate`,
        `${candidate} of the second fleet`,
      ],
      advice:
        topology === 'endpoints'
          ? 'change serve.instance or serve.count'
          : 'change serve.instance, serve.count or serve.variantNames',
      isBrief: true,
    },
  ];
}

/** Both models train at the same time. Spot instances have quotas of their own. */
export function trainingNeeds({ models }: Pick<Plan, 'models'>): InstanceNeed[] {
  const counts = new Map<string, { role: string; count: number }[]>();
  for (const role of ['baseline', 'candidate'] as const) {
    const model = models[role];
    if (model.kind !== 'train') continue;
    const { instance, settings } = model.training;
    const usage = settings?.['EnableManagedSpotTraining'] === true ? 'spot training job' : 'training job';
    const quota = `${instance.type} for ${usage} usage`;
    counts.set(quota, [...(counts.get(quota) ?? []), { role, count: instance.count }]);
  }
  return [...counts].map(([quota, jobs]) => {
    const together = jobs.reduce((sum, { count }) => sum + count, 0);
    return {
      quota,
      ...{ together, added: together },
      of: jobs.map(({ role, count }) => `${count} to train the ${role}`),
      advice: 'change train.instance',
    };
  });
}
