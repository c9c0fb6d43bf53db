/** What a rollout tells of its state. Pure. */
import type { Role } from '../plan/plan.js';
import { stagesOf } from '../plan/schedule.js';
import { gateSentence } from './gate-sentence.js';
import type { RolloutStatus, VariantStatus } from './messages.js';
import type { RolloutState } from './state.js';

export function statusOf(state: RolloutState): RolloutStatus {
  const { plan, phase, outcome, reason, paused, gate, holding, waitingFor, jobs, verdicts, observation } =
    state;
  return {
    rolloutId: plan?.rolloutId ?? null,
    endpoint: state.endpoint,
    strategy: plan?.strategy ?? null,
    phase,
    outcome,
    reason,
    step: { n: state.stage, of: plan ? stagesOf(plan) : 0 },
    paused,
    gate: gate && {
      id: gate.gate.id,
      kind: gate.gate.kind,
      sentence: gateSentence(gate.gate),
      approvals: gate.approvals,
      people: gate.gate.kind === 'approval' ? gate.gate.people : null,
    },
    holding,
    waitingFor,
    jobs,
    variants: plan ? [variantStatus(state, 'baseline'), variantStatus(state, 'candidate')] : [],
    verdicts,
    observation,
    startedBy: state.startedBy,
    startedAt: state.startedAt,
    phaseSince: state.phaseSince,
  };
}

/** The model behind the only variant with traffic, as last read back; null where that is not one, or not known. */
export function servingModel(state: RolloutState): string | null {
  if (!state.plan) return null;
  const serving = state.observation?.variants.filter((v) => v.currentWeight > 0 && !v.shadow) ?? [];
  const role = (['baseline', 'candidate'] as const).find((r) => state.variants[r] === serving[0]?.name);
  return serving.length === 1 && role ? modelName(state, role) : null;
}

/**
 * A variant that is not on the endpoint has no traffic, nor has a shadow, which gets copies; before anything was seen a
 * share is not known.
 */
function variantStatus(state: RolloutState, role: Role): VariantStatus {
  const name = state.variants[role];
  const seen = state.observation?.variants.find((v) => v.name === name);
  const answering = state.observation?.variants.filter((v) => !v.shadow) ?? [];
  const total = answering.reduce((sum, v) => sum + v.currentWeight, 0);
  const stats = state.stats.find((s) => s.role === role);
  return {
    role,
    name,
    modelName: modelName(state, role),
    setWeight: state.weights?.[role] ?? null,
    actualWeight: total > 0 ? (100 * (seen?.shadow ? 0 : (seen?.currentWeight ?? 0))) / total : null,
    count: seen?.currentCount ?? null,
    requests: stats?.requests ?? null,
    errors: stats?.errors ?? null,
    p99Ms: stats?.p99Ms ?? null,
  };
}

function modelName({ models, starting }: RolloutState, role: Role): string | null {
  const live = role === 'baseline' && starting?.kind === 'live' ? starting.modelName : null;
  return models[role] ?? live;
}
