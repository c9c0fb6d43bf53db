/** What may be followed: a split comes from another process, of another version perhaps, and is checked like any input. */
import { bucketing } from '../../plan/split/bucketing.js';
import type { Split, SplitTarget } from '../../plan/split/split.js';
import { endpointPattern } from '../assignment/endpoint-names.js';

/** Null where it can be followed, else what speaks against it. */
export function validateSplit(found: unknown, endpoint: string): string | null {
  if (!isRecord(found)) return 'it is no object';
  if (found['format'] !== 1) return `its format is ${show(found['format'])}, known is 1`;
  if (found['bucketing'] !== bucketing)
    return `its bucketing is ${show(found['bucketing'])}, known is "${bucketing}"`;
  if (typeof found['endpoint'] !== 'string' || found['endpoint'].toLowerCase() !== endpoint)
    return `it is for endpoint ${show(found['endpoint'])}`;
  for (const name of ['rolloutId', 'seed', 'since'])
    if (typeof found[name] !== 'string') return `its ${name} is ${show(found[name])}`;
  if (!Number.isSafeInteger(found['sequence'])) return `its sequence is ${show(found['sequence'])}`;
  const share = found['candidateShare'];
  if (typeof share !== 'number' || !(share >= 0 && share <= 100))
    return `its candidateShare is ${show(share)}`;
  return faultOfTargets(found['targets']);
}

/** Whether `found` replaces `known`: a read that was on its way for long does not take back a newer one. */
export function isNewer(known: Split | null, found: Split): boolean {
  return known === null || known.rolloutId !== found.rolloutId || found.sequence > known.sequence;
}

function faultOfTargets(targets: unknown): string | null {
  if (!isRecord(targets)) return 'it has no targets';
  const { baseline, candidate } = targets;
  if (!isTarget(baseline)) return `its baseline is ${show(baseline)}`;
  if (!isTarget(candidate)) return `its candidate is ${show(candidate)}`;
  return baseline === null && candidate === null ? 'it has neither a baseline nor a candidate' : null;
}

function isTarget(value: unknown): value is SplitTarget | null {
  if (value === null) return true;
  if (!isRecord(value)) return false;
  const { endpoint, variant } = value;
  const isName = (name: unknown) => typeof name === 'string' && endpointPattern.test(name);
  return isName(endpoint) && (variant === null || isName(variant));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function show(value: unknown): string {
  return value === undefined ? 'missing' : JSON.stringify(value).slice(0, 80);
}
