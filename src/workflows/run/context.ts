import { workflowInfo } from '@temporalio/workflow';
import { Control } from '../commands/control.js';
import { ProofReplayGuard } from '../commands/used-proofs.js';
import { Notifications } from '../notifications/notifications.js';
import { RolloutState } from '../state/state.js';
import { Compensations } from '../temporal/compensations.js';
import { workflowIdOf } from '../messages.js';
import { nameIn } from './arguments.js';
import type { ContinuedState } from './continued-state.js';
import { ForwardPath } from './forward-path.js';

/** One rollout in one run of the workflow. Every step of the runbook gets it. */
export interface RolloutContext {
  /** As a client gave it. Null after a continue-as-new. */
  spec: unknown;
  state: RolloutState;
  control: Control;
  forward: ForwardPath;
  notifications: Notifications;
  /** The steps of a rollback, registered before the change that each of them undoes. */
  compensations: Compensations;
  usedProofs: ProofReplayGuard;
}

/** `continued`: from the previous run; null in the first one. */
export function createContext(spec: unknown, continued: ContinuedState | null): RolloutContext {
  const state = new RolloutState(endpointOf(spec, continued), continued?.state ?? null);
  const control = new Control(state, continued?.promotion);
  return {
    spec,
    state,
    control,
    forward: new ForwardPath(control),
    notifications: new Notifications(state, continued?.notificationSequence),
    compensations: new Compensations(continued?.compensations),
    usedProofs: new ProofReplayGuard(continued?.usedProofs),
  };
}

/** The name in its own case; from the workflow id if the spec has another one. */
function endpointOf(spec: unknown, continued: ContinuedState | null): string {
  const { workflowId } = workflowInfo();
  const name = continued?.state.compiledPlan?.endpoint ?? nameIn(spec, 'endpoint');
  return name !== null && workflowIdOf(name) === workflowId ? name : workflowId.replace(/^rollout:/, '');
}
