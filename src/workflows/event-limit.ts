/**
 * From this many events on, a rollout goes on in a new run, also where the server does not suggest it yet. A worker plays the
 * whole run again for every task, so that a run must stay short; one of weeks without commands stays below this. A command
 * makes about six, a day of watching a handful.
 */
export const mostEvents = 500;
