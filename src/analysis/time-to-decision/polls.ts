/** The polls of a plan, and the requests of each model between them. */

/** A time span with constant shares. */
export interface Period {
  seconds: number;
  /** A goal can pass from this time on, in seconds since the period began. 0: from the beginning. */
  earliestSeconds: number;
  /** Fractions of the endpoint's requests, 0 to 1. Copies are extra, so with a shadow the sum exceeds 1. */
  baseline: number;
  candidate: number;
}

export interface Conditions {
  requestsPerHour: number;
  windowSeconds: number;
  dataDelaySeconds: number;
  /** Windows that begin sooner after the start of a period do not count. Absent: 0. */
  eventDelaySeconds?: number;
  /** In order. The time between periods is not counted. */
  periods: readonly Period[];
}

/** One poll, with the expected requests since the previous poll. */
export interface SimulatedPoll {
  /** Time since the first period began, the data delay included. */
  atSeconds: number;
  /** Index of the period. */
  period: number;
  /** Time of the windows since the previous poll that count. */
  seconds: number;
  /** Whether a goal can pass at this poll. */
  mayPass: boolean;
  baseline: number;
  candidate: number;
}

/**
 * At first one poll for each window, later one poll for each 2 % more windows. Times are at most 2 % too late, never
 * early.
 */
export function simulatedPollsOf({
  requestsPerHour,
  windowSeconds,
  dataDelaySeconds,
  eventDelaySeconds = 0,
  periods,
}: Conditions): SimulatedPoll[] {
  const polls: SimulatedPoll[] = [];
  const perWindow = (requestsPerHour * windowSeconds) / 3_600;
  const leftOut = Math.ceil(eventDelaySeconds / windowSeconds);
  let [began, windowsBefore] = [0, 0];
  for (const [index, period] of periods.entries()) {
    const windows = Math.floor(period.seconds / windowSeconds);
    const earliest = Math.ceil(period.earliestSeconds / windowSeconds);
    for (let judged = 0; judged < windows;) {
      const maxWindows = judged + Math.max(1, Math.floor((windowsBefore + judged) / 50));
      const next = Math.min(
        windows,
        judged < earliest ? Math.min(maxWindows, Math.max(earliest, 1)) : maxWindows,
      );
      const counted = Math.max(0, next - Math.max(judged, leftOut));
      polls.push({
        atSeconds: began + next * windowSeconds + dataDelaySeconds,
        period: index,
        seconds: counted * windowSeconds,
        mayPass: next >= earliest,
        baseline: counted * perWindow * period.baseline,
        candidate: counted * perWindow * period.candidate,
      });
      judged = next;
    }
    windowsBefore += windows;
    began += period.seconds;
  }
  return polls;
}
