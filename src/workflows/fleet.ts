/** What every deployment of a rollout is made from: known once the models are there. */
import type { Starting } from '../activities/interface.js';
import type { Plan, Role } from '../plan/plan.js';

export interface Fleet {
  plan: Plan;
  starting: Starting;
  /** `baseline` null: nothing serves before the candidate. */
  models: { baseline: string | null; candidate: string };
  variants: Record<Role, string>;
}
