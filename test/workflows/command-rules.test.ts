import assert from 'node:assert/strict';
import { refusalOf, type Situation } from '../../src/workflows/command-rules.js';

const ana = { actor: 'ana', reason: 'because' };
const baking: Situation = {
  phase: 'baking',
  mayUndo: false,
  paused: false,
  outcome: null,
  stopping: false,
  holding: false,
  startedBy: 'ana',
  gate: null,
};
const undo = (situation: Partial<Situation>) => refusalOf('undo', ana, { ...baking, ...situation });

describe('an undo', () => {
  it('is accepted from the promotion on, and for as long as the rollback window is open', () => {
    assert.equal(undo({ phase: 'promoting' }), null);
    assert.equal(undo({ phase: 'rollbackWindow', mayUndo: true }), null);
  });

  it('is accepted in a freeze that outlasts the rollback window', () => {
    assert.equal(undo({ phase: 'gated', mayUndo: true }), null);
  });

  it('before the promotion is refused, and told that abort is meant', () => {
    const refused = 'nothing is promoted yet (the rollout is gated); abort takes it back';
    assert.equal(undo({ phase: 'gated' }), refused);
  });

  it('is refused once the rollout is being taken back, or the baseline is gone', () => {
    assert.match(undo({ phase: 'rollbackWindow', mayUndo: true, stopping: true }) ?? '', /already/);
    assert.match(undo({ phase: 'cleaningUp', mayUndo: true }) ?? '', /penstock reverse/);
  });
});
