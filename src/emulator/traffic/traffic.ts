import { resolveInstant, type InstantSpan } from '../account/instants.js';
import { type DayProfile, dayFactor, type WeekProfile, weekFactor } from './profiles.js';

/** Simulated requests to an endpoint; they are split among its variants by their weights. */
export interface TrafficSetting {
  endpoint: string;
  /** On average, where the profiles have a mean of 1. */
  requestsPerSecond: number;
  day?: DayProfile;
  week?: WeekProfile;
  /** Fraction of the average that are bots: they come evenly, day and night, and never convert. */
  bots?: number;
  /** While nobody comes, not even bots. */
  outages?: InstantSpan[];
}

/** How many requests are expected. */
export interface Expected {
  people: number;
  bots: number;
}

export class SimulatedTraffic {
  private readonly settings = new Map<string, TrafficSetting>();

  constructor(settings: TrafficSetting[]) {
    for (const setting of settings) this.set(setting);
  }

  set(setting: TrafficSetting): void {
    this.settings.set(setting.endpoint.toLowerCase(), setting);
  }

  list(): TrafficSetting[] {
    return [...this.settings.values()];
  }

  /** In the time from `from` to `to`, epoch ms, which should not be longer than some minutes. */
  expected(endpoint: string, from: number, to: number, startedAt: number): Expected {
    const setting = this.settings.get(endpoint.toLowerCase());
    if (!setting) return { people: 0, bots: 0 };
    const requests = (setting.requestsPerSecond * openMs(setting, from, to, startedAt)) / 1000;
    const bots = setting.bots ?? 0;
    const middle = (from + to) / 2;
    const factor = dayFactor(setting.day, middle) * weekFactor(setting.week, middle);
    return { people: requests * (1 - bots) * factor, bots: requests * bots };
  }
}

/** Without the outages, which must not overlap. */
function openMs({ outages }: TrafficSetting, from: number, to: number, startedAt: number): number {
  const closed = (outages ?? []).map((outage) => {
    const begin = outage.from === undefined ? from : resolveInstant(outage.from, startedAt);
    const end = outage.to === undefined ? to : resolveInstant(outage.to, startedAt);
    return Math.max(0, Math.min(to, end) - Math.max(from, begin));
  });
  return Math.max(
    0,
    closed.reduce((open, ms) => open - ms, to - from),
  );
}
