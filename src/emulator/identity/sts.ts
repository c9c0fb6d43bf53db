import type { GetCallerIdentityRequest } from '@aws-sdk/client-sts';
import { operation, serviceOf } from '../http/operation.js';
import { modelled } from '../service-model/modelled.js';

/** Every caller has the same role, because the emulator accepts any credentials. */
const getCallerIdentity = operation(
  'GetCallerIdentity',
  modelled<GetCallerIdentityRequest>(),
  (_request, { account: { options } }) => ({
    UserId: 'AROAEMULATOR:emulator',
    Account: options.account,
    Arn: `arn:aws:sts::${options.account}:assumed-role/emulator/emulator`,
  }),
);

export const sts = serviceOf(
  'STS',
  {
    validation: 'ValidationError',
    throttling: 'Throttling',
    accessDenied: 'AccessDenied',
    unknownOperation: 'InvalidAction',
  },
  [getCallerIdentity],
);
