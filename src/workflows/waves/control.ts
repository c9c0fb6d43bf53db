/** Applies the commands of operators to the waves, and stops them after failures. */
import { toTimelineEntry, type RecordedCommand, type CheckedProof } from '../commands/handle-command.js';
import { findMalformedCommand } from '../commands/sanitize.js';
import { validateExpiry, validateProof } from '../commands/rules.js';
import type { Command } from '../messages.js';
import type { RollbackWindowReached } from './messages.js';
import type { WavesState } from './state.js';

export type WavesStop =
  { kind: 'abort'; command: Command } | { kind: 'cancelled' } | { kind: 'failures'; message: string };
export type WavesCommand = 'abort' | 'pause' | 'resume';

export class WavesControl {
  /** The reason why no further wave begins. An abort replaces failures. */
  stopped: WavesStop | null = null;
  /** The workflow has not acted on `stopped` yet. */
  hasPendingStop = false;

  constructor(private readonly state: WavesState) {}

  rejectionReason(name: WavesCommand, command: Command): string | null {
    const invalid = findMalformedCommand(name, command) ?? validateExpiry(command, Date.now());
    if (invalid) return invalid;
    const { phase, outcome, paused, wave, compiledPlan } = this.state;
    if (phase === 'ended') return `the waves have ended: ${outcome}`;
    switch (name) {
      case 'abort':
        return null;
      case 'pause':
        if (paused) return 'the waves are already paused';
        return this.stopped || wave === compiledPlan?.waves.length
          ? 'no further wave begins; pause single rollouts with penstock pause ENDPOINT'
          : null;
      case 'resume':
        return paused ? null : 'the waves are not paused';
    }
  }

  /** Commands apply to the waves as a whole. */
  scope(): null {
    return null;
  }

  /** Applies or rejects the command, and records it in the timeline. */
  command(name: WavesCommand, command: Command, checked: CheckedProof | null = null): RecordedCommand {
    const finding = checked?.finding ?? null;
    const rejection = this.rejectionReason(name, command) ?? validateProof(name, finding);
    const entry = this.state.addTimelineEntry(toTimelineEntry(name, command, { rejection, finding }));
    if (rejection === null) this.carryOut(name, command);
    return { entry, rejection };
  }

  private carryOut(name: WavesCommand, command: Command): void {
    if (name === 'abort') this.stop({ kind: 'abort', command });
    else this.state.paused = name === 'pause';
  }

  /** A cancellation through Temporal has the effect of an abort. */
  cancel(): void {
    this.stop({ kind: 'cancelled' });
  }

  /** Handles the signal of a rollout that is promoted and can still be undone. */
  reached(signal: RollbackWindowReached): void {
    const rollout = this.state.rollouts.find(({ endpoint }) => endpoint === signal?.endpoint);
    if (rollout?.state !== 'running') return;
    this.state.recordRollout(rollout, { state: 'rollbackWindow', reason: 'promoted; can still be undone' });
  }

  /** Call after a rollout has ended. */
  countFailures(): void {
    const { failures, plan } = this.state;
    if (this.stopped || failures.length < plan.stopAfter) return;
    const names = failures.map(({ endpoint }) => endpoint).join(', ');
    this.stop({ kind: 'failures', message: `not promoted: ${names}; the waves stop` });
  }

  private stop(cause: WavesStop): void {
    if (this.stopped && this.stopped.kind !== 'failures') return;
    this.stopped = cause;
    this.hasPendingStop = true;
  }
}

export function describeWavesStop(stop: WavesStop): string {
  switch (stop.kind) {
    case 'abort':
      return `aborted by ${stop.command.actor}: ${stop.command.reason}`;
    case 'cancelled':
      return 'the workflow was cancelled through Temporal';
    case 'failures':
      return stop.message;
  }
}
