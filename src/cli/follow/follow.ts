/** Follows a rollout to its end, through outages of Temporal and of its worker. */
import { NoWorker, TemporalUnreachable, type LiveStatus, type RolloutResult } from '../../client.js';
import type { Context, InterruptSignal, RolloutOperations } from '../support/context.js';

/** Receives the frames. */
export interface Display<S = LiveStatus> {
  /** Milliseconds between two polls. */
  everyMs: number;
  show(status: S): void;
  /** The poll failed. The last frame remains. */
  warn(message: string): void;
  /** No further frame follows. */
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

/** Polls until `ended` resolves or the user interrupts. */
export async function followUntil<S, R>(
  context: Context,
  ended: Promise<R>,
  poll: () => Promise<S>,
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
      () => showOnce(poll, display, over.signal),
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
  // After the loop (Ctrl-C or a failure), no one handles a rejection of these.
  ending.catch(() => undefined);
  for (;;) {
    // Raced with the end: a poll without a worker takes seconds, and Ctrl-C must not wait for it.
    const shown = showOnce();
    shown.catch(() => undefined);
    const over = (await Promise.race([ending, shown])) ?? (await Promise.race([ending, pauseBetween()]));
    if (over?.kind === 'interrupted') return over;
    if (over !== null) {
      await shown;
      await showOnce();
      return over;
    }
  }
}

async function pause(context: Context, ms: number, signal: AbortSignal): Promise<null> {
  await context.sleep(ms, signal).catch(() => undefined);
  return null;
}

/** `over`: a poll that is in progress then is cancelled with the connection, and is not news. */
async function showOnce<S>(poll: () => Promise<S>, display: Display<S>, over: AbortSignal): Promise<null> {
  try {
    const status = await poll();
    if (!over.aborted) display.show(status);
  } catch (error) {
    if (!(error instanceof NoWorker || error instanceof TemporalUnreachable)) throw error;
    if (!over.aborted) display.warn(error.message);
  }
  return null;
}
