/** Everything that one seed decides: the spec, the account and what happens. Plain JSON, so it can be shrunk and printed. */
import type { SpecJson } from '../../../src/client/start-options.js';
import type { FaultKind, WrongData } from '../../../src/emulator/account/faults.js';
import type { MetricsOutage } from '../../../src/emulator/account/outages.js';
import type { Durations } from '../../../src/emulator/account/durations.js';
import type { Service } from './services.js';

export const endpoint = 'ranker';
export const models = { baseline: `${endpoint}-1`, candidate: `${endpoint}-2`, other: `${endpoint}-3` };
export type ArmModel = 'baseline' | 'candidate';
/** Its version 1 is approved. A rollout makes a model from it, and calls it after itself. */
export const group = `${endpoint}s`;

/** Only for variants of the pair. The rollout chooses a version of the group, or the spec names the model. */
export function isCandidate(model: string): boolean {
  return model !== models.baseline;
}
/** Guardrails name these alarms. Only events of the scenario change their states. */
export const alarms = [`${endpoint}-5xx`, `${endpoint}-latency`];
/** On the 5xx responses of the variant that serves first. No event changes its state. */
export const variantAlarm = `${endpoint}-variant-5xx`;
export const gateUrl = 'https://ci.example.com/gate';
/** Answers yes to each golden answer. */
export const judgeUrl = 'https://ci.example.com/judge';
export const conversions = { namespace: 'Shop', name: 'Conversions', per: 'Visitors' };
/** The worker's interval. The default of 30 s doubles the cost of a seed. */
export const pollSeconds = 60;

export interface Account {
  /** Instances of the baseline. */
  count: number;
  /** The requests of the baseline and the candidate together. */
  requestsPerSecond: number;
  /** From the end of a period until its metrics are visible. */
  lateMs: number;
  /** Latency of one call. */
  latencyMs: number;
  staleReadsMs: number;
  durations: Partial<Durations>;
  /** Autoscaling of the baseline. */
  scaling: { targetInvocationsPerInstance: number; minCount: number; maxCount: number } | null;
  dataCapture: boolean;
  /** The baseline's weight in the config. */
  weight: number;
  /** In the config before the baseline, except the last one. */
  others: OtherVariant[];
  candidate: Behaviour;
  baseline: Behaviour;
}

/** A variant of the endpoint that the rollout must leave as it is. */
export interface OtherVariant {
  name: string;
  model: keyof typeof models;
  /** In the config. */
  weight: number;
  count: number;
  /** Set by its owner after the config was made. Null: nothing. */
  since: { weight: number; count: number } | null;
  /** It is a scalable target. */
  isScaled: boolean;
}

/** As the variant's owner has left it before the rollout. */
export function leftBy({ weight, count, since }: OtherVariant): { weight: number; count: number } {
  return since ?? { weight, count };
}

/** Rates are fractions. */
export interface Behaviour {
  errorRate: number;
  p50Ms: number;
  conversionRate: number;
}

export type CommandName =
  'pause' | 'resume' | 'promote' | 'promoteFull' | 'abort' | 'retry' | 'approve' | 'undo';

/** `atSeconds`: after the start of the rollout. */
export type Event = { atSeconds: number } & Happening;

export type Happening =
  /** The worker's calls of one operation, from the nth after this event on. */
  | {
      kind: 'fault';
      operation: string;
      fault: FaultKind;
      data?: WrongData;
      nth: number;
      count: number;
      seconds: number;
    }
  /** All calls of the worker to one service fail for a while. */
  | {
      kind: 'serviceAway';
      service: Service;
      fault: 'throttle' | 'error500' | 'accessDenied';
      forSeconds: number;
    }
  /** The worker's credentials are those of another account: nothing that it names exists there. */
  | { kind: 'wrongAccount'; forSeconds: number }
  | { kind: 'metricsAway'; outage: MetricsOutage; forSeconds: number }
  /** Readers first get a share of the newest period. */
  | { kind: 'metricsPartial'; share: number; forSeconds: number }
  /** Metrics of a model are never published for a while. */
  | { kind: 'metricsWithheld'; model: ArmModel; forSeconds: number }
  | { kind: 'alarm'; alarm: string; state: 'ALARM' | 'OK' | 'INSUFFICIENT_DATA' }
  | { kind: 'behaviour'; model: ArmModel; behaviour: Behaviour }
  | { kind: 'traffic'; requestsPerSecond: number }
  | { kind: 'maintenance'; forSeconds: number }
  | { kind: 'loseInstances'; model: ArmModel; count: number }
  /** Instances that the region can still provide. Null: any number. */
  | { kind: 'capacity'; instances: number | null }
  | { kind: 'external'; change: ExternalChange }
  | { kind: 'command'; command: CommandName; actor: string }
  | { kind: 'workerDown'; forSeconds: number }
  /** The worker dies at the nth call of the operation after this event, before or after its effect. */
  | {
      kind: 'workerDiesInCall';
      operation: string;
      nth: number;
      stage: 'before' | 'after';
      forSeconds: number;
    }
  /** The clock of the worker's machine is off until the worker is replaced. */
  | { kind: 'clockSkew'; skewSeconds: number }
  /** The answer of the gate's service from now on. */
  | { kind: 'gateAnswer'; answer: GateAnswer };

export type GateAnswer = 'yes' | 'no' | 'not yet' | 'error' | 'silence';

/** A change by someone else. `weights`: of the baseline and of the candidate. */
export type ExternalChange =
  | { what: 'weights'; baseline: number; candidate: number }
  | { what: 'counts'; model: ArmModel; count: number }
  /** Changes the first of the other variants. `count`: null, it stays. */
  | { what: 'others'; weight: number; count: number | null }
  | { what: 'config' }
  | { what: 'deleteConfig' }
  | { what: 'tags' };

export interface Scenario {
  seed: number;
  spec: SpecJson;
  account: Account;
  /** In order of time. */
  events: Event[];
}
