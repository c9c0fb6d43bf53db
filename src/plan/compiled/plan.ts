/**
 * The frozen plan: what a rollout will do, in order, with every name, number and duration resolved.
 *
 * A plan is compiled from the spec once, in the workflow's first activity, and recorded in history, so a
 * running rollout never depends on the spec's schema again. Plain JSON; no I/O, no clock.
 *
 * Units: durations in whole seconds, traffic shares in percent (0 to 100), latencies in milliseconds, rates in
 * percent.
 */
import type { Channel } from './notifications.js';
import type { CalendarRule } from './gate.js';
import type { Goal, JudgingPlan } from './goal.js';
import type { Guardrail } from './guardrail.js';
import type { ModelPlan, RegistrationPlan, ServePlan } from './model-plan.js';
import type { Role } from './names.js';
import type { Step } from './step.js';
import type { ValidationPlan } from './validation-plan.js';

export interface Plan {
  /** Raised when a plan of an earlier release can no longer be executed as it is. */
  version: 1;
  /** `<endpoint, shortened>-<8 hex digits>`; the prefix of every name and the value of the ownership tag. */
  rolloutId: string;
  /** Endpoint name in lower case. */
  endpoint: string;
  /** For people and for the RolloutStrategy search attribute only, e.g. `shadow+canary`: nothing branches on it. */
  strategy: string;
  topology: Topology;
  models: Record<Role, ModelPlan>;
  registration: RegistrationPlan | null;
  /** `count: null` means: as many instances as the live baseline has. */
  serve: ServePlan;
  validation: ValidationPlan | null;
  /** In order; the promotion follows the last. */
  steps: Step[];
  guardrails: Guardrail[];
  /** What an experiment decides by. */
  goals: Goal[];
  /** How sure a comparison must be. Absent where an earlier release froze the plan: `defaultJudging`. */
  judging?: JudgingPlan;
  onInconclusive: 'hold' | 'rollBack' | 'promote';
  /** What is done about someone else's change to the endpoint. */
  drift: 'hold' | 'revert' | 'adopt';
  /** How long the baseline stays after the promotion; null: it goes at once. */
  rollbackWindow: RollbackWindow | null;
  /** Nothing advances while one of these holds; a way back always may. */
  freeze: CalendarRule[];
  notify: Channel[];
  limits: Limits;
}

/**
 * `variants`: both models on one endpoint, its weights divide the traffic. `endpoints`: a model each, and the switch divides.
 */
export type Topology = 'variants' | 'endpoints';

export interface RollbackWindow {
  seconds: number;
  /** `warm`: with the instances it had. `scaledIn`: one instance. */
  baseline: 'warm' | 'scaledIn';
}

export interface Limits {
  /** From the request for an endpoint change to its verified end. */
  deploySeconds: number;
  /** From the request for a weight change to its verified end. */
  shiftSeconds: number;
  /** How long a rollback is retried before a person is called. */
  rollbackSeconds: number;
  /** How long a bake's end may wait for missing data before `onInconclusive: rollBack` acts. */
  holdSeconds: number;
}
