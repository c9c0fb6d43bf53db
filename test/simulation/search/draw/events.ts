/** Draws what happens: faults, failures, people and workers, each at a time. */
import type { WrongData, FaultKind } from '../../../../src/emulator/account/faults.js';
import { metricsOutages } from '../../../../src/emulator/account/outages.js';
import type { SpecJson } from '../../../../src/client/start-options.js';
import type { Dice } from '../dice.js';
import { alarms, type Account, type CommandName, type Event, type Happening } from '../scenario.js';
import { errorRateRulesOf, guardedAlarmsOf } from '../invariants/rules.js';
import { drawBehaviour } from './account.js';

/** The calls that rollouts of a live endpoint make. */
const reads = [
  'DescribeEndpoint',
  'DescribeEndpointConfig',
  'DescribeModel',
  'ListTags',
  'ListMetrics',
  'DescribeAlarms',
  'GetMetricData',
];
const effects = [
  'CreateEndpointConfig',
  'CreateEndpoint',
  'UpdateEndpoint',
  'UpdateEndpointWeightsAndCapacities',
  'DeleteEndpointConfig',
  'DeleteEndpoint',
];
export const operations = [...reads, ...effects, 'InvokeEndpoint'];

const callFaults: FaultKind[] = [
  'throttle',
  'error500',
  'timeoutBeforeEffect',
  'timeoutAfterEffect',
  'lostResponse',
  'slow',
  'accessDenied',
];
const wrongReads: Record<string, WrongData[]> = {
  DescribeEndpoint: ['stale', 'staleStatus', 'oldWeights', 'missingVariant'],
  DescribeEndpointConfig: ['stale'],
  DescribeAlarms: ['stale', 'emptyResults'],
  GetMetricData: ['emptyResults', 'partialResults', 'nan'],
  ListTags: ['stale', 'emptyResults'],
};
/** Failures of a change that AWS has accepted. */
const changeFaults: Record<string, FaultKind[]> = {
  UpdateEndpoint: [
    'revertSilently',
    'revert',
    'systemUpdating',
    'stuck',
    'fail',
    'noCapacity',
    'rollbackFailed',
    'quota',
  ],
  UpdateEndpointWeightsAndCapacities: ['revertSilently', 'revert', 'systemUpdating', 'stuck', 'noCapacity'],
  CreateEndpoint: ['fail', 'noCapacity', 'stuck', 'quota'],
};

/** The candidate has users after about three minutes, and drawn rollouts take a quarter to a whole hour. */
const deploySeconds = 150;
const spansSeconds = [500, 900, 1_800];

type Later = Happening & { after?: number };
interface Given {
  account: Account;
  spec: SpecJson;
}
type Draw = (dice: Dice, given: Given) => Later[];

/** Each kind of event with its weight. */
const kinds: Record<string, [weight: number, draw: Draw]> = {
  callFault: [6, (dice) => [drawCallFault(dice)]],
  changeFault: [2, (dice) => [drawChangeFault(dice)]],
  serviceAway: [1, (dice) => [drawServiceAway(dice)]],
  wrongAccount: [0.5, (dice) => [{ kind: 'wrongAccount', forSeconds: drawSpan(dice) }]],
  metricsAway: [
    2,
    (dice) => [{ kind: 'metricsAway', outage: dice.pick(metricsOutages), forSeconds: drawSpan(dice) }],
  ],
  metricsPartial: [0.7, (dice) => [{ kind: 'metricsPartial', share: 0.5, forSeconds: drawSpan(dice) }]],
  metricsWithheld: [
    1,
    (dice) => [
      { kind: 'metricsWithheld', model: dice.pick(['baseline', 'candidate']), forSeconds: drawSpan(dice) },
    ],
  ],
  alarm: [4, (dice) => drawAlarm(dice)],
  behaviour: [4, (dice) => [{ kind: 'behaviour', model: 'candidate', behaviour: drawBehaviour(dice, 0.8) }]],
  traffic: [0.7, (dice) => [{ kind: 'traffic', requestsPerSecond: dice.pick([0, 1, 20, 80]) }]],
  maintenance: [0.7, (dice) => [{ kind: 'maintenance', forSeconds: dice.pick([30, 300]) }]],
  loseInstances: [
    0.7,
    (dice) => [{ kind: 'loseInstances', model: dice.pick(['baseline', 'candidate']), count: 1 }],
  ],
  capacity: [
    1,
    (dice) => [
      { kind: 'capacity', instances: dice.pick([0, 1]) },
      { kind: 'capacity', instances: null, after: drawSpan(dice) },
    ],
  ],
  external: [2, (dice, { account }) => [drawExternal(dice, account)]],
  command: [5, (dice) => drawCommand(dice)],
  workerDown: [2, (dice) => [{ kind: 'workerDown', forSeconds: drawAbsence(dice) }]],
  workerDiesInCall: [
    2.5,
    (dice) => [
      {
        ...{ kind: 'workerDiesInCall', operation: drawOperation(dice), nth: dice.whole(1, 3) },
        ...{ stage: dice.pick(['before', 'after']), forSeconds: drawAbsence(dice) },
      },
    ],
  ],
  clockSkew: [0.5, (dice) => [{ kind: 'clockSkew', skewSeconds: dice.pick([-300, -20, 20, 300]) }]],
  gateAnswer: [
    0.7,
    (dice) => [{ kind: 'gateAnswer', answer: dice.pick(['yes', 'no', 'not yet', 'error', 'silence']) }],
  ],
};

