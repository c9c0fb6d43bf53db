import type { ChosenVersion } from '../../activities/interface/versions.js';

/** For the timeline of a rollout, and of waves. */
export function describeChoice({ group, version, skipped }: ChosenVersion): string {
  const notes = skipped.map(
    (newer) => `; version ${newer.version} was rolled back on ${newer.endpoint} by ${newer.rolloutId}`,
  );
  return `the candidate is version ${version} of model package group ${group}, the newest approved one${notes.join('')}`;
}
