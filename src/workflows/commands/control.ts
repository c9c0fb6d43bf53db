/** The rollout's levers: what operators and alarms set. Pure: nothing of Temporal in it, so that any order can be tried. */
import { toTimelineEntry, type RecordedCommand, type CheckedProof } from './handle-command.js';
import {
  scopeOf,
  validateCommand,
  validateScope,
  validateProof,
  type CommandName,
  type CommandState,
} from './rules.js';
import type { AlarmSignal, PromoteCommand } from '../messages.js';
import type { RolloutState } from '../state/state.js';
import type { StopReason } from '../temporal/stop.js';

/** What the levers act on, and are refused by. */
export type ControlledState = Pick<
  RolloutState,
  | 'phase'
  | 'stage'
  | 'canUndo'
  | 'paused'
  | 'outcome'
  | 'gate'
  | 'startedBy'
  | 'hold'
  | 'compiledPlan'
  | 'weights'
  | 'addTimelineEntry'
>;

export class Control {
  /** The first cause to turn the rollout round; an abort replaces a weaker one only in the timeline. */
  stopped: StopReason | null = null;
  /** A retry that what is held has not acted on yet. */
  retryRequested = false;
  /** Called once, when something turns the rollout round. */
  onStop: () => void = () => undefined;

  constructor(
    private readonly state: ControlledState,
    /** A promote that the current bake has not acted on yet. */
    public pendingPromotion: 'step' | 'full' | null = null,
  ) {}

  rejectionReason(
    name: CommandName,
    command: PromoteCommand,
    checked: CheckedProof | null = null,
  ): string | null {
    const finding = checked?.finding ?? null;
    return (
      validateCommand(name, command, this.situation(), finding) ??
      validateProof(name, finding) ??
      (checked && validateScope(checked.scope, this.scope(name, command)))
    );
  }

  scope(name: CommandName, command: PromoteCommand): string | null {
    return scopeOf(name, command, this.situation());
  }

  /** Carries out a command, or notes its refusal; recorded either way. */
  command(name: CommandName, command: PromoteCommand, checked: CheckedProof | null = null): RecordedCommand {
    const refused = this.rejectionReason(name, command, checked);
    const finding = checked?.finding ?? null;
    const entry = this.state.addTimelineEntry(toTimelineEntry(name, command, { refused, finding }));
    if (refused === null) this.carryOut(name, command);
    return { entry, refused };
  }

  private carryOut(name: CommandName, command: PromoteCommand): void {
    switch (name) {
      case 'abort':
        this.stop({ kind: 'abort', command });
        break;
      case 'promote':
        this.pendingPromotion = command.full || this.pendingPromotion === 'full' ? 'full' : 'step';
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
        this.retryRequested = true;
        break;
      case 'undo':
        this.stop({ kind: 'undo', command });
        break;
    }
  }

  /** An alarm pushed from outside turns the rollout round at once where it is one of its guardrails. */
  alarm(alarm: AlarmSignal): void {
    const guards = this.state.compiledPlan?.guardrails.some(
      (g) => g.kind === 'alarm' && g.alarmName === alarm.name,
    );
    const matters = guards === true && alarm.state === 'ALARM' && this.state.weights !== null;
    this.state.addTimelineEntry({
      kind: 'alarm',
      name: alarm.name,
      state: alarm.state,
      message: `alarm ${alarm.name} is ${alarm.state}: ${alarm.reason}${guards ? '' : ' (no guardrail of this rollout)'}`,
    });
    if (matters && !this.settled()) this.stop({ kind: 'alarm', name: alarm.name, reason: alarm.reason });
  }

  /** A promote of one step that came too late for what it meant must not end what comes next. */
  clearStepPromotion(): void {
    if (this.pendingPromotion === 'step') this.pendingPromotion = null;
  }

  private stop(cause: StopReason): void {
    if (this.stopped) return;
    this.stopped = cause;
    this.onStop();
  }

  private settled(): boolean {
    return this.state.outcome !== null || this.state.phase === 'cleaningUp' || this.state.phase === 'ended';
  }

  private situation(): CommandState {
    const { phase, stage, canUndo, paused, outcome, gate, startedBy, hold } = this.state;
    return {
      ...{ phase, stage, canUndo, paused, outcome, gate, startedBy },
      stopping: this.stopped !== null,
      holding: hold !== null,
    };
  }
}
