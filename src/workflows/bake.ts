/** Waits under guard: bakes, holds and pauses. Guardrails stay on through all of them. */
import { condition } from '@temporalio/workflow';
import type { WatchReport, WatchRequest, WatchState } from '../activities/interface.js';
import type { Guardrail } from '../plan/plan.js';
import { activities } from './acts.js';
import type { Rollout } from './run.js';
import { RolloutStopped } from './stop.js';

/** A round is long enough to keep history small, and short enough for the status to stay fresh. */
const roundsABake = 12;
const shortestRoundSeconds = 60;
const longestRoundSeconds = 86_400;
/** A hold or a pause may last for weeks; its rounds end early when something changes. */
const heldRoundSeconds = 86_400;

/** Watches until every planned window has passed, or a promote ends the bake early. Unknown holds. */
export async function bake(run: Rollout, seconds: number): Promise<void> {
  const { state, control } = run;
  const since = Date.now();
  state.enter('baking', `watching the candidate at ${state.weights?.candidate ?? 0} % of the traffic`);
  state.await('every window of the bake to pass', since + seconds * 1000);
  const watch = new Watch(run, since, seconds);
  let passed = false;
  while (!(passed && !state.paused)) {
    const mode = control.promotion ? 'final' : passed ? 'guard' : 'bake';
    const report = await watch.round(mode, () => wantsAttention(run, mode));
    if (report?.kind === 'clear') passed = true;
  }
  if (control.promotion === 'step') control.promotion = null;
  state.release();
}

/**
 * A look between steps, at alarms and drift: there is no window to judge between two bakes. `firing only`: before the candidate has
 * any traffic its alarms cannot know anything yet, so only one that fires (or drift) counts. `everything known`: before
 * it takes over, no alarm may be unknown.
 */
export async function lookOnceMore(run: Rollout, need: 'firing only' | 'everything known'): Promise<void> {
  const alarms = run.state.frozen.guardrails.filter((guardrail) => guardrail.kind === 'alarm');
  const watch = new Watch(run, Date.now(), 0, alarms);
  for (;;) {
    const report = await watch.round('final', () => false);
    if (report?.kind === 'clear') return;
    if (report?.kind === 'undecided' && need === 'firing only') return run.state.release();
  }
}

/** Nothing moves on while paused; once the candidate has traffic, guardrails go on watching. */
export async function waitWhilePaused(run: Rollout): Promise<void> {
  const { state } = run;
  if (!state.paused) return;
  state.await('resume', null);
  if (!state.trafficMoved) {
    await condition(() => !state.paused);
  } else {
    const watch = new Watch(run, Date.now(), 0);
    while (state.paused) await watch.round('guard', () => !state.paused);
  }
  state.waitingFor = null;
}

/** A round is dropped when a command changes what it should do. */
function wantsAttention({ state, control }: Rollout, mode: WatchRequest['mode']): boolean {
  if (control.promotion && !state.paused) return mode !== 'final';
  return mode === 'guard' && !state.paused;
}

/** Rounds of one watch, each an activity that the server retries; the running sums go from round to round. */
class Watch {
  private carried: WatchState | null = null;
  private heldSince: number | null = null;

  constructor(
    private readonly run: Rollout,
    private readonly since: number,
    private readonly seconds: number,
    private readonly guardrails: Guardrail[] = run.state.frozen.guardrails,
  ) {}

  /** The round's report, or null where it was dropped. Throws RolloutStopped on a guardrail's veto. */
  async round(mode: WatchRequest['mode'], dropWhen: () => boolean): Promise<WatchReport | null> {
    const roundEnds = Date.now() + this.roundSeconds(mode) * 1000;
    const { watchTraffic } = activities({ within: null, summary: this.summary(mode) });
    const request = this.request(mode, roundEnds);
    const report = await this.run.control.interruptible(() => watchTraffic(request), dropWhen);
    if (!report) return null;
    this.carried = report.state;
    this.run.state.record(report);
    this.react(report);
    return report;
  }

  private react(report: WatchReport): void {
    const { state } = this.run;
    const failed = report.verdicts.find((verdict) => verdict.result === 'fail');
    if (report.kind === 'fail' && failed) throw new RolloutStopped({ kind: 'guardrail', verdict: failed });
    if (report.kind === 'undecided' || report.kind === 'drift') return this.hold(report.sentence);
    this.heldSince = null;
    state.release();
  }

  /** Waiting has an end only where the spec gives it one. */
  private hold(sentence: string): void {
    const { state } = this.run;
    const { onInconclusive } = state.frozen;
    this.heldSince ??= Date.now();
    const ends = this.holdEnds();
    if (ends !== null && Date.now() >= ends) {
      throw new RolloutStopped({
        kind: 'inconclusive',
        sentence: `still unknown after the time to hold: ${sentence}`,
      });
    }
    state.hold(
      onInconclusive === 'hold' ? sentence : `${sentence}; will roll back if it stays so`,
      iso(ends),
    );
  }

  private holdEnds(): number | null {
    const { onInconclusive, limits } = this.run.state.frozen;
    if (onInconclusive === 'hold' || this.heldSince === null) return null;
    return this.heldSince + limits.holdSeconds * 1000;
  }

  private roundSeconds(mode: WatchRequest['mode']): number {
    const ends = this.holdEnds();
    if (ends !== null) return Math.max(1, Math.ceil((ends - Date.now()) / 1000));
    if (mode === 'guard' || this.heldSince !== null) return heldRoundSeconds;
    const share = Math.round(this.seconds / roundsABake);
    return Math.min(Math.max(share, shortestRoundSeconds), longestRoundSeconds);
  }

  private request(mode: WatchRequest['mode'], roundEnds: number): WatchRequest {
    const { state } = this.run;
    const { endpoint, serve } = state.frozen;
    if (!state.weights || !state.observation) throw new Error('nothing to watch before the deployment');
    return {
      endpoint,
      expected: { configName: state.observation.configName, weights: state.weights },
      variants: state.variants,
      metricPeriodSeconds: serve.metricPeriodSeconds,
      guardrails: this.guardrails,
      since: new Date(this.since).toISOString(),
      bakeSeconds: this.seconds,
      roundEnds: new Date(roundEnds).toISOString(),
      mode,
      carried: this.carried,
    };
  }

  private summary(mode: WatchRequest['mode']): string {
    const { stage, weights } = this.run.state;
    return `${mode === 'bake' ? 'bake' : 'guard'} stage ${stage}, candidate ${weights?.candidate ?? 0} %`;
  }
}

function iso(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}
