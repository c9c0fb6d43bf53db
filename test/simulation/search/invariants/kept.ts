/** A rollout loses nothing that the owner has set on the endpoint. */
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

/** At the end, the serving variant has the settings, and the config the owner's tag. */
export const settingsAreKept: Invariant = (record) => {
  const { result, endedMs, keptBefore, keptAfter } = record;
  if (result === null || endedMs === null || !isUntouched(record) || keptAfter.config === null) return [];
  const [before] = Object.values(keptBefore.config ?? {});
  const lost = Object.entries(keptAfter.config).filter(([, settings]) => settings !== before);
  return lost.map(([variant, settings]) => ({
    atMs: endedMs,
    message: `variant ${variant} has ${settings}; before: ${before}`,
  }));
};
