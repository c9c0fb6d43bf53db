/**
 * The compiled plan: the steps of a rollout in order, with every name, number and duration resolved.
 *
 * The workflow's first activity compiles the plan from the spec, and Temporal records it in the history. A running
 * rollout therefore never depends on the spec's schema again. Plain JSON; no I/O, no clock.
 *
 * Units: durations in whole seconds, traffic shares in percent (0 to 100), latencies in milliseconds, rates in
 * percent.
 */
import type { Channel } from './notifications.js';
import type { CalendarRule } from './gate.js';
import type { Goal, JudgingPlan } from './goal.js';
import type { Guardrail } from './guardrail.js';
import type { ModelPlan, RegistrationPlan, ServePlan, WriteBackPlan } from './model-plan.js';
import type { Role } from './names.js';
import type { Step } from './step.js';
import type { ValidationPlan } from './validation-plan.js';

export interface Plan {
  /** Increased when this release can no longer execute the plans of an earlier release. */
  version: 1;
  /** `<endpoint, shortened>-<8 hex digits>`; the prefix of every name and the value of the ownership tag. */
  rolloutId: string;
  /** In the case that SageMaker has kept: metrics and InvokeEndpoint know the endpoint by it. */
  endpoint: string;
  /**
   * Shown to people and stored in the search attribute RolloutStrategy, e.g. `shadow+canary`. No code depends on it.
   */
  strategy: string;
  topology: Topology;
  models: Record<Role, ModelPlan>;
  registration: RegistrationPlan | null;
  /** Null: nothing is written back, or the candidate is no model package version. */
  writeBack: WriteBackPlan | null;
  /** `count: null`: as many instances as the live baseline has. */
  serve: ServePlan;
  validation: ValidationPlan | null;
  /** In order. The promotion follows the last step. */
  steps: Step[];
  guardrails: Guardrail[];
  /** The goals that decide an experiment. */
  goals: Goal[];
  /** Error rates of the comparisons. Absent in plans of earlier releases: `defaultJudging` applies. */
  judging?: JudgingPlan;
  onInconclusive: 'hold' | 'rollBack' | 'promote';
  /** The reaction to a change that AWS does not carry out. */
  onBlocked: BlockedPolicy;
  /** The reaction to an external change of the endpoint. */
  drift: 'hold' | 'revert' | 'adopt';
  /** Time that the baseline stays after the promotion. Null: it is deleted immediately. */
  rollbackWindow: RollbackWindow | null;
  /** The rollout does not advance while one of these rules matches. A rollback is always allowed. */
  freeze: CalendarRule[];
  notify: Channel[];
  /** Tags of all that the rollout makes, key to value. They replace those of the same key that it carries over. */
  tags: Record<string, string>;
  limits: Limits;
}

/**
 * `variants`: both models are on one endpoint, whose weights divide the traffic. `endpoints`: each model has an
 * endpoint, and the switch divides the traffic.
 */
export type Topology = 'variants' | 'endpoints';

export type BlockedPolicy = { kind: 'hold' } | { kind: 'rollBack'; afterSeconds: number };

export interface RollbackWindow {
  seconds: number;
  /** `warm`: the baseline keeps its instances. `scaledIn`: the baseline keeps one instance. */
  baseline: 'warm' | 'scaledIn';
}

export interface Limits {
  /** From the request for an endpoint change until the change is verified. */
  deploySeconds: number;
  /** From the request for a weight change until the change is verified. */
  shiftSeconds: number;
  /** A rollback is retried for this long before an operator is paged. */
  rollbackSeconds: number;
  /** The end of a bake waits this long for missing data before `onInconclusive: rollBack` rolls back. */
  holdSeconds: number;
}
