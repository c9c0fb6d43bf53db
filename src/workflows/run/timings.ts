/** Limits and waits of every rollout. Tests of continue-as-new bundle another file instead of this one. */

/**
 * Events of a run's history from which a rollout continues as new, even if the server does not suggest it yet. The
 * server ends a run at 51,200 events. A command makes about six events, a day of watching a handful.
 */
export const maxHistoryEvents = 4_000;

/** A switch has a new split within two seconds. */
export const switchPropagationSeconds = 5;

/**
 * SageMaker lets a request run for up to 60 seconds. Requests that a switch sent before it got the new split end in
 * it.
 */
export const requestDrainSeconds = 65;
