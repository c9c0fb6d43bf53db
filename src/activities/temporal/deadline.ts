/**
 * A time limit on calls that take an AbortSignal. Node can collect the signal of `AbortSignal.any([AbortSignal.timeout(ms)])` before
 * its time, and the call then never ends: https://github.com/nodejs/node/issues/57736. So the timer and the listener hold it here.
 */

/** `run` gets a signal that aborts with `signal`, or after `ms`. `isOver`: the time is over. */
export async function withDeadline<T>(
  signal: AbortSignal,
  ms: number,
  run: (signal: AbortSignal, isOver: () => boolean) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  let isOver = false;
  const abort = () => controller.abort(signal.reason);
  const timer = setTimeout(() => {
    isOver = true;
    controller.abort(new DOMException(`no answer within ${ms} ms`, 'TimeoutError'));
  }, ms);
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  try {
    return await run(controller.signal, () => isOver);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
  }
}
