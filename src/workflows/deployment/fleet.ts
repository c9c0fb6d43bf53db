/** What every deployment of a rollout is made from: known once the models are there. */
import type { InitialEndpoint } from '../../activities/interface/endpoint.js';
import type { Plan } from '../../plan/compiled/plan.js';
import type { Role } from '../../plan/compiled/role.js';

export interface DeploymentInputs {
  plan: Plan;
  starting: InitialEndpoint;
  /** `baseline` null: nothing serves before the candidate. */
  models: { baseline: string | null; candidate: string };
  variants: Record<Role, string>;
}