/**
 * A seed has some kinds of events only, so that it meets several of one kind. Source: swarm testing,
 * https://users.cs.utah.edu/~regehr/papers/swarm12.pdf
 */
export function drawEvents(dice: Dice, given: Given): Event[] {
  const number = dice.weighted([
    [1, 0],
    [3, 2],
    [4, 4],
    [3, 7],
    [1, 12],
  ]);
  const swarm = Object.values(kinds).filter(() => dice.chance(0.35));
  const drawn = Array.from({ length: number }, () =>
    dice.weighted(swarm.length > 0 ? swarm : Object.values(kinds))(dice, given),
  );
  const opened = given.spec.gates === undefined || dice.chance(0.25) ? [] : [drawOpening(dice)];
  const timed = (happenings: Later[], fromSeconds: number, toSeconds: number) => {
    const atSeconds = Math.round(dice.between(fromSeconds, toSeconds));
    return happenings.map(({ after = 0, ...happening }) => ({ atSeconds: atSeconds + after, ...happening }));
  };
  const whenever = (happenings: Later[]) =>
    dice.chance(0.15)
      ? timed(happenings, 0, deploySeconds)
      : timed(happenings, deploySeconds, dice.pick(spansSeconds));
  const events = dice.weighted<() => Event[]>([
    [5, () => [...drawn, ...opened].flatMap(whenever)],
    [
      5,
      () => [
        ...drawn.slice(0, dice.whole(0, 1)).flatMap(whenever),
        ...opened.flatMap(whenever),
        ...timed(drawDangerInAWait(dice, given), deploySeconds, 500),
      ],
    ],
    [
      2,
      () => [
        ...opened.flatMap(whenever),
        ...Array.from({ length: dice.whole(1, 4) }, () =>
          timed([drawHiccup(dice)], 0, dice.pick([0, 0, 600])),
        ).flat(),
      ],
    ],
  ])();
  return events.sort((a, b) => a.atSeconds - b.atSeconds);
}

/** No healthy rollout may end because of it: calls that fail or lose their response, or a worker that comes back. */
function drawHiccup(dice: Dice): Later {
  const operation = dice.weighted([
    [3, 'CreateEndpointConfig'],
    [2, 'UpdateEndpoint'],
    [3, 'UpdateEndpointWeightsAndCapacities'],
    [1, 'DeleteEndpointConfig'],
    [2, dice.pick(reads)],
  ]);
  const nth = dice.whole(1, 2);
  if (dice.chance(0.4))
    return { kind: 'workerDiesInCall', operation, nth, stage: 'after', forSeconds: dice.whole(1, 120) };
  const fault = dice.pick<FaultKind>([
    'throttle',
    'error500',
    'timeoutAfterEffect',
    'lostResponse',
    'lostResponse',
  ]);
  return { kind: 'fault', operation, fault, nth, count: dice.whole(1, 4), seconds: 5 };
}

/** People do what gates wait for. */
function drawOpening(dice: Dice): Later[] {
  const command = (name: CommandName, actor: string, after: number): Later => ({
    ...{ kind: 'command', command: name, actor, after },
  });
  return [
    command('approve', 'ben', 0),
    command('approve', 'cleo', dice.whole(5, 300)),
    command('promote', 'dan', dice.whole(5, 300)),
  ];
}

/** Something makes the rollout wait, and then a guardrail of the spec must end it. */
function drawDangerInAWait(dice: Dice, { spec }: Given): Later[] {
  const forSeconds = dice.whole(120, 900);
  const guarded = guardedAlarmsOf(spec);
  const [alarm = alarms[0] ?? ''] = guarded;
  const cause = dice.weighted<Later[]>([
    [3, [{ kind: 'alarm', alarm: guarded.at(-1) ?? alarm, state: 'INSUFFICIENT_DATA' }]],
    [1, [{ kind: 'metricsAway', outage: dice.pick(metricsOutages), forSeconds }]],
    [
      1,
      [
        { kind: 'traffic', requestsPerSecond: 0 },
        { kind: 'traffic', requestsPerSecond: 40, after: forSeconds },
      ],
    ],
    [3, [{ kind: 'external', change: { what: 'weights', baseline: 37, candidate: 63 } }]],
    [1, [{ kind: 'command', command: 'pause', actor: 'ben' }]],
    [1, [{ kind: 'workerDown', forSeconds: dice.pick([300, 3_600, 86_400]) }]],
    [1, []],
  ]);
  const after = dice.whole(60, 1_500);
  const fires: Later = { kind: 'alarm', alarm, state: 'ALARM', after };
  const errs: Later = {
    ...{ kind: 'behaviour', model: 'candidate', after },
    behaviour: { errorRate: 0.3, p50Ms: 10, conversionRate: 0.1 },
  };
  const isBounded = errorRateRulesOf(spec).length > 0;
  return [...cause, isBounded && (guarded.length === 0 || dice.chance(0.4)) ? errs : fires];
}

