/** How long one round of a watch lasts. Pure. */

/** A round is long enough to keep history small, and short enough for the status to stay fresh. */
const roundsABake = 12;
const minRoundSeconds = 60;
/** A hold or a pause may last for weeks; its rounds end early when something changes. */
const maxRoundSeconds = 86_400;

/** `isWaiting`: the bake is over, or held. */
export function watchActivitySeconds(bakeSeconds: number, isWaiting: boolean): number {
  if (isWaiting) return maxRoundSeconds;
  const share = Math.round(bakeSeconds / roundsABake);
  return Math.min(Math.max(share, minRoundSeconds), maxRoundSeconds);
}
