/** Asks IAM's policy simulator what this worker may do. */
import { SimulatePrincipalPolicyCommand, type EvaluationResult, type IAMClient } from '@aws-sdk/client-iam';
import { GetCallerIdentityCommand, type STSClient } from '@aws-sdk/client-sts';
import { pagesOf } from '../aws/pages.js';
import { readOptional, type OptionalAnswer } from './optional-read.js';
import type { NeededActions } from './rollout-actions.js';

/** The caller of AWS. */
export interface CallerIdentity {
  /** As STS names it. */
  arn: string;
  partition: string;
  account: string;
}

export interface SimulatedAction {
  action: string;
  resource: string;
  /** `unknown`: a policy asks for a value that the simulation does not have, or IAM gave no answer for the action. */
  decision: 'allowed' | 'denied' | 'unknown';
}

/** Neither function throws, except if the attempt is cancelled. */
export interface PermissionReader {
  readIdentity(): Promise<OptionalAnswer<CallerIdentity>>;
  simulate(
    identity: CallerIdentity,
    needed: readonly NeededActions[],
  ): Promise<OptionalAnswer<SimulatedAction[]>>;
}

export function createPermissionReader(iam: IAMClient, sts: STSClient): PermissionReader {
  return {
    readIdentity: () => readIdentity(sts),
    simulate: (identity, needed) =>
      readOptional(async (options) => {
        const PolicySourceArn = principalOf(identity);
        const simulated = needed.map(async (each) => {
          const request = {
            PolicySourceArn,
            ActionNames: each.actions,
            ResourceArns: [each.resource],
            ContextEntries: Object.entries(each.context).map(([ContextKeyName, value]) => ({
              ...{ ContextKeyName, ContextKeyType: 'string' as const, ContextKeyValues: [value] },
            })),
          };
          const found = new Map<string, SimulatedAction['decision']>();
          const pages = pagesOf(async ({ NextToken: Marker }) => {
            const page = await iam.send(new SimulatePrincipalPolicyCommand({ ...request, Marker }), options);
            return { ...page, NextToken: page.Marker };
          });
          for await (const { EvaluationResults = [] } of pages)
            for (const result of EvaluationResults)
              found.set(result.EvalActionName ?? '', decisionOf(result));
          return each.actions.map((action) => ({
            ...{ action, resource: each.resource },
            decision: found.get(action) ?? ('unknown' as const),
          }));
        });
        return (await Promise.all(simulated)).flat();
      }),
  };
}

export function readIdentity(sts: STSClient): Promise<OptionalAnswer<CallerIdentity>> {
  return readOptional(async (options) => {
    const { Arn = '', Account = '' } = await sts.send(new GetCallerIdentityCommand({}), options);
    return { arn: Arn, partition: Arn.split(':')[1] ?? 'aws', account: Account };
  });
}

/**
 * The simulator takes the ARN of a role, and STS names only a session of it:
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html. The session's name lacks the path of the
 * role, so the simulator does not find a role that has one.
 */
function principalOf({ arn, partition, account }: CallerIdentity): string {
  const [, role] = /:assumed-role\/([^/]+)\//.exec(arn) ?? [];
  return role === undefined ? arn : `arn:${partition}:iam::${account}:role/${role}`;
}

/**
 * A condition that lacks its value does not match, so a denial with missing values says nothing. Nor does one by the
 * organization: the simulator has no values for conditions of its policies, and names none as missing, so a policy that limits the
 * regions denies everything (https://github.com/aws/aws-sdk/issues/102). With resources in the request, IAM answers for each of
 * them: https://docs.aws.amazon.com/IAM/latest/APIReference/API_EvaluationResult.html
 */
function decisionOf(result: EvaluationResult): SimulatedAction['decision'] {
  if (result.EvalDecision === 'allowed') return 'allowed';
  const { OrganizationsDecisionDetail, ResourceSpecificResults = [] } = result;
  const lacksValues = [result, ...ResourceSpecificResults].some(
    ({ MissingContextValues = [] }) => MissingContextValues.length > 0,
  );
  const isByOrganization = OrganizationsDecisionDetail?.AllowedByOrganizations === false;
  return lacksValues || isByOrganization ? 'unknown' : 'denied';
}
