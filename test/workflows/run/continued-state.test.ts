import assert from 'node:assert/strict';
import { type ContinuedState, fitToPayloadLimit } from '../../../src/workflows/run/continued-state.js';
import type { TimelineEntry } from '../../../src/workflows/messages.js';

const bytesOf = (value: unknown) => Buffer.byteLength(JSON.stringify(value));

/** A long reason, in a script with three bytes a character. */
const reason = '夜間の負荷試験が終わるまで、この段階で待機してください。'.repeat(35);

function commanded(i: number): TimelineEntry {
  return {
    ...{ at: new Date(i * 1000).toISOString(), kind: 'command', command: 'pause', actor: 'tanaka' },
    ...{ identity: 'unverified', accepted: true, reason, message: `pause by tanaka: ${reason}` },
  };
}

function continuedWith(change: Partial<ContinuedState> = {}): ContinuedState {
  const timeline = Array.from({ length: 1_000 }, (_, i) => commanded(i));
  return {
    state: { compiledPlan: null, starting: null, timeline },
    compensations: [],
    promotion: null,
    notificationSequence: 3,
    usedProofs: [],
    ...change,
  };
}

/** Temporal's limit for the arguments of a continue-as-new. It terminates a workflow above it. */
const limit = 2 * 2 ** 20;

describe('continued state', () => {
  it("continued state: 1,000 long commands -> below 60 % of Temporal's limit", () => {
    const continued = fitToPayloadLimit(continuedWith());
    const bytes = bytesOf([null, continued]);
    assert.ok(bytes < 0.6 * limit, `${bytes} bytes`);
    assert.ok(continued.state.timeline.length > 100, `${continued.state.timeline.length} entries`);
    assert.deepEqual(continued.state.timeline.at(-1), commanded(999));
  });

  it('continued state: other fields are large -> fewer timeline entries', () => {
    const usual = fitToPayloadLimit(continuedWith()).state.timeline.length;
    const large: Partial<ContinuedState>[] = [
      { compensations: [{ kind: 'stopTraining', jobName: '計'.repeat(200_000) }] },
      { usedProofs: Array.from({ length: 200 }, () => ({ actor: '人'.repeat(1_000), id: 'x', until: '' })) },
    ];
    for (const change of large) {
      const continued = fitToPayloadLimit(continuedWith(change));
      assert.ok(bytesOf([null, continued]) < 0.6 * limit);
      assert.ok(continued.state.timeline.length < usual * 0.7);
      assert.deepEqual({ ...continued, state: {} }, { ...continuedWith(change), state: {} });
    }
  });

  it('continued state: no room is left -> keeps a minimum of the timeline', () => {
    const golden = 'x'.repeat(1_500_000);
    const state = { ...continuedWith().state, plan: golden };
    const continued = fitToPayloadLimit(continuedWith({ state }));
    assert.ok(bytesOf([null, continued]) < 0.8 * limit);
    assert.ok(continued.state.timeline.length > 10);
    assert.equal((continued.state as typeof state).plan, golden);
  });
});
