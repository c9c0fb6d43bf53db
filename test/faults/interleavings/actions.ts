/** Events of a rollout, and how the tests draw them in random order. */
import fc from 'fast-check';
import { commandNames, type CommandName } from '../../../src/workflows/commands/rules.js';

export type Action =
  | { kind: 'command'; name: CommandName; actor: string; full: boolean }
  | { kind: 'alarm'; name: string; state: 'ALARM' | 'OK' };

const harmless = ['promote', 'approve', 'pause', 'resume', 'resume', 'retry'] satisfies CommandName[];

const actors = ['ana', 'ben', 'cem'];

export const command: fc.Arbitrary<Action> = fc.record({
  kind: fc.constant('command' as const),
  // Commands that end a rollout are less frequent. Otherwise few rollouts would get far.
  name: fc.constantFrom(...commandNames, ...harmless, ...harmless, ...harmless),
  actor: fc.constantFrom(...actors),
  full: fc.boolean(),
});

/** An alarm of a guardrail, and an unrelated alarm. */
export const alarm: fc.Arbitrary<Action> = fc.record({
  kind: fc.constant('alarm' as const),
  name: fc.constantFrom('digits-5xx', 'unrelated'),
  state: fc.constantFrom('ALARM' as const, 'OK' as const),
});