function drawOperation(dice: Dice): string {
  return dice.pick(dice.chance(0.5) ? reads : effects);
}

/** Minutes, now and then hours. */
function drawSpan(dice: Dice): number {
  return dice.weighted([
    [3, dice.whole(10, 120)],
    [4, dice.whole(120, 900)],
    [1, dice.whole(3_600, 4 * 3_600)],
  ]);
}

/** Seconds to minutes, now and then hours to days. */
function drawAbsence(dice: Dice): number {
  return dice.weighted([
    [5, dice.whole(1, 30)],
    [4, dice.whole(60, 900)],
    [0.6, dice.whole(3_600, 6 * 3_600)],
    [0.1, dice.whole(86_400, 2 * 86_400)],
  ]);
}

function drawCallFault(dice: Dice): Later {
  const operation = drawOperation(dice);
  const common = {
    operation,
    nth: dice.whole(1, 3),
    count: dice.pick([1, 1, 2, 4, 10]),
    seconds: dice.pick([1, 5, 30, 120]),
  };
  const wrong = wrongReads[operation];
  if (wrong !== undefined && dice.chance(0.3))
    return { kind: 'fault', fault: 'wrongData', data: dice.pick(wrong), ...common };
  return { kind: 'fault', fault: dice.pick(callFaults), ...common };
}

function drawChangeFault(dice: Dice): Later {
  const operation = dice.weighted([
    [4, 'UpdateEndpoint'],
    [4, 'UpdateEndpointWeightsAndCapacities'],
    [1, 'CreateEndpoint'],
  ]);
  const fault = dice.pick(changeFaults[operation] ?? []);
  return { kind: 'fault', operation, fault, nth: dice.whole(1, 3), count: dice.pick([1, 1, 3]), seconds: 5 };
}

function drawServiceAway(dice: Dice): Later {
  return {
    ...{ kind: 'serviceAway', service: dice.pick(['sagemaker', 'cloudwatch']) },
    ...{ fault: dice.pick(['throttle', 'error500', 'accessDenied']), forSeconds: drawSpan(dice) },
  };
}

/** Fires for good, or flaps. */
function drawAlarm(dice: Dice): Later[] {
  const alarm = dice.pick(alarms);
  const fires = { kind: 'alarm', alarm, state: 'ALARM' } as const;
  return dice.weighted<() => Later[]>([
    [4, () => [fires]],
    [
      1,
      () => {
        const seconds = dice.whole(10, 240);
        return [
          fires,
          { kind: 'alarm', alarm, state: 'OK', after: seconds },
          { ...fires, after: 2 * seconds },
        ];
      },
    ],
    [1, () => [fires, { kind: 'alarm', alarm, state: 'OK', after: dice.whole(5, 300) }]],
    [
      1,
      () => [
        { kind: 'alarm', alarm, state: 'INSUFFICIENT_DATA' },
        { kind: 'alarm', alarm, state: 'OK', after: dice.whole(300, 1_800) },
      ],
    ],
  ])();
}

function drawExternal(dice: Dice, { count }: Account): Later {
  return {
    kind: 'external',
    change: dice.weighted([
      [4, { what: 'weights', baseline: 37, candidate: dice.pick([63, 0]) } as const],
      [
        2,
        {
          what: 'counts',
          model: dice.pick(['baseline', 'candidate'] as const),
          count: dice.whole(1, count + 2),
        } as const,
      ],
      [1.5, { what: 'config' } as const],
      [0.7, { what: 'deleteConfig' } as const],
      [0.5, { what: 'tags' } as const],
    ]),
  };
}

function drawCommand(dice: Dice): Later[] {
  const actor = dice.pick(['ben', 'cleo', 'dan']);
  const command = (name: CommandName, after = 0): Later => ({ kind: 'command', command: name, actor, after });
  return dice.weighted<() => Later[]>([
    [2, () => [command('pause'), command('resume', dice.whole(30, 1_500))]],
    [0.7, () => [command('pause')]],
    [0.3, () => [command('resume')]],
    [3, () => [command('promote')]],
    [1, () => [command('promoteFull')]],
    [3, () => [command('abort')]],
    [1.5, () => [command('retry')]],
    [2.5, () => [command('approve')]],
    [1.5, () => [command('undo')]],
  ])();
}
