/** The rollout's levers: what operators and alarms set, and what the forward path waits on. */
import { CancellationScope, condition } from '@temporalio/workflow';
import { wasCancelled } from './acts.js';
import { refusalOf, type CommandName, type Situation } from './command-rules.js';
import type { AlarmSignal, PromoteCommand } from './messages.js';
import type { RolloutState } from './state.js';
import { RolloutStopped, type StopCause } from './stop.js';

export class Control {
  /** The first cause to turn the rollout round; an abort replaces a weaker one only in the timeline. */
  stopped: StopCause | null = null;
  /** A promote that the current bake has not acted on yet. */
  promotion: 'step' | 'full' | null = null;
  /** A retry that what is held has not acted on yet. */
  retryAsked = false;
  private readonly forward = new CancellationScope();

  constructor(private readonly state: RolloutState) {}

  refusal(name: CommandName, command: PromoteCommand): string | null {
    return refusalOf(name, command, this.situation());
  }

  /** Carries out a command, or notes its refusal; recorded either way. */
  command(name: CommandName, command: PromoteCommand): void {
    const refused = this.refusal(name, command);
    const actor = command?.actor ?? 'unknown';
    const reason = command?.reason ?? '';
    const sentence = `${name}${command?.full ? ' full' : ''} by ${actor}: ${reason}`;
    this.state.note({
      kind: 'command',
      command: name,
      actor,
      reason,
      accepted: refused === null,
      sentence: refused ? `${sentence} (refused: ${refused})` : sentence,
    });
    if (refused === null) this.carryOut(name, command);
  }

  private carryOut(name: CommandName, command: PromoteCommand): void {
    switch (name) {
      case 'abort':
        this.stop({ kind: 'abort', command });
        break;
      case 'promote':
        this.promotion = command.full || this.promotion === 'full' ? 'full' : 'step';
        break;
      case 'pause':
        this.state.paused = true;
        break;
      case 'resume':
        this.state.paused = false;
        break;
      case 'approve':
        this.state.gate?.approvals.push(command.actor);
        break;
      case 'retry':
        this.retryAsked = true;
        break;
      case 'undo':
        this.stop({ kind: 'undo', command });
        break;
    }
  }

  /** An alarm pushed from outside turns the rollout round at once where it is one of its guardrails. */
  alarm(alarm: AlarmSignal): void {
    const guards = this.state.plan?.guardrails.some((g) => g.kind === 'alarm' && g.alarmName === alarm.name);
    const matters = guards === true && alarm.state === 'ALARM' && this.state.weights !== null;
    this.state.note({
      kind: 'alarm',
      name: alarm.name,
      state: alarm.state,
      sentence: `alarm ${alarm.name} is ${alarm.state}: ${alarm.reason}${guards ? '' : ' (no guardrail of this rollout)'}`,
    });
    if (matters && !this.settled()) this.stop({ kind: 'alarm', name: alarm.name, reason: alarm.reason });
  }

  /** Runs the forward path; whatever ends it early comes out as RolloutStopped. */
  async untilStopped(forward: () => Promise<void>): Promise<void> {
    try {
      await this.forward.run(forward);
    } catch (error) {
      if (this.stopped) throw new RolloutStopped(this.stopped);
      if (wasCancelled(error)) throw new RolloutStopped((this.stopped = { kind: 'cancelled' }));
      throw error;
    }
    // The last activity may have completed although it was cancelled.
    if (this.stopped) throw new RolloutStopped(this.stopped);
  }

  /** Runs work that is dropped as soon as `until` holds; null when it was dropped. */
  async interruptible<T>(work: () => Promise<T>, until: () => boolean): Promise<T | null> {
    const working = new CancellationScope();
    const waiting = new CancellationScope();
    const dropped = () => until() && !this.stopped;
    waiting
      .run(() => condition(dropped))
      .then(
        () => working.cancel(),
        () => undefined,
      );
    try {
      return await working.run(work);
    } catch (error) {
      if (wasCancelled(error) && dropped()) return null;
      throw error;
    } finally {
      waiting.cancel();
    }
  }

  /** A promote of one step that came too late for what it meant must not end what comes next. */
  forgetStepPromotion(): void {
    if (this.promotion === 'step') this.promotion = null;
  }

  /** Waits, or for less where someone asks for the next try. */
  async untilRetry(milliseconds: number): Promise<void> {
    this.retryAsked = false;
    await condition(() => this.retryAsked, milliseconds);
    this.retryAsked = false;
  }

  private stop(cause: StopCause): void {
    if (this.stopped) return;
    this.stopped = cause;
    this.forward.cancel();
  }

  private settled(): boolean {
    return this.state.outcome !== null || this.state.phase === 'cleaningUp' || this.state.phase === 'ended';
  }

  private situation(): Situation {
    const { phase, paused, outcome, gate, startedBy, holding } = this.state;
    return {
      ...{ phase, paused, outcome, gate, startedBy },
      stopping: this.stopped !== null,
      holding: holding !== null,
    };
  }
}
