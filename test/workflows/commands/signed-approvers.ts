import type { Gate } from '../../../src/plan/compiled/gate.js';

/** A gate that two people, other than the starter, must approve. */
export const twoPeople: Extract<Gate, { kind: 'approval' }> = {
  id: 'two-people',
  withinSeconds: null,
  kind: 'approval',
  people: 2,
  allowStarter: false,
  verified: false,
};
