/** Whether a run meets every fault or a few, and which: PENSTOCK_FAULTS=whole, and PENSTOCK_SEED to repeat a former run. */
const { PENSTOCK_FAULTS, PENSTOCK_SEED } = process.env;

export const isWhole = PENSTOCK_FAULTS === 'whole';

/** Printed by whoever draws from it. */
export const seed = Number(PENSTOCK_SEED ?? Date.now() % 1_000_000);
