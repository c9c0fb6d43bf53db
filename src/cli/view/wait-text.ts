/** Gates and the rollback window as text, with the command that ends the wait, and the watch beside them. */
import type { LiveStatus } from '../../client.js';
import type { RequiredKnowledge, WatchMode, WatchStatus } from '../../workflows/messages.js';
import { ageOf } from './relative-time.js';

/** Null if no gate is waiting. `until`: the end of the wait as text; empty if it has none. */
export function gateText({ gate, endpoint }: LiveStatus, until: string): string | null {
  if (gate === null) return null;
  const { id, kind, approvals, people } = gate;
  const promote = `\`penstock promote ${endpoint}\``;
  switch (kind) {
    case 'manual':
      return `${id}: ${promote} opens it${until}`;
    case 'approval': {
      const by = approvals.length === 0 ? '' : ` (${approvals.join(', ')})`;
      const count = `${approvals.length} of ${people ?? '?'} approvals${by}`;
      return `${id}: ${count}${until}; \`penstock approve ${endpoint}\` adds one`;
    }
    case 'webhook':
      return `${id}: the worker polls its webhook until it answers yes or no${until}`;
    case 'hours':
      return `${id}: opens automatically${until}; ${promote} opens it now`;
  }
}

/** Null if the rollback window is not open. `until`: see `gateText`. */
export function rollbackWindowText({ phase, endpoint }: LiveStatus, until: string): string | null {
  if (phase !== 'rollbackWindow') return null;
  const commands = `\`penstock undo ${endpoint}\` rolls back, \`penstock promote ${endpoint}\` ends the window`;
  return `open${until}; ${commands}`;
}

const modes: Record<WatchMode, string> = {
  baking: 'baking',
  overdue: 'overdue',
  guarding: 'guarding',
  lastCheck: 'last check before a change',
};

const needs: Record<RequiredKnowledge, string> = {
  allKnown: 'an unknown guardrail holds the rollout',
  allRead: 'a guardrail that cannot be read holds the rollout',
  noAlarmFiring: 'an unknown guardrail does not hold the rollout',
};

/** `now`: milliseconds since the epoch. */
export function watchText({ mode, need, since }: WatchStatus, now: number): string {
  return `${modes[mode]} for ${ageOf(since, now)}; ${needs[need]}`;
}
