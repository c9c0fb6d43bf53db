/** What stops the waves, and what an operator may do to them. */
import { entryOf, type Noted } from '../commands/command-entry.js';
import { malformedCommand } from '../commands/sanitize.js';
import { refuseProof } from '../commands/rules.js';
import type { Checked } from '../commands/handle-command.js';
import type { Command } from '../messages.js';
import type { Reached } from './messages.js';
import type { WavesState } from './state.js';

export type WavesStop =
  { kind: 'abort'; command: Command } | { kind: 'cancelled' } | { kind: 'failures'; sentence: string };
export type WavesCommand = 'abort' | 'pause' | 'resume';

export class WavesControl {
  /** Why no further wave begins; an abort takes the place of failures. */
  stopped: WavesStop | null = null;
  /** Whether that has not been acted on yet. */
  isNews = false;

  constructor(private readonly state: WavesState) {}

  refusal(name: WavesCommand, command: Command): string | null {
    const malformed = malformedCommand(name, command);
    if (malformed) return malformed;
    const { phase, outcome, paused, wave, plan } = this.state;
    if (phase === 'ended') return `the waves have ended: ${outcome}`;
    switch (name) {
      case 'abort':
        return null;
      case 'pause':
        if (paused) return 'the waves are paused already';
        return this.stopped || wave === plan?.waves.length
          ? 'no further wave is to begin; pause the rollouts themselves: penstock pause ENDPOINT'
          : null;
      case 'resume':
        return paused ? null : 'the waves are not paused';
    }
  }

  /** Whatever has come meanwhile, they mean the waves as a whole. */
  aim(): null {
    return null;
  }

  /** Carries out a command, or notes its refusal; recorded either way. */
  command(name: WavesCommand, command: Command, checked: Checked | null = null): Noted {
    const finding = checked?.finding ?? null;
    const refused = this.refusal(name, command) ?? refuseProof(name, finding);
    const entry = this.state.note(entryOf(name, command, { refused, finding }));
    if (refused === null) this.carryOut(name, command);
    return { entry, refused };
  }

  private carryOut(name: WavesCommand, command: Command): void {
    if (name === 'abort') this.stop({ kind: 'abort', command });
    else this.state.paused = name === 'pause';
  }

  /** Cancelled through Temporal: as an abort. */
  cancel(): void {
    this.stop({ kind: 'cancelled' });
  }

  /** A rollout says that it is promoted, and can still be undone. */
  reached(news: Reached): void {
    const rollout = this.state.rollouts.find(({ endpoint }) => endpoint === news?.endpoint);
    if (rollout?.standing !== 'running') return;
    this.state.record(rollout, { standing: 'rollbackWindow', reason: 'promoted; can still be undone' });
  }

  /** After a rollout has ended. */
  countFailures(): void {
    const { failures, frozen } = this.state;
    if (this.stopped || failures.length < frozen.stopAfter) return;
    const names = failures.map(({ endpoint }) => endpoint).join(', ');
    this.stop({ kind: 'failures', sentence: `not promoted: ${names}; the waves stop` });
  }

  private stop(cause: WavesStop): void {
    if (this.stopped && this.stopped.kind !== 'failures') return;
    this.stopped = cause;
    this.isNews = true;
  }
}

export function sentenceOfStop(stop: WavesStop): string {
  switch (stop.kind) {
    case 'abort':
      return `aborted by ${stop.command.actor}: ${stop.command.reason}`;
    case 'cancelled':
      return 'the workflow was cancelled through Temporal';
    case 'failures':
      return stop.sentence;
  }
}
