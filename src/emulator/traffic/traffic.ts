import { resolveInstant, type InstantSpan } from '../account/instants.js';
import { type DayProfile, dayFactor, type WeekProfile, weekFactor } from './profiles.js';

/** Simulated requests to an endpoint. Variants get them by weight. */
export interface TrafficSetting {
  endpoint: string;
  /** The average, for profiles with a mean of 1. */
  requestsPerSecond: number;
  day?: DayProfile;
  week?: WeekProfile;
  /** Share of bots in the average. Bots have constant traffic and never convert. */
  bots?: number;
  /** Spans without any requests, not even of bots. */
  outages?: InstantSpan[];
}

/** Expected numbers of requests. */
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

  /** Expected requests from `from` to `to` (epoch ms), for a span of a few minutes at most. */
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

/** Length of the span without outages. Outages must not overlap. */
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
