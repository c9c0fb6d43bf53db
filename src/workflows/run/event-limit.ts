/**
 * From this many events on, a rollout goes on in a new run, also where the server does not suggest it yet. Temporal ends a
 * run at 51,200; a command makes about six, a day of watching a handful.
 */
export const maxHistoryEvents = 4_000;
