/** What the waves know of themselves: kept in the workflow, shown by queries, attributes and the Web UI. */
import { setCurrentDetails, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { Outcome } from '../../plan/outcome.js';
import type { WavesPlan } from '../../plan/waves/waves.js';
import { attributes, workflowIdOf } from '../messages.js';
import { startedByOf } from '../temporal/started-by.js';
import { now } from '../temporal/workflow-info.js';
import { describeWaves } from './details.js';
import type { WaveRollout, WavesEntry, WavesPhase, WavesStatus } from './messages.js';
import { hasFailed } from './outcome.js';

type Unstamped<T> = T extends unknown ? Omit<T, 'at'> : never;

export class WavesState {
  plan: WavesPlan | null = null;
  phase: WavesPhase = 'planning';
  outcome: Outcome | null = null;
  reason = 'the spec is being checked';
  /** Of those that have begun, the last; from 1. */
  wave = 0;
  paused = false;
  waitingFor: WavesStatus['waitingFor'] = null;
  rollouts: WaveRollout[] = [];
  readonly timeline: WavesEntry[] = [];
  readonly startedAt = now();
  readonly startedBy = startedByOf(workflowInfo().memo);
  phaseSince = now();

  constructor(readonly name: string) {
    upsertSearchAttributes([{ key: attributes.phase, value: this.phase }]);
  }

  /** Asking before the plan is there is a fault of our own. */
  get frozen(): WavesPlan {
    if (!this.plan) throw new Error('no plan yet');
    return this.plan;
  }

  get failures(): WaveRollout[] {
    return this.rollouts.filter(hasFailed);
  }

  adopt(plan: WavesPlan): void {
    this.plan = plan;
    this.rollouts = plan.waves.flatMap(({ endpoints }, index) =>
      endpoints.map((endpoint) => ({
        endpoint,
        workflowId: workflowIdOf(endpoint),
        wave: index + 1,
        standing: 'waiting' as const,
        outcome: null,
        reason: '',
        serving: null,
      })),
    );
    upsertSearchAttributes([{ key: attributes.strategy, value: plan.strategy }]);
  }

  enter(phase: WavesPhase, reason: string): void {
    this.phase = phase;
    this.phaseSince = now();
    this.reason = reason;
    this.waitingFor = null;
    upsertSearchAttributes([{ key: attributes.phase, value: phase }]);
    this.note({ kind: 'phase', phase, sentence: reason });
  }

  /** `until`: milliseconds. */
  await(what: string, until: number | null): void {
    this.waitingFor = { what, until: until === null ? null : new Date(until).toISOString() };
    this.show();
  }

  note(entry: Unstamped<WavesEntry>): WavesEntry {
    const noted = { at: now(), ...entry };
    this.timeline.push(noted);
    this.show();
    return noted;
  }

  record(rollout: WaveRollout, news: Partial<WaveRollout>): void {
    Object.assign(rollout, news);
    const { endpoint, standing, outcome, reason } = rollout;
    const sentence = `${endpoint} ${outcome ?? standing}${reason === '' ? '' : `: ${reason}`}`;
    this.note({ kind: 'rollout', endpoint, standing, outcome, sentence });
  }

  end(outcome: Outcome, reason: string): void {
    this.enter('ended', reason);
    this.outcome = outcome;
    upsertSearchAttributes([{ key: attributes.outcome, value: outcome }]);
    this.note({ kind: 'decision', sentence: `${outcome}: ${reason}` });
  }

  status(): WavesStatus {
    const { name, plan, phase, outcome, reason, wave, paused, waitingFor, rollouts } = this;
    return {
      name,
      strategy: plan?.strategy ?? null,
      phase,
      outcome,
      reason,
      wave: { n: wave, of: plan?.waves.length ?? 0 },
      paused,
      waitingFor,
      failures: { n: this.failures.length, stopAfter: plan?.stopAfter ?? null },
      rollouts,
      startedBy: this.startedBy,
      startedAt: this.startedAt,
      phaseSince: this.phaseSince,
    };
  }

  private show(): void {
    setCurrentDetails(describeWaves(this.status()));
  }
}
