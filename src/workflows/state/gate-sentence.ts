import type { Gate } from '../../plan/compiled/gate.js';

/** What opens a gate, for people. Pure. */
export function describeGate(gate: Gate): string {
  switch (gate.kind) {
    case 'manual':
      return `gate ${gate.id}: waits for promote`;
    case 'approval': {
      const who = gate.people === 1 ? 'one person' : `${gate.people} different people`;
      return `gate ${gate.id}: waits for the approval of ${who}${gate.allowStarter ? '' : ', not of the starter'}${gate.verified ? ', verified' : ''}`;
    }
    case 'webhook':
      return `gate ${gate.id}: waits for its webhook to say yes`;
    case 'hours':
      return `gate ${gate.id}: waits for its hours`;
  }
}
