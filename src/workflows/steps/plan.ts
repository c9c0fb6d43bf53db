/** Compiles the spec to the plan that the rest of the rollout works from. */
import { workflowInfo } from '@temporalio/workflow';
import { activityTimeouts } from '../../plan/schedule/timeouts.js';
import { workflowIdOf } from '../messages.js';
import { nameIn, rejectInvalidSpec, rejectOtherWorkflowId } from '../run/arguments.js';
import type { RolloutContext } from '../run/context.js';
import { proxyRolloutActivities } from '../temporal/activity-proxy.js';

export async function planRollout({ state, spec }: RolloutContext): Promise<void> {
  rejectInvalidSpec(spec);
  const endpoint = nameIn(spec, 'endpoint');
  if (endpoint !== null) rejectOtherWorkflowId(`the rollout of ${endpoint}`, workflowIdOf(endpoint));
  const { workflowId, firstExecutionRunId } = workflowInfo();
  const { compileRollout } = proxyRolloutActivities({
    scheduleToCloseSeconds: activityTimeouts.planning,
    summary: 'validate the spec and compile the plan',
  });
  state.setPlan(await compileRollout({ spec, workflowId, runId: firstExecutionRunId }));
}
