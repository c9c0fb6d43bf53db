/** State of the waves. Each change updates the search attributes and the Web UI; queries read it. */
import { setCurrentDetails, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { ChosenVersion } from '../../activities/interface/versions.js';
import type { Outcome } from '../../plan/outcome.js';
import type { WavesPlan } from '../../plan/waves/waves.js';
import { attributes, workflowIdOf } from '../messages.js';
import { describeChoice } from '../state/describe-choice.js';
import { startedByOf, now } from '../temporal/workflow-info.js';
import type { WaveRollout, WavesEntry, WavesPhase, WavesStatus } from './messages.js';
import { hasFailed, describeRolloutState } from './outcome.js';

type UnstampedWavesEntry<T> = T extends unknown ? Omit<T, 'at'> : never;

export class WavesState {
  compiledPlan: WavesPlan | null = null;
  phase: WavesPhase = 'planning';
  outcome: Outcome | null = null;
  reason = 'validating the spec';
  /** The last wave that has begun, from 1; 0 before the first. */
  wave = 0;
  paused = false;
  waitingFor: WavesStatus['waitingFor'] = null;
  rollouts: WaveRollout[] = [];
  /** The candidate's version for every rollout. Null: the spec names the candidate, or nothing is chosen yet. */
  chosen: ChosenVersion | null = null;
  readonly timeline: WavesEntry[] = [];
  readonly startedAt = now();
  readonly startedBy = startedByOf(workflowInfo().memo);
  phaseSince = now();

  constructor(readonly name: string) {
    upsertSearchAttributes([{ key: attributes.phase, value: this.phase }]);
  }

  /** Throws before planning has ended. */
  get plan(): WavesPlan {
    if (!this.compiledPlan) throw new Error('no plan yet');
    return this.compiledPlan;
  }

  get failures(): WaveRollout[] {
    return this.rollouts.filter(hasFailed);
  }

  setPlan(plan: WavesPlan): void {
    this.compiledPlan = plan;
    this.rollouts = plan.waves.flatMap(({ endpoints }, index) =>
      endpoints.map((endpoint) => ({
        endpoint,
        workflowId: workflowIdOf(endpoint),
        wave: index + 1,
        state: 'waiting' as const,
        outcome: null,
        reason: '',
        serving: null,
      })),
    );
    upsertSearchAttributes([{ key: attributes.strategy, value: plan.strategy }]);
  }

  keepVersion(chosen: ChosenVersion): void {
    this.chosen = chosen;
    this.addTimelineEntry({ kind: 'decision', message: describeChoice(chosen) });
  }

  enterPhase(phase: WavesPhase, reason: string): void {
    this.phase = phase;
    this.phaseSince = now();
    this.reason = reason;
    this.waitingFor = null;
    upsertSearchAttributes([{ key: attributes.phase, value: phase }]);
    this.addTimelineEntry({ kind: 'phase', phase, message: reason });
  }

  /** `until`: milliseconds. */
  setWaitingFor(what: string, until: number | null): void {
    this.waitingFor = { what, until: until === null ? null : new Date(until).toISOString() };
    this.publishDetails();
  }

  addTimelineEntry(entry: UnstampedWavesEntry<WavesEntry>): WavesEntry {
    const stamped = { at: now(), ...entry };
    this.timeline.push(stamped);
    this.publishDetails();
    return stamped;
  }

  recordRollout(rollout: WaveRollout, change: Partial<WaveRollout>): void {
    Object.assign(rollout, change);
    const { endpoint, state, outcome, reason } = rollout;
    const message = `${endpoint} ${outcome ?? state}${reason === '' ? '' : `: ${reason}`}`;
    this.addTimelineEntry({ kind: 'rollout', endpoint, state, outcome, message });
  }

  end(outcome: Outcome, reason: string): void {
    this.enterPhase('ended', reason);
    this.outcome = outcome;
    upsertSearchAttributes([{ key: attributes.outcome, value: outcome }]);
    this.addTimelineEntry({ kind: 'decision', message: `${outcome}: ${reason}` });
  }

  status(): WavesStatus {
    const { name, compiledPlan, phase, outcome, reason, wave, paused, waitingFor, rollouts } = this;
    return {
      name,
      strategy: compiledPlan?.strategy ?? null,
      phase,
      outcome,
      reason,
      wave: { n: wave, of: compiledPlan?.waves.length ?? 0 },
      paused,
      waitingFor,
      failures: { n: this.failures.length, stopAfter: compiledPlan?.stopAfter ?? null },
      version: this.chosen?.arn ?? null,
      rollouts,
      startedBy: this.startedBy,
      startedAt: this.startedAt,
      phaseSince: this.phaseSince,
    };
  }

  private publishDetails(): void {
    setCurrentDetails(describeWaves(this.status()));
  }
}

function describeWaves(status: WavesStatus): string {
  const { phase, outcome, reason, wave, paused, waitingFor, rollouts } = status;
  const where = wave.of > 0 ? `, wave ${wave.n} of ${wave.of}` : '';
  const lines = [`**${outcome ?? phase}**${where}${paused ? ', **paused**' : ''}: ${reason}`];
  if (waitingFor) {
    lines.push('', `Waiting for ${waitingFor.what}${waitingFor.until ? ` until ${waitingFor.until}` : ''}`);
  }
  if (rollouts.length > 0) {
    lines.push('', '| wave | endpoint | state | reason |', '|---|---|---|---|');
    for (const each of rollouts)
      lines.push(
        `| ${each.wave} | \`${each.workflowId}\` | ${describeRolloutState(each)} | ${each.reason} |`,
      );
  }
  return lines.join('\n');
}
