import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ProofVerification } from '../../../src/activities/interface/results.js';
import { isWhole, seed } from '../seed.js';
import { alarm, command, type Action } from './actions.js';
import { ModelRollout } from './model.js';

type Event = Action | { kind: 'advance' } | { kind: 'hold' };

/** Advancing is the most frequent event. */
const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 12, arbitrary: fc.constant({ kind: 'advance' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'hold' as const }) },
  { weight: 1, arbitrary: alarm },
  { weight: 6, arbitrary: command },
);

/** Results of proof checks, used in turn. */
const findings: (ProofVerification | null)[] = [
  null,
  { kind: 'verified', proofId: 'one', expiresAt: '2026-11-23T12:00:00.000Z' },
  { kind: 'unverifiable', message: 'no worker has the key' },
  { kind: 'invalid', message: 'it has expired' },
  null,
];

/** The state that commands may change. */
function commandState({ control, paused, gate }: ModelRollout): string {
  const { stopped, pendingPromotion, retries } = control;
  return JSON.stringify({
    stopped,
    promotion: pendingPromotion,
    retries,
    paused,
    approvals: gate?.approvals,
  });
}

function apply(model: ModelRollout, event: Event, n: number): void {
  switch (event.kind) {
    case 'advance':
      return advance(model);
    case 'hold':
      return model.toggleHold();
    case 'alarm':
      return pushAlarm(model, event);
    case 'command':
      return send(model, event, n);
  }
}

function advance(model: ModelRollout): void {
  const stopped = model.control.stopped !== null && model.outcome !== 'promoted';
  model.advance();
  if (stopped)
    assert.ok(['rollingBack', 'cleaningUp', 'ended'].includes(model.phase), `continued to ${model.phase}`);
  if (stopped) assert.notEqual(model.outcome, 'promoted');
}

function pushAlarm(model: ModelRollout, { name, state }: Action & { kind: 'alarm' }): void {
  const { control, weights, outcome, phase } = model;
  const mustStop = name === 'digits-5xx' && state === 'ALARM' && weights !== null;
  const isOver = outcome !== null || phase === 'cleaningUp' || phase === 'ended';
  const before = control.stopped;
  control.alarm({ name, state, reason: 'a test' });
  if (mustStop && !isOver) assert.ok(control.stopped !== null, 'the alarm did not stop the rollout');
  else assert.equal(control.stopped, before);
}

function send(model: ModelRollout, { name, actor, full }: Action & { kind: 'command' }, n: number): void {
  const { control } = model;
  const [before, wasStopped, noted] = [commandState(model), control.stopped, model.entries.length];
  const { outcome, phase, paused, startedBy } = model;
  const payload = { actor, reason: `because ${n}`, ...(name === 'promote' ? { full } : {}) };
  const finding = findings[n % findings.length] ?? null;
  const aim = control.scope(name, payload);
  const meant = aim !== null && n % 5 === 0 ? 'an earlier scope' : aim;
  const checked = finding && { finding, scope: meant };
  const rejectionReason = control.rejectionReason(name, payload, checked);
  control.command(name, payload, checked);
  const news = model.entries.slice(noted);
  assert.equal(news.length, 1, 'not recorded once');
  const [entry] = news as unknown as [{ kind: string; command: string; reason: string; accepted: boolean }];
  assert.deepEqual(
    [entry.kind, entry.command, entry.reason, entry.accepted],
    ['command', name, `because ${n}`, rejectionReason === null],
  );
  if (rejectionReason !== null)
    assert.equal(commandState(model), before, `a rejected ${name} changed the state`);
  if (rejectionReason !== null) assert.match(rejectionReason, /^[a-z].*\w/, 'a rejection has a message');
  if (name === 'abort' && rejectionReason !== null)
    assert.ok(
      outcome !== null || phase === 'ended' || phase === 'cleaningUp',
      `abort rejected: ${rejectionReason}`,
    );
  if (name === 'abort' && rejectionReason === null) assert.ok(control.stopped !== null, 'an abort was lost');
  if (finding?.kind === 'invalid' && rejectionReason === null)
    assert.ok(['abort', 'undo', 'pause'].includes(name), `${name} was accepted with an invalid proof`);
  if (checked && meant !== aim) assert.ok(rejectionReason !== null, `${name} applied to another scope`);
  if (wasStopped) assert.equal(control.stopped, wasStopped, 'the reason of the stop changed');
  if (rejectionReason === null && name === 'promote') assert.ok(!wasStopped && !paused);
  if (rejectionReason === null && name === 'approve') assert.ok(actor !== startedBy && !wasStopped);
  const approvals = model.gate?.approvals ?? [];
  assert.equal(new Set(approvals).size, approvals.length, 'a person was counted twice');
}

describe('command rules of a rollout', () => {
  const runs = isWhole ? 1_000_000 : 30_000;

  it(`command rules: ${runs} random orders of events -> invariants hold (PENSTOCK_SEED=${seed})`, function () {
    this.timeout(1_200_000);
    const ends = new Map<string, number>();
    fc.assert(
      fc.property(fc.array(event, { minLength: 5, maxLength: 60, size: 'max' }), (events) => {
        const model = new ModelRollout();
        for (const [n, one] of events.entries()) apply(model, one, n);
        assert.ok(model.stops <= 1, 'stopped more than once');
        const end = model.outcome ?? model.phase;
        ends.set(end, (ends.get(end) ?? 0) + 1);
      }),
      { seed, numRuns: runs },
    );
    // The random orders must reach all of these ends.
    for (const end of ['promoted', 'aborted', 'rolledBack', 'gated', 'baking'])
      assert.ok((ends.get(end) ?? 0) > 0, `no order ended ${end}: ${JSON.stringify([...ends])}`);
  });
});
