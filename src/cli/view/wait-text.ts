/** What a rollout waits for, and which command ends the wait. */
import type { LiveStatus } from '../../client.js';

/** Null where no gate is waited for. `until`: how long, for people; empty where there is no end, or it is not known. */
export function gateText({ gate, endpoint }: LiveStatus, until: string): string | null {
  if (gate === null) return null;
  const { id, kind, approvals, people } = gate;
  const promote = `\`penstock promote ${endpoint}\``;
  switch (kind) {
    case 'manual':
      return `${id}: ${promote} opens it${until}`;
    case 'approval': {
      const by = approvals.length === 0 ? '' : ` (${approvals.join(', ')})`;
      const so = `${approvals.length} of ${people ?? '?'} approvals${by}`;
      return `${id}: ${so}${until}; \`penstock approve ${endpoint}\` adds one`;
    }
    case 'webhook':
      return `${id}: its webhook is asked until it says yes or no${until}`;
    case 'hours':
      return `${id}: opens by the clock${until}; ${promote} opens it now`;
  }
}

/** Null where the rollback window is not open. `until`: as above. */
export function rollbackWindowText({ phase, endpoint }: LiveStatus, until: string): string | null {
  if (phase !== 'rollbackWindow') return null;
  const commands = `\`penstock undo ${endpoint}\` goes back, \`penstock promote ${endpoint}\` ends the window`;
  return `the baseline is kept${until}; ${commands}`;
}
