import { ServiceError } from '../http/service-error.js';
import type { AccountState } from '../account/account-state.js';
import type { LogStream } from './log-store.js';
import type { GroupRequest } from './requests.js';

/** The streams of the requested group, by its name or its ARN. Throws the error of the service without such a group. */
export function streamsOfGroup(account: AccountState, request: GroupRequest): LogStream[] {
  return (
    account.logs.streamsOf(groupNameOf(request)) ?? throwNotFound('The specified log group does not exist.')
  );
}

export function groupNameOf({ logGroupName, logGroupIdentifier }: GroupRequest): string {
  const name = logGroupName ?? logGroupIdentifier?.replace(/^arn:.*:log-group:/, '').replace(/:\*$/, '');
  if (name === undefined) throw invalidParameter('Specify logGroupName or logGroupIdentifier.');
  return name;
}

export function throwNotFound(message: string): never {
  throw new ServiceError('ResourceNotFoundException', message);
}

export function invalidParameter(message: string): ServiceError {
  return new ServiceError('InvalidParameterException', message);
}

/** The position in a token that this service returned, or `fallback` without a token. */
export function positionIn(token: string | undefined, fallback: number): number {
  if (token === undefined) return fallback;
  const digits = /^(?:[fb]\/)?(\d+)$/.exec(token)?.[1];
  if (digits === undefined) throw invalidParameter('The specified nextToken is invalid.');
  return Number(digits);
}
