/** What may happen to a rollout, in any order, and how it is drawn. */
import fc from 'fast-check';
import { commandNames, type CommandName } from '../../../src/workflows/commands/rules.js';

export type Act =
  | { kind: 'command'; name: CommandName; actor: string; full: boolean }
  | { kind: 'alarm'; name: string; state: 'ALARM' | 'OK' };

const harmless = ['promote', 'approve', 'pause', 'resume', 'resume', 'retry'] satisfies CommandName[];

const actors = ['ana', 'ben', 'cem'];

export const command: fc.Arbitrary<Act> = fc.record({
  kind: fc.constant('command' as const),
  // What ends a rollout comes less often, or few get anywhere.
  name: fc.constantFrom(...commandNames, ...harmless, ...harmless, ...harmless),
  actor: fc.constantFrom(...actors),
  full: fc.boolean(),
});

/** One that guards the rollout, and one that does not. */
export const alarm: fc.Arbitrary<Act> = fc.record({
  kind: fc.constant('alarm' as const),
  name: fc.constantFrom('digits-5xx', 'somebody-elses'),
  state: fc.constantFrom('ALARM' as const, 'OK' as const),
});
