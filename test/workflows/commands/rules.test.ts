import assert from 'node:assert/strict';
import {
  scopeOf,
  commandNames,
  validateCommand,
  type CommandState,
} from '../../../src/workflows/commands/rules.js';
import { twoPeople } from './signed-approvers.js';

const ana = { actor: 'ana', reason: 'because' };
const baking: CommandState = {
  phase: 'baking',
  stage: 1,
  canUndo: false,
  paused: false,
  outcome: null,
  stopping: false,
  holding: false,
  startedBy: 'ana',
  gate: null,
};
const undo = (situation: Partial<CommandState>) => validateCommand('undo', ana, { ...baking, ...situation });

describe('an undo', () => {
  it('is accepted from the promotion on, and for as long as the rollback window is open', () => {
    assert.equal(undo({ phase: 'promoting' }), null);
    assert.equal(undo({ phase: 'rollbackWindow', canUndo: true }), null);
  });

  it('is accepted in a freeze that outlasts the rollback window', () => {
    assert.equal(undo({ phase: 'gated', canUndo: true }), null);
  });

  it('before the promotion is refused, and told that abort is meant', () => {
    const refused = 'nothing is promoted yet (phase gated); use abort to roll back';
    assert.equal(undo({ phase: 'gated' }), refused);
  });

  it('is refused once the rollout is being taken back, or the baseline is gone', () => {
    assert.match(undo({ phase: 'rollbackWindow', canUndo: true, stopping: true }) ?? '', /already/);
    assert.match(undo({ phase: 'cleaningUp', canUndo: true }) ?? '', /penstock reverse/);
  });
});

describe('what a command means', () => {
  const gate: CommandState['gate'] = { gate: twoPeople, approvals: [] };
  const other: CommandState['gate'] = { gate: { ...twoPeople, id: 'two-others' }, approvals: [] };
  const meanwhile: Partial<CommandState>[] = [
    { phase: 'rollbackWindow' },
    { stage: 2 },
    { gate },
    { gate: other },
  ];

  it('is one gate or one bake of a promote and of an approval', () => {
    for (const name of ['promote', 'approve'] as const) {
      const aims = [{}, ...meanwhile].map((change) => scopeOf(name, ana, { ...baking, ...change }));
      assert.equal(new Set(aims).size, aims.length, aims.join());
      assert.equal(scopeOf(name, ana, { ...baking, gate: { gate: twoPeople, approvals: ['ben'] } }), aims[3]);
    }
  });

  it('is the rollout of all others, and of a promote of everything', () => {
    for (const name of commandNames.filter((name) => name !== 'approve'))
      for (const change of meanwhile)
        assert.equal(scopeOf(name, { ...ana, full: true }, { ...baking, ...change }), null);
  });
});
