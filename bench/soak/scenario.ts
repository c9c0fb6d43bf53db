/** The scenario of one soak rollout. It is drawn from the seed before the rollout starts. */
import type { Fault } from '../../src/emulator/emulator.js';
import type { SpecJson } from '../../src/client.js';
import { specOf } from '../../test/e2e/specs.js';
import { Random } from '../judgement/random.js';

export type CommandName = 'pause' | 'promote' | 'promoteFull' | 'abort' | 'retry';

/** `atSeconds`: seconds after the start. */
export type Act = { atSeconds: number } & (
  | { kind: 'fault'; fault: Fault }
  | { kind: 'command'; command: CommandName; resumeAfterSeconds: number }
  | { kind: 'alarm' }
  | { kind: 'hand'; changes: 'weights' | 'config' }
  | { kind: 'maintenance' }
);

export interface Scenario {
  endpoint: string;
  strategy: string;
  isBad: boolean;
  fields: (alarm: string, notify: object) => object;
  acts: Act[];
}

const strategies = ['canary', 'linear', 'blueGreen', 'abTest', 'shadow', 'endpoints'] as const;
const callKinds = [
  'throttle',
  'error500',
  'timeoutBeforeEffect',
  'timeoutAfterEffect',
  'lostResponse',
] as const;
const reads = ['DescribeEndpoint', 'DescribeEndpointConfig', 'DescribeAlarms', 'GetMetricData'];
const effects = [
  'CreateEndpointConfig',
  'UpdateEndpoint',
  'UpdateEndpointWeightsAndCapacities',
  'DeleteEndpointConfig',
];
const changes = ['UpdateEndpoint', 'UpdateEndpointWeightsAndCapacities'];
const errorRate = { metric: 'errorRate', below: '5%', minimumRequests: 50, window: '10s', dataDelay: '2s' };
const conversions = {
  metric: 'conversions',
  higherIsBetter: true,
  source: { namespace: 'Shop', name: 'Conversions', per: 'Visitors' },
  ...{ weekly: false, window: '10s', dataDelay: '2s' },
};
const limits = { deploy: '10m', shift: '10m', rollBack: '30m' };

/** `seconds`: total length of the bakes. */
export function drawScenario(seed: number, n: number, seconds: number): Scenario {
  const dice = new Dice(seed * 1009 + n);
  const endpoint = `soak-${String(n).padStart(4, '0')}`;
  const strategy = strategies[n % strategies.length] ?? 'canary';
  const isBad = dice.chance(0.25);
  const drift = dice.pick(['hold', 'revert']);
  const onInconclusive = dice.pick(['hold', { rollBack: { after: '30s' } }]);
  const bake = (part: number) => `${Math.max(10, Math.round(seconds * part))}s`;
  const fields = (alarm: string, notify: object) => ({
    ...fieldsOf(strategy, bake),
    guardrails: [{ alarm }, errorRate],
    ...{ drift, onInconclusive, ...notify },
  });
  const acts = drawActs(dice, seconds, endpoint, strategy).sort((a, b) => a.atSeconds - b.atSeconds);
  return { endpoint, strategy, isBad, fields, acts };
}

export function specOfScenario({ endpoint, fields }: Scenario, alarm: string, notify: object): SpecJson {
  return specOf(endpoint, fields(alarm, notify));
}

