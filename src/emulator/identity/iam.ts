/** Answers of the policy simulator. The emulated account has no policies: everything is allowed that `deniedActions` does not name. */
import type { EvaluationResult, SimulatePrincipalPolicyRequest } from '@aws-sdk/client-iam';
import { operation, serviceOf } from '../http/operation.js';
import { ServiceError } from '../http/service-error.js';
import { modelled } from '../service-model/modelled.js';
import { isDeniedAction } from './denied-actions.js';

const simulatePrincipalPolicy = operation(
  'SimulatePrincipalPolicy',
  modelled<SimulatePrincipalPolicyRequest>(),
  ({ PolicySourceArn, ActionNames, ResourceArns = ['*'] }, { account }) => {
    const [, kind] = /^arn:aws:iam::\d{12}:(user|group|role)\//.exec(PolicySourceArn) ?? [];
    if (kind === undefined)
      throw new ServiceError(
        'InvalidInput',
        `Invalid Entity Arn: ${PolicySourceArn} does not clearly define entity type and name.`,
      );
    const results = ActionNames.flatMap((action) =>
      ResourceArns.map((resource): EvaluationResult => ({
        EvalActionName: action,
        EvalResourceName: resource,
        EvalDecision: isDeniedAction(account, action) ? 'implicitDeny' : 'allowed',
        ...{ MatchedStatements: [], MissingContextValues: [] },
      })),
    );
    return { EvaluationResults: results, IsTruncated: false };
  },
);

export const iam = serviceOf(
  'IAM',
  {
    validation: 'ValidationError',
    throttling: 'Throttling',
    accessDenied: 'AccessDenied',
    unknownOperation: 'InvalidAction',
  },
  [simulatePrincipalPolicy],
);
