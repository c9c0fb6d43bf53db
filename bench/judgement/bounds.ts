/** Bounds on the error rate: false rollbacks of healthy candidates, and how soon a breach ends a canary. */
import type { Figure } from '../table.js';
import { canaryPlan, simulateCanary, type CanaryEnd } from './canary.js';
import { frequencyInWords, percent, quantile } from './measuring.js';
import { Random } from './random.js';

const below: object = { metric: 'errorRate', below: '1%' };
const healthyCanaries = 1_000;
const sickCanaries = 200;

interface Healthy {
  rule: object;
  ruleText: string;
  rate: number;
  requestsPerHour: number;
}

/** Rates below the bound. The last ones are at its edge. */
const healthy: Healthy[] = [
  { rate: 0.001, requestsPerHour: 20_000 },
  { rate: 0.003, requestsPerHour: 20_000 },
  { rate: 0.003, requestsPerHour: 200_000 },
  { rate: 0.005, requestsPerHour: 200_000 },
  {
    rate: 0.003,
    requestsPerHour: 200_000,
    rule: { ...below, minimumRequests: 500 },
    ruleText: 'minimumRequests: 500',
  },
  {
    rate: 0.005,
    requestsPerHour: 200_000,
    rule: { ...below, minimumRequests: 500 },
    ruleText: 'minimumRequests: 500',
  },
  { rate: 0.005, requestsPerHour: 2_000 },
  { rate: 0.008, requestsPerHour: 20_000 },
  { rate: 0.01, requestsPerHour: 200_000 },
].map((row) => ({ rule: below, ruleText: 'below: 1%', ...row }));

const sick = [2_000, 20_000, 200_000].flatMap((requestsPerHour) =>
  [0.015, 0.02, 0.03, 0.05, 0.1].map((rate) => ({ requestsPerHour, rate })),
);

/** Minute in the bake at 50 % in which a late breach begins. */
const lateMinute = 70;
const healthyRate = 0.003;

export async function measureBounds(): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const row of healthy) figures.push(...(await measureHealthy(row)));
  for (const row of sick) figures.push(await measureSick(row));
  return figures;
}

async function measureHealthy({ rule, ruleText, rate, requestsPerHour }: Healthy): Promise<Figure[]> {
  const what = `${ruleText}, ${percent(rate, 1)}, ${requestsPerHour} requests/h`;
  const ends = await simulate(healthyCanaries, [rule], { requestsPerHour, rateAt: () => rate });
  const strict = await simulate(200, [{ ...rule, strict: true }], { requestsPerHour, rateAt: () => rate });
  const [failed, failedStrict] = [ends, strict].map(
    (all) => all.filter(({ rolledBack }) => rolledBack).length,
  );
  const held = ends.filter((end) => end.held > 0).length;
  const inHours = ends.filter((end) => end.held >= 60).length;
  return [
    {
      what: `${what}: false rollbacks`,
      measured: frequencyInWords(failed!, healthyCanaries),
      aim: '<= 0.01',
    },
    { what: `${what}: the same, strict`, measured: percent(failedStrict!, 200), aim: '' },
    {
      what: `${what}: some bake held, one for an hour`,
      measured: `${percent(held, healthyCanaries)}, ${percent(inHours, healthyCanaries)}`,
      aim: '',
    },
  ];
}

async function measureSick({
  requestsPerHour,
  rate,
}: {
  requestsPerHour: number;
  rate: number;
}): Promise<Figure> {
  const early = await simulate(sickCanaries, [below], { requestsPerHour, rateAt: () => rate });
  const late = await simulate(sickCanaries, [below], {
    requestsPerHour,
    rateAt: (minute) => (minute < lateMinute ? healthyRate : rate),
  });
  const strict = await simulate(sickCanaries, [{ ...below, strict: true }], {
    requestsPerHour,
    rateAt: () => rate,
  });
  return {
    what: `${percent(rate, 1)}, ${requestsPerHour} requests/h: minutes from the start; strict; from minute 10 at 50 %`,
    measured: `${delays(early, 0)}; ${delays(strict, 0)}; ${delays(late, lateMinute)}`,
    aim: '',
  };
}

/** Half and nine in ten of the canaries. */
function delays(ends: CanaryEnd[], fromMinute: number): string {
  const found = ends.map(({ rolledBack, minutes }) => (rolledBack ? minutes - fromMinute : null));
  return [0.5, 0.9].map((part) => quantile(found, part) ?? 'not').join(', ');
}

async function simulate(
  count: number,
  guardrails: object[],
  traffic: Parameters<typeof simulateCanary>[2],
): Promise<CanaryEnd[]> {
  const plan = canaryPlan(guardrails);
  const random = new Random(1);
  const ends: CanaryEnd[] = [];
  for (let i = 0; i < count; i += 1) ends.push(await simulateCanary(random, plan, traffic));
  return ends;
}
