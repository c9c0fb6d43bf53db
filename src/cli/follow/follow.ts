/** Follows a rollout to its end, through outages of Temporal and of its worker. */
import { NoWorker, TemporalUnreachable, type LiveStatus, type RolloutResult } from '../../client.js';
import type { Context, InterruptSignal, RolloutOperations } from '../support/context.js';

/** Where the frames go. */
export interface Display<S = LiveStatus> {
  /** Between two looks. */
  everyMs: number;
  show(status: S): void;
  /** No look was possible; the last frame still stands. */
  warn(message: string): void;
  /** Nothing more will be shown. */
  close(): void;
}

export type FollowResult<R = RolloutResult> =
  { kind: 'ended'; result: R } | { kind: 'interrupted'; by: InterruptSignal };

/** Fails as RolloutClient.wait does. */
export async function follow(
  context: Context,
  client: RolloutOperations,
  { endpoint, runId }: { endpoint: string; runId?: string },
  display: Display,
): Promise<FollowResult> {
  const ended = client.wait(endpoint, runId === undefined ? {} : { runId });
  return followUntil(context, ended, () => client.get(endpoint), display);
}

/** For whatever can be looked at and ends. */
export async function followUntil<S, R>(
  context: Context,
  ended: Promise<R>,
  look: () => Promise<S>,
  display: Display<S>,
): Promise<FollowResult<R>> {
  const over = new AbortController();
  const ending: Promise<FollowResult<R>> = Promise.race([
    ended.then((result) => ({ kind: 'ended' as const, result })),
    context.waitForInterrupt().then((by) => ({ kind: 'interrupted' as const, by })),
  ]);
  try {
    return await showUntil(
      ending,
      () => pause(context, display.everyMs, over.signal),
      () => showOnce(look, display),
    );
  } finally {
    over.abort();
    display.close();
  }
}

async function showUntil<R>(
  ending: Promise<FollowResult<R>>,
  pauseBetween: () => Promise<null>,
  showOnce: () => Promise<null>,
): Promise<FollowResult<R>> {
  // Once the loop is left, by Ctrl-C or by a failure, nobody listens to these any more.
  ending.catch(() => undefined);
  for (;;) {
    // Not awaited alone: a look without a worker takes seconds, and Ctrl-C must not wait for it.
    const look = showOnce();
    look.catch(() => undefined);
    const over = (await Promise.race([ending, look])) ?? (await Promise.race([ending, pauseBetween()]));
    if (over?.kind === 'interrupted') return over;
    if (over !== null) {
      await look;
      await showOnce();
      return over;
    }
  }
}

async function pause(context: Context, ms: number, signal: AbortSignal): Promise<null> {
  await context.sleep(ms, signal).catch(() => undefined);
  return null;
}

async function showOnce<S>(look: () => Promise<S>, display: Display<S>): Promise<null> {
  try {
    display.show(await look());
  } catch (error) {
    if (!(error instanceof NoWorker || error instanceof TemporalUnreachable)) throw error;
    display.warn(error.message);
  }
  return null;
}
