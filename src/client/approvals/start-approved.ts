/** Starts the rollout of an approved version, once for each approval. */
import type { RolloutClient, StartedRollout } from '../../client.js';
import { RolloutAlreadyRunning, RolloutNotFound, WrongGroup } from '../errors.js';
import type { RolloutSummary } from '../rollouts/rollout-summary.js';
import type { SpecJson } from '../start-options.js';
import type { Approval } from './approval-event.js';

/** `duplicate`: an earlier event has started that rollout. */
export type ApprovalResult = { result: 'started' | 'duplicate' } & StartedRollout;

type Rollouts = Pick<RolloutClient, 'start' | 'latest' | 'list'>;

/** The clocks of AWS and of Temporal may differ by so much. */
const clockToleranceMs = 60_000;

/**
 * `template`: a valid spec whose candidate is the group of the approval. EventBridge, Lambda and SageMaker can deliver more
 * than one event for an approval, each with an id of its own, so a rollout of the version that began after the approval makes
 * an event a duplicate:
 * https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html,
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
 *
 * Fails: WrongGroup; RolloutAlreadyRunning, if a rollout of another version or approval runs on the endpoint.
 */
export async function startApproved(
  rollouts: Rollouts,
  template: SpecJson,
  approval: Approval,
  taskQueue?: string,
): Promise<ApprovalResult> {
  const spec = withVersion(template, approval);
  const earlier = await findStarted(rollouts, spec.endpoint, approval);
  if (earlier !== null) return earlier;
  try {
    const startedBy = `registry:${approval.group}`;
    const started = await rollouts.start(spec, { startedBy, taskQueue, approvedVersion: approval.version });
    return { result: 'started', ...started };
  } catch (error) {
    // Another event of the same approval can have come in between.
    const other =
      error instanceof RolloutAlreadyRunning ? await findStarted(rollouts, spec.endpoint, approval) : null;
    if (other === null) throw error;
    return other;
  }
}

/** The spec with the version instead of its group. */
function withVersion(template: SpecJson, { version, group }: Approval): SpecJson {
  const { models } = template as { models?: { candidate?: Record<string, unknown> } };
  const candidate = models?.candidate ?? {};
  if (candidate['group'] !== group) throw new WrongGroup(template.endpoint, candidate['group'], group);
  const others = Object.entries(candidate).filter(([field]) => field !== 'group' && field !== 'approved');
  return {
    ...template,
    models: { ...models, candidate: { ...Object.fromEntries(others), package: version } },
  };
}

/** The list is eventually consistent, so the latest rollout is read by itself. */
async function findStarted(
  rollouts: Rollouts,
  endpoint: string,
  approval: Approval,
): Promise<ApprovalResult | null> {
  const latest = await rollouts.latest(endpoint).catch((error: unknown) => {
    if (error instanceof RolloutNotFound) return null;
    throw error;
  });
  if (latest === null) return null;
  const known = [latest, ...(await rollouts.list({ all: true, endpoint }))];
  const found = known.find((summary) => isOf(summary, approval));
  return found === undefined
    ? null
    : { result: 'duplicate', endpoint, workflowId: found.workflowId, runId: found.runId };
}

function isOf({ approvedVersion, startedAt }: RolloutSummary, { version, at }: Approval): boolean {
  return approvedVersion === version && Date.parse(startedAt) >= Date.parse(at) - clockToleranceMs;
}
