/** Applies the commands of operators and the alarms. Pure: it uses no Temporal API, so tests can try any order. */
import { toTimelineEntry, type RecordedCommand, type CheckedProof } from './handle-command.js';
import {
  scopeOf,
  validateCommand,
  validateExpiry,
  validateScope,
  validateProof,
  type CommandName,
  type CommandState,
} from './rules.js';
import type { AlarmSignal, PromoteCommand } from '../messages.js';
import type { RolloutState } from '../state/state.js';
import type { StopReason } from '../temporal/stop.js';

/** The part of the rollout's state that commands read and change. */
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
  /** The first reason to stop. A later one is only recorded in the timeline. */
  stopped: StopReason | null = null;
  /** Number of accepted `retry` commands in this run. Code that waits for one compares it with an earlier number. */
  retries = 0;
  /** The rollout waits before it repeats something, with or without a hold. */
  isWaitingToRetry = false;
  /** A change of the endpoint is made, and Temporal repeats its attempts. */
  isAttempting = false;
  /** Called once, when the rollout stops going forward. */
  onStop: () => void = () => undefined;

  constructor(
    private readonly state: ControlledState,
    /** A promote command that the current step has not acted on yet. */
    public pendingPromotion: 'step' | 'full' | null = null,
  ) {}

  rejectionReason(
    name: CommandName,
    command: PromoteCommand,
    checked: CheckedProof | null = null,
  ): string | null {
    const finding = checked?.finding ?? null;
    return (
      validateCommand(name, command, this.commandState(), finding) ??
      validateExpiry(command, Date.now()) ??
      validateProof(name, finding) ??
      (checked && validateScope(checked.scope, this.scope(name, command)))
    );
  }

  scope(name: CommandName, command: PromoteCommand): string | null {
    return scopeOf(name, command, this.commandState());
  }

  /** Applies or rejects the command, and records it in the timeline. */
  command(name: CommandName, command: PromoteCommand, checked: CheckedProof | null = null): RecordedCommand {
    const rejection = this.rejectionReason(name, command, checked);
    const finding = checked?.finding ?? null;
    const entry = this.state.addTimelineEntry(toTimelineEntry(name, command, { rejection, finding }));
    if (rejection === null) this.carryOut(name, command);
    return { entry, rejection };
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
        this.retries++;
        break;
      case 'undo':
        this.stop({ kind: 'undo', command });
        break;
    }
  }

  /** Rolls back at once if the alarm is a guardrail of this rollout and its state is ALARM. */
  alarm(alarm: AlarmSignal): void {
    const { guardrails = [] } = this.state.compiledPlan ?? {};
    const guards = guardrails.some(
      (g) => g.kind === 'alarm' && g.alarmName === alarm.name && g.onFail !== 'report',
    );
    // The state of the alarm itself is that of another variant.
    const isForCandidate = guardrails.some((g) => g.kind === 'candidateAlarm' && g.alarmName === alarm.name);
    const otherwise = isForCandidate ? 'evaluated for the candidate instead' : 'no guardrail of this rollout';
    const matters = guards && alarm.state === 'ALARM' && this.state.weights !== null;
    this.state.addTimelineEntry({
      kind: 'alarm',
      name: alarm.name,
      state: alarm.state,
      message: `alarm ${alarm.name} is ${alarm.state}: ${alarm.reason}${guards ? '' : ` (${otherwise})`}`,
    });
    if (matters && !this.isDecided()) this.stop({ kind: 'alarm', name: alarm.name, reason: alarm.reason });
  }

  /** A promote of one step that arrives after the step has ended must not end the next one. */
  clearStepPromotion(): void {
    if (this.pendingPromotion === 'step') this.pendingPromotion = null;
  }

  private stop(cause: StopReason): void {
    if (this.stopped) return;
    this.stopped = cause;
    this.onStop();
  }

  private isDecided(): boolean {
    return this.state.outcome !== null || this.state.phase === 'cleaningUp' || this.state.phase === 'ended';
  }

  private commandState(): CommandState {
    const { phase, stage, canUndo, paused, outcome, gate, startedBy, hold } = this.state;
    return {
      ...{ phase, stage, canUndo, paused, outcome, gate, startedBy },
      stopping: this.stopped !== null,
      holding: hold !== null || this.isWaitingToRetry || this.isAttempting,
    };
  }
}
