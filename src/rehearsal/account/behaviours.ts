/** How the emulated models behave, from the profiles of a rehearsal. */
import type { Behaviour } from '../../emulator/traffic/behaviours.js';
import type { Role } from '../../plan/compiled/names.js';
import type { Plan } from '../../plan/compiled/plan.js';
import type { ModelProfile } from '../scenario/scenario.js';
import { alarmNamespace, failedRequestsMetric, liveModelOf } from './build-account.js';
import type { RehearsedAccount } from './rehearsed-account.js';
import { ruleMetricsOf } from './rule-metrics.js';

const overload = { errorRate: 0.2, slower: 5 };

/** The SageMaker model of a role. Null: the rollout has no such model. */
export function modelNameOf(plan: Plan, role: Role): string | null {
  const model = plan.models[role];
  if (model.kind === 'none') return null;
  return model.kind === 'live' ? liveModelOf(plan) : model.modelName;
}

/** `rolloutId`: null before the rollout runs. */
export function behaviourOf(
  plan: Plan,
  role: Role,
  profile: ModelProfile,
  { account, rolloutId }: { account: RehearsedAccount; rolloutId: string | null },
): Behaviour {
  const { errorRate, clientErrorRate, modelErrorRate, latencyMs = {} } = profile;
  const failedRequests = {
    namespace: alarmNamespace,
    name: failedRequestsMetric,
    dimensions: { EndpointName: plan.endpoint },
    values: { kind: 'failures' },
  } as const;
  const hasAssumedAlarm = account.alarms.some(({ kind }) => kind === 'assumed');
  return {
    model: modelNameOf(plan, role) ?? '',
    ...(errorRate === undefined ? {} : { errorRate }),
    ...(clientErrorRate === undefined ? {} : { clientErrorRate }),
    ...(modelErrorRate === undefined ? {} : { modelErrorRate }),
    latencyMs,
    answers: answersFor(plan),
    metrics: [
      ...ruleMetricsOf(plan, role, profile, rolloutId).metrics,
      ...(hasAssumedAlarm ? [failedRequests] : []),
    ],
    ...(account.overloadAbove === null ? {} : { when: [overloadOf(account.overloadAbove, latencyMs)] }),
  };
}

function overloadOf(load: number, latencyMs: NonNullable<ModelProfile['latencyMs']>) {
  const slow = Object.entries(latencyMs).map(([percentile, ms = 0]) => [percentile, ms * overload.slower]);
  return { load, errorRate: overload.errorRate, latencyMs: Object.fromEntries(slow) as typeof latencyMs };
}

/** Simulated models give the expected answer to every golden request that says it. */
function answersFor({ validation }: Plan): NonNullable<Behaviour['answers']> {
  return (validation?.golden?.records ?? []).flatMap(({ body, expect }) =>
    expect === undefined
      ? []
      : [{ body: typeof body === 'string' ? body : JSON.stringify(body), response: expect }],
  );
}
