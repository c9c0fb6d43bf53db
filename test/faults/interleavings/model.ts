/** A rollout as its levers see it: phases that advance when nothing keeps them, and the way back. */
import type { Phase } from '../../../src/plan/outcome.js';
import type { Plan } from '../../../src/plan/compiled/plan.js';
import { Control, type ControlledState } from '../../../src/workflows/commands/control.js';
import type { TimelineEntry } from '../../../src/workflows/messages.js';
import { outcomeOfStop } from '../../../src/workflows/temporal/stop.js';
import { twoPeople } from '../../workflows/commands/signed-approvers.js';

const wayForward: Phase[] = [
  ...(['planning', 'preflight', 'training', 'registering', 'deploying', 'validating'] as const),
  ...([
    'shifting',
    'baking',
    'gated',
    'shifting',
    'baking',
    'shifting',
    'rollbackWindow',
    'promoting',
  ] as const),
];
const wayBack: Phase[] = ['rollingBack', 'cleaningUp', 'ended'];

type Unstamped<T> = T extends unknown ? Omit<T, 'at'> : never;

export class ModelRollout implements ControlledState {
  phase: Phase = 'planning';
  stage = 0;
  paused = false;
  canUndo = false;
  outcome: ControlledState['outcome'] = null;
  gate: ControlledState['gate'] = null;
  startedBy = 'ana';
  hold: ControlledState['hold'] = null;
  weights: ControlledState['weights'] = null;
  compiledPlan = {
    guardrails: [{ kind: 'alarm', id: 'alarm:digits-5xx', alarmName: 'digits-5xx' }],
  } as unknown as Plan;
  readonly entries: TimelineEntry[] = [];
  readonly control = new Control(this);
  /** How often the forward path was told to end. */
  stops = 0;
  private at = 0;
  private back = -1;

  constructor() {
    this.control.onStop = () => this.stops++;
  }

  addTimelineEntry(entry: Unstamped<TimelineEntry>): TimelineEntry {
    const noted = { at: '', ...entry };
    this.entries.push(noted);
    return noted;
  }

  /** A timer fires or an activity is done. */
  advance(): void {
    if (this.control.stopped && this.outcome !== 'promoted') return this.goBack();
    if (this.outcome === 'promoted') return void (this.phase = 'ended');
    if (!this.mayLeave()) return;
    this.leave();
    this.at++;
    this.enter();
  }

  toggleHold(): void {
    this.hold = this.hold === null ? { reason: 'unknown', message: 'no data' } : null;
  }

  private mayLeave(): boolean {
    const promoted = this.control.pendingPromotion !== null && !this.paused;
    if (this.phase === 'gated') return (this.gate?.approvals.length ?? 0) >= 2 && !this.paused;
    return promoted || (!this.paused && this.hold === null);
  }

  private leave(): void {
    this.gate = null;
    this.control.clearStepPromotion();
  }

  private enter(): void {
    const next = wayForward[this.at];
    this.hold = null;
    if (next === undefined) {
      this.phase = 'cleaningUp';
      this.outcome = 'promoted';
      return;
    }
    this.phase = next;
    if (next === 'gated') this.gate = { gate: twoPeople, approvals: [] };
    if (next === 'rollbackWindow') this.canUndo = true;
    if (next !== 'shifting') return;
    this.stage++;
    this.weights = { baseline: 50, candidate: 50 };
  }

  private goBack(): void {
    this.back = Math.min(this.back + 1, wayBack.length - 1);
    this.phase = wayBack[this.back] as Phase;
    if (this.phase === 'ended' && this.control.stopped)
      this.outcome = outcomeOfStop(this.control.stopped, this.weights !== null);
  }
}
