/** Follows the rollout that a backtest plays, and writes the log. */
import { endsRollout } from '../../plan/compiled/on-fail.js';
import type { PollResult } from '../../activities/monitoring/judge-poll.js';
import type { WatchRequest } from '../../activities/interface/watch.js';
import type { Verdict } from '../../analysis/verdicts/verdict.js';
import type { Plan } from '../../plan/compiled/plan.js';
import { formatPercent } from '../../plan/units/percents.js';
import type { Hold, RolloutStatus } from '../../workflows/messages.js';
import { delayOf } from './data-delays.js';
import type { BacktestLog } from './log.js';

/** A stage of the plan, or null, and the candidate's share in percent. */
export interface ObservedPosition {
  stage: number | null;
  share: number;
}

export interface ObserverOptions {
  plan: Plan;
  log: BacktestLog;
  /** End of the recorded data, in milliseconds since the epoch. */
  dataEndsMs: number;
  /** The candidate's share on the endpoint, in percent. Null before the rollout has set it. */
  shareNow: () => number | null;
  /** The plan's stage at that time. `n`: the stage that the workflow executes. */
  stageAt: (n: number, nowMs: number) => number | null;
}

/** Times in milliseconds since the epoch. */
export class RolloutObserver {
  /** Null before the first poll. */
  lastPollMs: number | null = null;
  promotedAtMs: number | null = null;
  /** The verdict that stopped the rollout. */
  failed: Verdict | null = null;
  position: ObservedPosition = { stage: null, share: 0 };
  private hold: Hold | null = null;
  private isLeaving = false;
  private entered = '';

  constructor(private readonly options: ObserverOptions) {}

  /** A round of a watch begins. */
  beginRound(request: WatchRequest, status: RolloutStatus, nowMs: number): void {
    if (request.mode !== 'final') this.endLeaving();
    this.recordHold(status.hold, nowMs);
    // A check between two stages evaluates no window, and a change is no stage.
    if (request.mode !== 'final' && !request.isChanging) this.recordPosition(request, status, nowMs);
  }

  /** Verdicts on windows after the end of the data are not recorded. */
  recordPoll({ verdicts, conclusion }: PollResult, nowMs: number): void {
    const { plan, log, dataEndsMs } = this.options;
    this.lastPollMs = nowMs;
    for (const verdict of verdicts) {
      const delaySeconds = nowMs <= dataEndsMs ? 0 : delayOf(plan, verdict.guardrail);
      if (nowMs <= dataEndsMs + delaySeconds * 1000) log.recordVerdict(nowMs, verdict);
    }
    if (conclusion?.kind === 'fail') this.failed = verdicts.find(endsRollout) ?? null;
  }

  recordHold(hold: Hold | null, nowMs: number): void {
    if (this.isLeaving) return;
    const { log } = this.options;
    const before = this.hold;
    if (before?.message === hold?.message) return;
    this.hold = hold;
    if (hold !== null) log.note(nowMs, 'hold', `holding: ${hold.message}`);
    else if (before !== null) log.note(nowMs, 'hold', `no longer holding: ${before.message}`);
  }

  /** The hold, if any, ends with the stage: not because its reason is gone. Until the next watch it is not recorded. */
  beginLeaving(): void {
    this.isLeaving = true;
  }

  recordDecision(message: string, nowMs: number): void {
    this.options.log.note(nowMs, 'decision', message);
  }

  private endLeaving(): void {
    if (this.isLeaving) this.hold = null;
    this.isLeaving = false;
  }

  private recordPosition(
    { weights, stage: changes }: WatchRequest,
    status: RolloutStatus,
    nowMs: number,
  ): void {
    const { log, stageAt, shareNow } = this.options;
    // The recording has just changed the share, and the rollout adopts it with its next poll.
    if ((shareNow() ?? weights.candidate) !== weights.candidate) return;
    const isPromoted = status.phase === 'rollbackWindow';
    if (isPromoted) this.promotedAtMs ??= nowMs;
    const stage = isPromoted ? null : stageAt(status.step.n, nowMs);
    const entered = `${isPromoted} ${stage} ${changes}`;
    if (entered === this.entered) return;
    this.entered = entered;
    const share = weights.candidate;
    this.position = { stage, share };
    const name = isPromoted ? 'rollback window' : describeStage(this.position);
    log.enter(nowMs, stage, share, `${name}: candidate at ${formatPercent(share)}`);
  }
}

export function describeStage({ stage, share }: ObservedPosition): string {
  return stage === null ? `a stage of ${formatPercent(share)} that the plan does not have` : `stage ${stage}`;
}
