/** Status of a rollout, for the query and for people. Pure. */
import type { EndpointObservation, VariantObservation } from '../../activities/interface/endpoint.js';
import type { Role } from '../../plan/compiled/names.js';
import { roleOfVariant } from '../../plan/compiled/role-of-variant.js';
import { type NamedRollout, observedVariant } from '../deployment/capacity.js';
import { stagesOf } from '../../plan/schedule/schedule.js';
import type { WatchProgress } from './cursor.js';
import type { RolloutData } from './data.js';
import type { RolloutStatus, VariantStatus, WatchStatus } from '../messages.js';
import type { Gate } from '../../plan/compiled/gate.js';

export function statusOf(data: RolloutData): RolloutStatus {
  const { compiledPlan, gate } = data;
  return {
    rolloutId: compiledPlan?.rolloutId ?? null,
    endpoint: data.endpoint,
    strategy: compiledPlan?.strategy ?? null,
    phase: data.phase,
    outcome: data.outcome,
    reason: data.reason,
    step: { n: data.stage, of: compiledPlan ? stagesOf(compiledPlan) : 0 },
    paused: data.paused,
    gate: gate && {
      id: gate.gate.id,
      kind: gate.gate.kind,
      message: describeGate(gate.gate),
      approvals: gate.approvals,
      people: gate.gate.kind === 'approval' ? gate.gate.people : null,
    },
    hold: data.hold,
    waitingFor: data.waitingFor,
    watch: watchStatus(data.cursor.watch),
    warnings: data.starting?.warnings ?? [],
    jobs: data.jobs,
    variants: compiledPlan ? [variantStatus(data, 'baseline'), variantStatus(data, 'candidate')] : [],
    verdicts: data.verdicts,
    observation: data.observation,
    startedBy: data.startedBy,
    startedAt: data.startedAt,
    phaseSince: data.phaseSince,
  };
}

function watchStatus(watch: WatchProgress | null): WatchStatus | null {
  if (watch === null) return null;
  const { mode, need, modeSince } = watch;
  return { mode, need, since: new Date(modeSince).toISOString() };
}

/** The model of the only arm with traffic, as last observed; null if there is no such variant or it is unknown. */
export function servingModel(data: RolloutData): string | null {
  if (!data.compiledPlan) return null;
  const serving = armVariants(data.observation, { plan: data.compiledPlan, variants: data.variants });
  const [only, ...more] = serving.filter(({ currentWeight }) => currentWeight > 0);
  if (only === undefined || more.length > 0) return null;
  const { rolloutId } = data.compiledPlan;
  const role = roleOfVariant(only, { rolloutId, variants: data.variants });
  return role && modelName(data, role);
}

/**
 * Percent of the requests of baseline and candidate: 0 for a shadow, which gets only copies, and for a variant that is not on
 * the endpoint. Null before the first observation.
 */
export function actualWeightOf(
  observation: EndpointObservation | null,
  role: Role,
  rollout: NamedRollout,
): number | null {
  const total = armVariants(observation, rollout).reduce((sum, v) => sum + v.currentWeight, 0);
  if (total <= 0) return null;
  const observed = observedVariant(observation, role, rollout);
  return (100 * (observed?.shadow ? 0 : (observed?.currentWeight ?? 0))) / total;
}

/** Without shadows, and without the endpoint's other variants. */
function armVariants(
  observation: EndpointObservation | null,
  { plan: { rolloutId }, variants }: NamedRollout,
): VariantObservation[] {
  const isOfArm = (each: VariantObservation) =>
    !each.shadow && roleOfVariant(each, { rolloutId, variants }) !== null;
  return observation?.variants.filter(isOfArm) ?? [];
}

function variantStatus(data: RolloutData, role: Role): VariantStatus {
  const observed = observedVariant(data.observation, role, data);
  const stats = data.stats.find((s) => s.role === role);
  return {
    role,
    name: observed?.name ?? data.variants[role],
    modelName: modelName(data, role),
    version: data.versionOf(role),
    setWeight: data.weights?.[role] ?? null,
    actualWeight: actualWeightOf(data.observation, role, data),
    count: observed?.currentCount ?? null,
    requests: stats?.requests ?? null,
    errors: stats?.errors ?? null,
    p99Ms: stats?.p99Ms ?? null,
  };
}

function modelName({ models, starting }: RolloutData, role: Role): string | null {
  const live = role === 'baseline' && starting?.kind === 'live' ? starting.modelName : null;
  return models[role] ?? live;
}

/** One sentence that says what opens a gate. */
export function describeGate(gate: Gate): string {
  switch (gate.kind) {
    case 'manual':
      return `gate ${gate.id}: waits for promote`;
    case 'approval': {
      const who = gate.people === 1 ? 'one person' : `${gate.people} different people`;
      return `gate ${gate.id}: waits for the approval of ${who}${gate.allowStarter ? '' : ', not the starter'}${gate.verified ? ' (verified approvals only)' : ''}`;
    }
    case 'webhook':
      return `gate ${gate.id}: waits for a yes from its webhook`;
    case 'hours':
      return `gate ${gate.id}: waits for its opening hours`;
  }
}
