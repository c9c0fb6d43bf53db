/** PENSTOCK_FAULTS=whole runs every fault, otherwise a run takes a sample. PENSTOCK_SEED repeats an earlier sample. */
const { PENSTOCK_FAULTS, PENSTOCK_SEED } = process.env;

export const isWhole = PENSTOCK_FAULTS === 'whole';

/** Tests that use it print it. */
export const seed = Number(PENSTOCK_SEED ?? Date.now() % 1_000_000);
