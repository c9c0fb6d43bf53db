/** Stands in for src/workflows/run/event-limit.ts: more than a run needs to begin, less than any wait makes. */
export const mostEvents = 30;
