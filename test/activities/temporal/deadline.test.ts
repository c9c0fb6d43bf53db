import assert from 'node:assert/strict';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { withDeadline } from '../../../src/activities/temporal/deadline.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Like `fetch`: it ends when its signal aborts. */
const untilAborted = (signal: AbortSignal) =>
  new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error));
  });

describe('withDeadline', () => {
  it('withDeadline: garbage is collected while the call waits -> it still ends at its time', async () => {
    const collecting = setInterval(collectGarbage, 20);
    try {
      await assert.rejects(withDeadline(new AbortController().signal, 300, untilAborted), {
        name: 'TimeoutError',
      });
    } finally {
      clearInterval(collecting);
    }
  });

  it('withDeadline: signal aborts first -> its reason, and the time is not over', async () => {
    const controller = new AbortController();
    let wasOver = true;
    const call = withDeadline(controller.signal, 60_000, (signal, isOver) =>
      untilAborted(signal).finally(() => {
        wasOver = isOver();
      }),
    );
    controller.abort(new Error('cancelled'));
    await assert.rejects(call, /cancelled/);
    assert.equal(wasOver, false);
  });

  it('withDeadline: signal has aborted before -> the call gets an aborted signal', async () => {
    const isAborted = await withDeadline(AbortSignal.abort(), 60_000, (signal) =>
      Promise.resolve(signal.aborted),
    );
    assert.equal(isAborted, true);
  });
});
