/** Checks a split like any input, because it comes from another process, perhaps of another version. */
import { bucketing } from '../../plan/split/bucketing.js';
import type { Split, SplitTarget } from '../../plan/split/split.js';
import { endpointPattern } from '../assignment/endpoint-names.js';

/** Null if the switch can use the split, otherwise the reason why not. */
export function validateSplit(found: unknown, endpoint: string): string | null {
  if (!isRecord(found)) return 'it is not an object';
  if (found['format'] !== 1) return `expected format 1, got ${show(found['format'])}`;
  if (found['bucketing'] !== bucketing)
    return `expected bucketing "${bucketing}", got ${show(found['bucketing'])}`;
  if (typeof found['endpoint'] !== 'string' || found['endpoint'].toLowerCase() !== endpoint)
    return `it is for endpoint ${show(found['endpoint'])}`;
  for (const name of ['rolloutId', 'seed', 'since'])
    if (typeof found[name] !== 'string') return `its ${name} is ${show(found[name])}`;
  if (!Number.isSafeInteger(found['sequence'])) return `its sequence is ${show(found['sequence'])}`;
  const share = found['candidateShare'];
  if (typeof share !== 'number' || !(share >= 0 && share <= 100))
    return `its candidateShare is ${show(share)}`;
  return validateTargets(found['targets']);
}

/** Whether `found` replaces `known`. The result of a slow read must not replace a newer split. */
export function isNewer(known: Split | null, found: Split): boolean {
  return known === null || known.rolloutId !== found.rolloutId || found.sequence > known.sequence;
}

function validateTargets(targets: unknown): string | null {
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
