/** A model of a rollout for its command rules: phases that advance unless something blocks them, and the rollback. */
import type { Phase } from '../../../src/plan/outcome.js';
import type { Plan } from '../../../src/plan/compiled/plan.js';
import { Control, type ControlledState } from '../../../src/workflows/commands/control.js';
import type { TimelineEntry } from '../../../src/workflows/messages.js';
import { outcomeOfStop } from '../../../src/workflows/temporal/stop.js';
import { twoPeople } from '../../workflows/commands/signed-approvers.js';

const forwardPath: Phase[] = [
  ...(['planning', 'preflight', 'training', 'registering', 'deploying', 'validating'] as const),
  ...([
    'shifting',
    'baking',
    'gated',
    'shifting',
    'baking',
    'shifting',
    'baking',
    'rollbackWindow',
    'promoting',
  ] as const),
];
const rollbackPath: Phase[] = ['rollingBack', 'cleaningUp', 'ended'];

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
  /** Number of requests to stop the forward path. */
  stops = 0;
  private at = 0;
  private back = -1;

  constructor() {
    this.control.onStop = () => this.stops++;
  }

  addTimelineEntry(entry: Unstamped<TimelineEntry>): TimelineEntry {
    const added = { at: '', ...entry };
    this.entries.push(added);
    return added;
  }

  /** A timer fires or an activity completes. */
  advance(): void {
    if (this.control.stopped && this.outcome !== 'promoted') return this.rollBack();
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
    const next = forwardPath[this.at];
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

  private rollBack(): void {
    this.back = Math.min(this.back + 1, rollbackPath.length - 1);
    this.phase = rollbackPath[this.back] as Phase;
    if (this.phase === 'ended' && this.control.stopped)
      this.outcome = outcomeOfStop(this.control.stopped, this.weights !== null);
  }
}
