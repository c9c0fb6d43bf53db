/** When a plan's windows are judged, and how many requests each model has had by then. */

/** Time during which the shares stay as they are. */
export interface Period {
  seconds: number;
  /** A goal's pass counts from here on, in seconds since the period began; all its windows may count: 0. */
  earliestSeconds: number;
  /** Of the endpoint's requests, 0 to 1; copies are on top, so that a shadow's two parts exceed 1. */
  baseline: number;
  candidate: number;
}

export interface Conditions {
  requestsPerHour: number;
  windowSeconds: number;
  dataDelaySeconds: number;
  /** In order; what lies between them is not counted. */
  periods: readonly Period[];
}

/** One judgement, with the requests expected since the one before. */
export interface SimulatedPoll {
  /** Since the first period began, its data's delay included. */
  atSeconds: number;
  /** Index of its period. */
  period: number;
  /** Whether a pass would count. */
  mayPass: boolean;
  baseline: number;
  candidate: number;
}

/** All windows at first, then as many at a time as make 2 % of those so far: a time is never off by more, and never early. */
export function simulatedPollsOf({
  requestsPerHour,
  windowSeconds,
  dataDelaySeconds,
  periods,
}: Conditions): SimulatedPoll[] {
  const looks: SimulatedPoll[] = [];
  const perWindow = (requestsPerHour * windowSeconds) / 3_600;
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
      looks.push({
        atSeconds: began + next * windowSeconds + dataDelaySeconds,
        period: index,
        mayPass: next >= earliest,
        baseline: (next - judged) * perWindow * period.baseline,
        candidate: (next - judged) * perWindow * period.candidate,
      });
      judged = next;
    }
    windowsBefore += windows;
    began += period.seconds;
  }
  return looks;
}
