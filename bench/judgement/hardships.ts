/** False alarms of count tests for dependent errors, with dispersion 1 and with the known dispersion. */
import type { Figure } from '../table.js';
import { percent } from './measuring.js';
import { Random } from './random.js';
import { hours, rampShare, requestsPerHour, type Hour } from './rollout.js';
import { firstAlarm, watchCounts, watchZ, type Watcher } from './watchers.js';

const rollouts = 1000;
const rate = 0.01;

export function measureHardships(): Figure[] {
  return [...measureClusters(), ...measureDailyCycle(), ...measureOwnNoise()];
}

/** Errors come in clusters of geometric size: variance over mean is 2c - 1. */
function measureClusters(): Figure[] {
  return [1.5, 2, 4, 8].map((size) => {
    const dispersion = 2 * size - 1;
    const tell = (random: Random) =>
      ramp((_, requests) => {
        let events = 0;
        for (let left = random.poisson((requests * rate) / size); left > 0; left -= 1)
          events += random.geometric(size);
        return Math.min(events, requests);
      });
    const measured = compare(
      tell,
      () => watchCounts(),
      () => watchCounts({ dispersion }),
    );
    return {
      what: `errors in clusters of ${size}: dispersion 1, ${dispersion}`,
      measured,
      aim: 'second <= 5 %',
    };
  });
}

/** The rate of both models rises and falls by a factor of four every day. */
function measureDailyCycle(): Figure[] {
  const tell = (random: Random) =>
    ramp((hour, requests) => random.poisson(requests * rate * 2 ** Math.sin((2 * Math.PI * hour) / 24)));
  const measured = compare(tell, watchZ, () => watchCounts());
  return [{ what: 'daily cycle of both models: pooled z-test, count test', measured, aim: 'second <= 5 %' }];
}

/**
 * Each model's log rate fluctuates independently (hourly AR(1), 0.8, standard deviation 0.2): no margin, and 10 %.
 */
function measureOwnNoise(): Figure[] {
  const [correlation, deviation] = [0.8, 0.2];
  const tell = (random: Random) => {
    const logs = [0, 0];
    return ramp((_, requests, arm) => {
      const shock = deviation * Math.sqrt(1 - correlation ** 2) * random.normal();
      logs[arm] = correlation * logs[arm]! + shock;
      return random.poisson(requests * rate * Math.exp(logs[arm] - deviation ** 2 / 2));
    });
  };
  // Dispersion of sums over many hours: 1 + mean * variance * (1 + correlation) / (1 - correlation), at half the
  // traffic.
  const longRun =
    1 + ((requestsPerHour * rate) / 2) * deviation ** 2 * ((1 + correlation) / (1 - correlation));
  const measured = compare(
    tell,
    () => watchCounts(),
    () => watchCounts({ dispersion: longRun }),
  );
  const what = `each model's rate fluctuates independently: dispersion 1, ${longRun.toFixed(1)} (long-run)`;
  return [{ what, measured, aim: 'second <= 5 %' }];
}

/** Two weeks. `count` returns the failed requests of an arm (0: baseline) in an hour. */
function* ramp(count: (hour: number, requests: number, arm: 0 | 1) => number): Iterable<Hour> {
  for (let hour = 0; hour < hours; hour += 1) {
    const requests = requestsPerHour * rampShare(hour);
    const others = requestsPerHour - requests;
    yield {
      baseline: { requests: others, events: count(hour, others, 0) },
      candidate: { requests, events: count(hour, requests, 1) },
    };
  }
}

function compare(
  tell: (random: Random) => Iterable<Hour>,
  first: () => Watcher,
  second: () => Watcher,
): string {
  return [first, second]
    .map((watcher) => {
      const random = new Random(4);
      let alarms = 0;
      for (let i = 0; i < rollouts; i += 1) if (firstAlarm(tell(random), watcher()) !== null) alarms += 1;
      return percent(alarms, rollouts);
    })
    .join(', ');
}
