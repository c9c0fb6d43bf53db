import { workflowIdOf } from '../../../src/workflows/messages.js';
import type { E2eEnvironment } from '../../e2e/e2e-environment.js';

/** `type` of every activity's failure in the rollout's history, in order. */
export async function readFailureTypes(environment: E2eEnvironment, endpoint: string): Promise<string[]> {
  const { events } = await environment.temporal.workflow.getHandle(workflowIdOf(endpoint)).fetchHistory();
  return (events ?? []).flatMap(({ activityTaskFailedEventAttributes: failed }) => {
    const type = failed?.failure?.applicationFailureInfo?.type;
    return type ? [type] : [];
  });
}
