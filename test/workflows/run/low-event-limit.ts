/** Replaces src/workflows/run/timings.ts: more events than a run needs to begin, fewer than any wait makes. */
export const maxHistoryEvents = 30;

export const switchPropagationSeconds = 5;
export const requestDrainSeconds = 65;
