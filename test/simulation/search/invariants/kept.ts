/** A rollout loses nothing that the owner has set on the endpoint. */
import { models } from '../scenario.js';
import type { Record } from '../play/record.js';
import type { Invariant } from './violation.js';

/** Someone else, or AWS, can change what the owner has set. */
function isUntouched({ done }: Record): boolean {
  return !done.some(({ happening }) => happening.kind === 'external');
}

/** At the end, exactly the serving variants scale, as the baseline did before. */
export const scalingIsKept: Invariant = (record) => {
  const { result, endedMs, keptBefore, keptAfter } = record;
  if (result === null || endedMs === null || result.outcome === 'rollbackFailed' || !isUntouched(record))
    return [];
  const [before] = Object.values(keptBefore.scaling);
  if (before === undefined || keptAfter.config === null || result.leftovers.length > 0) return [];
  const serving = Object.keys(keptAfter.config).sort();
  const scaled = Object.keys(keptAfter.scaling).sort();
  const isSame =
    JSON.stringify(scaled) === JSON.stringify(serving) &&
    Object.values(keptAfter.scaling).every((scaling) => scaling === before);
  if (isSame) return [];
  return [{ atMs: endedMs, message: `${JSON.stringify(keptAfter.scaling)}; before: ${before}` }];
};

/** At the end, the serving variant has the settings, and the config the owner's tag. A candidate has those of the spec too. */
export const settingsAreKept: Invariant = (record) => {
  const { result, endedMs, keptBefore, keptAfter } = record;
  if (result === null || endedMs === null || !isUntouched(record) || keptAfter.config === null) return [];
  const [before] = Object.values(keptBefore.config ?? {});
  // With stable names, the candidate has the name of the baseline.
  const baseline = record.atEnd.served.variants.find(({ model }) => model === models.baseline)?.name;
  return Object.entries(keptAfter.config).flatMap(([variant, settings]) => {
    const expected = variant === baseline ? before : withSettingsOfSpec(record, before);
    if (settings === expected) return [];
    return [{ atMs: endedMs, message: `variant ${variant} has ${settings}; expected: ${expected}` }];
  });
};

function withSettingsOfSpec({ scenario }: Record, before: string | undefined): string | undefined {
  const { variant = {} } = scenario.spec['serve'] as { variant?: object };
  if (before === undefined) return undefined;
  const [settings, ...rest] = JSON.parse(before) as [[string, unknown][], ...unknown[]];
  const given = new Map<string, unknown>(Object.entries(variant));
  return JSON.stringify([settings.map(([name, value]) => [name, given.get(name) ?? value]), ...rest]);
}
