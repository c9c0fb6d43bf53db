/** What every deployment of a rollout is made from: known once the models are there. */
import type { Starting } from '../../activities/interface/endpoint.js';
import type { Plan } from '../../plan/compiled/plan.js';
import type { Role } from '../../plan/compiled/role.js';

export interface Fleet {
  plan: Plan;
  starting: Starting;
  /** `baseline` null: nothing serves before the candidate. */
  models: { baseline: string | null; candidate: string };
  variants: Record<Role, string>;
}