function fieldsOf(strategy: (typeof strategies)[number], bake: (part: number) => string): object {
  const serve = { metricsEvery: '10s', limits };
  const canary = { canary: { steps: ['20%', '50%', '100%'], bake: bake(0.3) } };
  switch (strategy) {
    case 'canary':
      return { serve: { ...serve, capacity: 'scaleBoth' }, strategy: canary };
    case 'linear':
      return { serve, strategy: { linear: { by: '25%', every: bake(0.25) } } };
    case 'blueGreen':
      return {
        serve,
        strategy: { blueGreen: { bake: bake(0.6) } },
        rollbackWindow: { for: bake(0.3), baseline: 'warm' },
      };
    case 'abTest':
      return {
        serve,
        strategy: [
          { abTest: { split: '50%', for: bake(0.5), atMost: bake(2) } },
          { canary: { steps: ['100%'], bake: bake(0.3) } },
        ],
        goals: [conversions],
      };
    case 'shadow':
      return { serve, strategy: [{ shadow: { mirror: '100%', bake: bake(0.3) } }, canary] };
    case 'endpoints':
      return { serve: { ...serve, topology: 'endpoints' }, strategy: canary };
  }
}

function drawActs(dice: Dice, seconds: number, endpoint: string, strategy: string): Act[] {
  const whenever = () => dice.between(1, seconds + 20);
  const baking = () => dice.between(15, 15 + 0.7 * seconds);
  const acts: Act[] = [];
  for (let left = Math.floor(dice.between(2, 7)); left > 0; left -= 1)
    acts.push({ atSeconds: whenever(), kind: 'fault', fault: drawFault(dice, endpoint) });
  if (dice.chance(0.3))
    acts.push({ atSeconds: dice.between(0, 20), kind: 'fault', fault: drawChangeFault(dice, endpoint) });
  if (dice.chance(0.15)) acts.push({ atSeconds: baking(), kind: 'alarm' });
  if (dice.chance(0.15)) acts.push({ atSeconds: whenever(), kind: 'maintenance' });
  const hasVariants = strategy === 'canary' || strategy === 'linear' || strategy === 'abTest';
  if (hasVariants && dice.chance(0.2))
    acts.push({ atSeconds: baking(), kind: 'hand', changes: dice.chance(0.7) ? 'weights' : 'config' });
  for (let left = Math.floor(dice.between(0, 3)); left > 0; left -= 1)
    acts.push({
      ...{ atSeconds: whenever(), kind: 'command', command: drawCommand(dice) },
      resumeAfterSeconds: dice.between(3, 15),
    });
  return acts;
}

function drawFault(dice: Dice, about: string): Fault {
  const operation = dice.pick(dice.chance(0.5) ? reads : effects);
  const fault = { operation, about, nth: Math.floor(dice.between(1, 4)) };
  if (operation === 'GetMetricData' && dice.chance(0.4)) {
    const data = dice.pick(['emptyResults', 'partialResults', 'nan'] as const);
    return { ...fault, kind: 'wrongData', data, every: 1, count: 3 };
  }
  const kind = dice.pick(callKinds);
  return { ...fault, kind, seconds: dice.between(0.2, 3), every: 1, count: Math.floor(dice.between(1, 5)) };
}

/** A fault of a change that AWS has started. */
function drawChangeFault(dice: Dice, about: string): Fault {
  const operation = dice.pick(changes);
  if (dice.chance(0.1)) return { operation: 'UpdateEndpoint', about, kind: 'rollbackFailed' };
  return {
    operation,
    about,
    kind: dice.pick(['revertSilently', 'revertSilently', 'revert', 'systemUpdating']),
  };
}

function drawCommand(dice: Dice): CommandName {
  return dice.pick(['pause', 'pause', 'promote', 'promote', 'promoteFull', 'abort', 'retry', 'retry']);
}

export class Dice {
  private readonly random: Random;

  constructor(seed: number) {
    this.random = new Random(seed);
  }

  chance(probability: number): boolean {
    return this.random.uniform() < probability;
  }

  between(from: number, to: number): number {
    return from + (to - from) * this.random.uniform();
  }

  pick<T>(items: readonly [T, ...T[]] | readonly T[]): T {
    const item = items[Math.floor(this.random.uniform() * items.length)];
    if (item === undefined) throw new Error('cannot pick from an empty list');
    return item;
  }
}

export function alarmOf(endpoint: string): string {
  return `${endpoint}-alarm`;
}
