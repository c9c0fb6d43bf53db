/** Chooses the arm of a request. Pure: the same split, user and headers give the same arm in every process. */
import type { IncomingHttpHeaders } from 'node:http';
import { userBucketOf, isCandidateBucket } from '../../plan/split/bucketing.js';
import type { Role } from '../../plan/compiled/names.js';
import type { Split, SplitTarget } from '../../plan/split/split.js';
import type { Cohort, SwitchConfig } from '../config-schema.js';
import { valueOf } from './user-identity.js';

/**
 * Reason for the arm:
 * - `bucket`: the user's bucket
 * - `tester`, `cohort`: a rule of the configuration
 * - `named`: the client named a variant
 * - `noUser`: the request has no user id
 * - `noSplit`: the switch knows no split of the endpoint
 * - `oneArm`: the split has a single arm
 */
export type Reason = 'bucket' | 'tester' | 'cohort' | 'named' | 'noUser' | 'noSplit' | 'oneArm';

export interface Assignment {
  role: Role;
  target: SplitTarget;
  reason: Reason;
}

export type AssignmentRules = Pick<SwitchConfig, 'testers' | 'cohorts' | 'countryHeader'>;

export interface AssignmentRequest {
  /** As the client wrote it. */
  endpoint: string;
  split: Split | null;
  user: string | null;
  headers: IncomingHttpHeaders;
  /** X-Amzn-SageMaker-Target-Variant, if clients may choose a variant. */
  namedVariant: string | null;
}

export function assign(rules: AssignmentRules, request: AssignmentRequest): Assignment {
  const { endpoint, split, user, headers, namedVariant } = request;
  if (namedVariant !== null) return named(endpoint, split, namedVariant);
  if (split === null) return { role: 'baseline', target: { endpoint, variant: null }, reason: 'noSplit' };
  const forced = force(rules, user, headers);
  if (forced !== null) return arm(split, forced.role, forced.reason);
  const { baseline, candidate } = split.targets;
  if (baseline === null || candidate === null) return arm(split, 'baseline', 'oneArm');
  if (user === null) return { role: 'baseline', target: baseline, reason: 'noUser' };
  return isCandidateBucket(userBucketOf(split.seed, user), split.candidateShare)
    ? { role: 'candidate', target: candidate, reason: 'bucket' }
    : { role: 'baseline', target: baseline, reason: 'bucket' };
}

/** The wanted arm, or the other one if the wanted arm does not exist. */
function arm({ targets, endpoint }: Split, wanted: Role, reason: Reason): Assignment {
  const other: Role = wanted === 'baseline' ? 'candidate' : 'baseline';
  const role = targets[wanted] === null ? other : wanted;
  return { role, target: targets[role] ?? { endpoint, variant: null }, reason };
}

function named(endpoint: string, split: Split | null, variant: string): Assignment {
  const role = split?.targets.candidate?.variant === variant ? 'candidate' : 'baseline';
  return { role, target: { endpoint, variant }, reason: 'named' };
}

function force(
  { testers, cohorts, countryHeader }: AssignmentRules,
  user: string | null,
  headers: IncomingHttpHeaders,
): { role: Role; reason: Reason } | null {
  const requested = testers.header === undefined ? null : valueOf(headers, testers.header);
  if (requested === 'baseline' || requested === 'candidate') return { role: requested, reason: 'tester' };
  for (const role of ['baseline', 'candidate'] as const)
    if (user !== null && testers[role].includes(user)) return { role, reason: 'tester' };
  for (const cohort of cohorts) {
    if (!isMember(cohort, countryHeader, user, headers)) continue;
    // `out` also gets the baseline, the model from before the experiment.
    return { role: cohort.assign === 'candidate' ? 'candidate' : 'baseline', reason: 'cohort' };
  }
  return null;
}

function isMember(
  cohort: Cohort,
  countryHeader: string,
  user: string | null,
  headers: IncomingHttpHeaders,
): boolean {
  if (cohort.users !== undefined) return user !== null && cohort.users.includes(user);
  const [name, values] =
    cohort.header === undefined
      ? [countryHeader, cohort.country ?? []]
      : [cohort.header.name, cohort.header.in];
  const value = valueOf(headers, name);
  return value !== null && values.includes(value);
}
