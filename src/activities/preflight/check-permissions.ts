/** The worker may do what the rollout will need. Without an answer of IAM, the rollout finds out by itself. */
import type { Plan } from '../../plan/compiled/plan.js';
import type { Account } from '../interface/account.js';
import type { InitialEndpoint } from '../interface/endpoint.js';
import type { PermissionReader, SimulatedAction } from './permissions.js';
import { rolloutActions } from './rollout-actions.js';

interface PermissionChecks {
  findings: string[];
  /** At most one. */
  warnings: string[];
}

/** `startedIn`: null if AWS's answers do not name the account. */
export async function checkPermissions(
  reader: PermissionReader,
  plan: Plan,
  starting: InitialEndpoint,
  startedIn: Account | null,
): Promise<PermissionChecks> {
  if (startedIn === null) return unchecked('the account is unknown');
  const identity = await reader.readIdentity();
  if ('unread' in identity) return unchecked(identity.unread);
  const { arn, partition } = identity.value;
  const needed = rolloutActions(plan, starting, { ...startedIn, partition });
  const simulated = await reader.simulate(identity.value, needed);
  if ('unread' in simulated) return unchecked(simulated.unread, arn);
  return {
    findings: deniedBy(simulated.value, arn),
    warnings: unknownIn(simulated.value, arn),
  };
}

function unchecked(reason: string, arn = 'this worker'): PermissionChecks {
  return {
    findings: [],
    warnings: [`the permissions of ${arn} were not checked beforehand: ${reason}`],
  };
}

/** One finding for each resource. */
function deniedBy(simulated: readonly SimulatedAction[], arn: string): string[] {
  return [...byResource(simulated, 'denied')].map(
    ([resource, actions]) =>
      `${arn} may not ${actions.join(', ')} on ${resource}; allow it in the policy of the worker, as deploy/iam/worker.json does`,
  );
}

function unknownIn(simulated: readonly SimulatedAction[], arn: string): string[] {
  const open = [...byResource(simulated, 'unknown')];
  if (open.length === 0) return [];
  const list = open.map(([resource, actions]) => `${actions.join(', ')} on ${resource}`);
  return [
    `the simulator of IAM cannot tell if ${arn} may ${list.join('; ')}: a policy has conditions on values that only a real call has`,
  ];
}

function byResource(
  simulated: readonly SimulatedAction[],
  wanted: SimulatedAction['decision'],
): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const { action, resource, decision } of simulated)
    if (decision === wanted) found.set(resource, [...(found.get(resource) ?? []), action]);
  return found;
}
