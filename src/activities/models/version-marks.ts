/**
 * Marks of a rollout on a model package version: its customer metadata. Pure. At most 50 properties, keys of 128 and values of
 * 256 characters:
 * https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateModelPackage.html
 */
import type { Outcome } from '../../plan/outcome.js';

export type VersionMetadata = Record<string, string>;

/** Marks of the rollout that ended last. */
const last = {
  outcome: 'penstock:outcome',
  rollout: 'penstock:rollout',
  endpoint: 'penstock:endpoint',
  endedAt: 'penstock:endedAt',
} as const;

/**
 * One for each endpoint, so that rollouts of several endpoints, which run side by side, do not overwrite each other's. The
 * value is the id of the rollout.
 */
const rolledBackPrefix = 'penstock:rolledBack:';

/** `endedAt`: ISO 8601. */
export interface EndedRollout {
  rolloutId: string;
  endpoint: string;
  outcome: Outcome;
  endedAt: string;
}

/** The traffic of the version went back to the baseline, so a rule must not choose it again. */
export function wentBack(outcome: Outcome): boolean {
  return outcome !== 'promoted' && outcome !== 'failed';
}

/** The marks of a rollout that ended later stay. */
export function isOutdated({ rolloutId, endedAt }: EndedRollout, found: VersionMetadata): boolean {
  const { [last.rollout]: rollout, [last.endedAt]: at = '' } = found;
  return rollout !== undefined && rollout !== rolloutId && Date.parse(at) > Date.parse(endedAt);
}

/** The changes that give `found` the marks of the rollout. */
export function markChanges(
  ended: EndedRollout,
  found: VersionMetadata,
): { set: VersionMetadata; remove: string[] } {
  const { rolloutId, endpoint, outcome, endedAt } = ended;
  const ownMark = `${rolledBackPrefix}${endpoint}`;
  const wanted: VersionMetadata = {
    ...(isOutdated(ended, found)
      ? {}
      : {
          [last.outcome]: outcome,
          [last.rollout]: rolloutId,
          [last.endpoint]: endpoint,
          [last.endedAt]: endedAt,
        }),
    ...(wentBack(outcome) ? { [ownMark]: rolloutId } : {}),
  };
  return {
    set: Object.fromEntries(Object.entries(wanted).filter(([key, value]) => found[key] !== value)),
    remove: outcome === 'promoted' && found[ownMark] !== undefined ? [ownMark] : [],
  };
}

/** The rollout that has marked the version as rolled back. Null: none has. */
export function rolledBackBy(found: VersionMetadata): { rolloutId: string; endpoint: string } | null {
  const [mark] = Object.entries(found).filter(([key]) => key.startsWith(rolledBackPrefix));
  return mark === undefined ? null : { endpoint: mark[0].slice(rolledBackPrefix.length), rolloutId: mark[1] };
}
