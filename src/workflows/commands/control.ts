/** The rollout's levers: what operators and alarms set. Pure: nothing of Temporal in it, so that any order can be tried. */
import { entryOf, type Noted } from './command-entry.js';
import { aimOf, refusalOf, refuseMissed, refuseProof, type CommandName, type Situation } from './rules.js';
import type { Checked } from './handle-command.js';
import type { AlarmSignal, PromoteCommand } from '../messages.js';
import type { RolloutState } from '../state/state.js';
import type { StopCause } from '../temporal/stop.js';

/** What the levers act on, and are refused by. */
export type Steered = Pick<
  RolloutState,
  | 'phase'
  | 'stage'
  | 'mayUndo'
  | 'paused'
  | 'outcome'
  | 'gate'
  | 'startedBy'
  | 'hold'
  | 'plan'
  | 'weights'
  | 'note'
>;

export class Control {
  /** The first cause to turn the rollout round; an abort replaces a weaker one only in the timeline. */
  stopped: StopCause | null = null;
  /** A retry that what is held has not acted on yet. */
  retryAsked = false;
  /** Called once, when something turns the rollout round. */
  whenStopped: () => void = () => undefined;

  constructor(
    private readonly state: Steered,
    /** A promote that the current bake has not acted on yet. */
    public promotion: 'step' | 'full' | null = null,
  ) {}

  refusal(name: CommandName, command: PromoteCommand, checked: Checked | null = null): string | null {
    const finding = checked?.finding ?? null;
    return (
      refusalOf(name, command, this.situation(), finding) ??
      refuseProof(name, finding) ??
      (checked && refuseMissed(checked.aim, this.aim(name, command)))
    );
  }

  aim(name: CommandName, command: PromoteCommand): string | null {
    return aimOf(name, command, this.situation());
  }

  /** Carries out a command, or notes its refusal; recorded either way. */
  command(name: CommandName, command: PromoteCommand, checked: Checked | null = null): Noted {
    const refused = this.refusal(name, command, checked);
    const finding = checked?.finding ?? null;
    const entry = this.state.note(entryOf(name, command, { refused, finding }));
    if (refused === null) this.carryOut(name, command);
    return { entry, refused };
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

  /** A promote of one step that came too late for what it meant must not end what comes next. */
  forgetStepPromotion(): void {
    if (this.promotion === 'step') this.promotion = null;
  }

  private stop(cause: StopCause): void {
    if (this.stopped) return;
    this.stopped = cause;
    this.whenStopped();
  }

  private settled(): boolean {
    return this.state.outcome !== null || this.state.phase === 'cleaningUp' || this.state.phase === 'ended';
  }

  private situation(): Situation {
    const { phase, stage, mayUndo, paused, outcome, gate, startedBy, hold } = this.state;
    return {
      ...{ phase, stage, mayUndo, paused, outcome, gate, startedBy },
      stopping: this.stopped !== null,
      holding: hold !== null,
    };
  }
}
