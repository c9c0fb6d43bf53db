import assert from 'node:assert/strict';
import {
  scopeOf,
  commandNames,
  validateCommand,
  validateExpiry,
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

describe('undo', () => {
  it('undo: promoting or in the rollback window -> accepted', () => {
    assert.equal(undo({ phase: 'promoting' }), null);
    assert.equal(undo({ phase: 'rollbackWindow', canUndo: true }), null);
  });

  it('undo: in a freeze that outlasts the rollback window -> accepted', () => {
    assert.equal(undo({ phase: 'gated', canUndo: true }), null);
  });

  it('undo: before the promotion -> rejected, the reason names abort', () => {
    const rejection = 'nothing is promoted yet (phase gated); use abort to roll back';
    assert.equal(undo({ phase: 'gated' }), rejection);
  });

  it('undo: rolling back, or after the baseline is deleted -> rejected', () => {
    assert.match(undo({ phase: 'rollbackWindow', canUndo: true, stopping: true }) ?? '', /already/);
    assert.match(undo({ phase: 'cleaningUp', canUndo: true }) ?? '', /penstock reverse/);
  });
});

describe('expiry of a command', () => {
  const nowMs = Date.UTC(2026, 0, 1, 12);
  const after = (ms: number) => ({ ...ana, expires: new Date(nowMs + ms).toISOString() });

  it('expiry: none, or not reached -> accepted', () => {
    for (const command of [ana, after(0), after(1)]) assert.equal(validateExpiry(command, nowMs), null);
  });

  it('expiry: passed -> rejected with both times', () => {
    const rejection = validateExpiry(after(-1), nowMs) ?? '';
    assert.match(rejection, /expired at 2026-01-01T11:59:59\.999Z, and .* 2026-01-01T12:00:00\.000Z;/);
  });

  it('expiry: malformed -> rejected with the expected form', () => {
    for (const expires of ['soon', 7, null, '2026-01-01T12:00:00Z'.padEnd(41)])
      assert.match(
        validateCommand('promote', { ...ana, expires } as never, baking) ?? '',
        /^promote: expected "expires" to be a time in ISO 8601/,
      );
  });
});

describe('scope of a command', () => {
  const gate: CommandState['gate'] = { gate: twoPeople, approvals: [] };
  const other: CommandState['gate'] = { gate: { ...twoPeople, id: 'two-others' }, approvals: [] };
  const meanwhile: Partial<CommandState>[] = [
    { phase: 'rollbackWindow' },
    { stage: 2 },
    { gate },
    { gate: other },
  ];

  it('scope: promote and approve -> one gate or one bake', () => {
    for (const name of ['promote', 'approve'] as const) {
      const scopes = [{}, ...meanwhile].map((change) => scopeOf(name, ana, { ...baking, ...change }));
      assert.equal(new Set(scopes).size, scopes.length, scopes.join());
      assert.equal(
        scopeOf(name, ana, { ...baking, gate: { gate: twoPeople, approvals: ['ben'] } }),
        scopes[3],
      );
    }
  });

  it('scope: other commands and promote --full -> the whole rollout', () => {
    for (const name of commandNames.filter((name) => name !== 'approve'))
      for (const change of meanwhile)
        assert.equal(scopeOf(name, { ...ana, full: true }, { ...baking, ...change }), null);
  });
});
