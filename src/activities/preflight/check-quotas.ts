/** The instances of a rollout fit into the account's quotas. */
import type { Plan } from '../../plan/compiled/plan.js';
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
  const needs = [...endpointNeeds(plan, starting), ...trainingNeeds(plan)];
  if (needs.length === 0) return { findings: [], warnings: [] };
  const read = await reader.readQuotas(
    needs.map(({ quota }) => quota),
    nowMs,
  );
  return judgeQuotas(needs, read);
}

/** A quota below the rollout's own instances is surely too small. The use of the account can change, so it only warns. */
export function judgeQuotas(
  needs: readonly InstanceNeed[],
  read: ReadonlyMap<string, OptionalAnswer<InstanceQuota>>,
): QuotaChecks {
  const checks: QuotaChecks = { findings: [], warnings: [] };
  const unread = new Map<string, string[]>();
  for (const { quota, together, added, of, advice } of needs) {
    const answer = read.get(quota) ?? { unread: 'it was not read' };
    if ('unread' in answer) {
      unread.set(answer.unread, [...(unread.get(answer.unread) ?? []), quota]);
      continue;
    }
    const { limit, used } = answer.value;
    const need = of.join(' and ');
    if (limit < together)
      checks.findings.push(
        `the quota "${quota}" is ${limit}, and the rollout needs ${together}: ${need}; ask Service Quotas for an increase to ${together} or more, or ${advice}`,
      );
    else if (used !== null && used + added > limit)
      checks.warnings.push(
        `the quota "${quota}" is ${limit}, the account uses ${used}, and the rollout adds ${added}; ask Service Quotas for an increase to ${used + added} or more, or ${advice}`,
      );
  }
  for (const [reason, quotas] of unread)
    checks.warnings.push(
      `cannot check that the quotas ${quotas.map((name) => `"${name}"`).join(', ')} are large enough: ${reason}`,
    );
  return checks;
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
