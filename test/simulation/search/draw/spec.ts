/** Draws a spec that the schema accepts. Times are short, so that a rollout needs few polls. */
import type { SpecJson } from '../../../../src/client/start-options.js';
import { validateSpec } from '../../../../src/plan/spec/validate-spec.js';
import { SpecError } from '../../../../src/plan/spec/spec-error.js';
import { role } from '../../../e2e/live-endpoint.js';
import {
  alarms,
  conversions,
  endpoint,
  gateUrl,
  group,
  judgeUrl,
  models,
  variantAlarm,
} from '../scenario.js';
import type { Dice } from '../dice.js';

type Fields = Record<string, unknown>;

const maxTries = 50;
const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata'];

/** The original endpoint has the name AllTraffic. */
const variantNames = [
  { alternate: ['blue', 'green'] },
  { alternate: ['AllTraffic', 'Other'] },
  'perRollout',
  'stable',
  'stable',
];

/** Combinations that the rules over several fields reject are drawn again. */
export function drawSpec(dice: Dice): SpecJson {
  for (let tries = 0; tries < maxTries; tries++) {
    const spec = draw(dice);
    try {
      validateSpec(spec);
      // Any spec can have them, so no combination is drawn again because of them.
      const tags = dice.maybe(0.2, () => ({ tags: { Team: dice.pick(['search', 'ranking']) } }));
      const names = dice.maybe(0.3, () => ({ variantNames: dice.pick(variantNames) }));
      const version = dice.maybe(0.15, () => ({ models: drawVersion(dice) }));
      const variant = dice.maybe(0.2, () => ({ variant: drawVariantSettings(dice) }));
      const alarmed = dice.maybe(0.1, () => ({
        guardrails: [...guardrailsOf(spec), ...drawVariantAlarms(dice)],
      }));
      const serve = { ...(spec['serve'] as Fields), ...names, ...variant };
      const baseline = dice.chance(0.1) ? { variant: 'AllTraffic' } : 'live';
      const models = { ...(spec['models'] as Fields), ...version.models, baseline };
      const validate = dice.maybe(0.3, () => drawComparisons(dice, spec['validate'] as Fields | undefined));
      const reported = dice.maybe(0.1, () => drawReported(dice, { ...spec, ...alarmed }));
      const drawn = { ...spec, ...tags, serve, ...alarmed, models, ...validate, ...reported };
      return { ...drawn, ...dice.maybe(0.3, () => drawRules(dice, drawn)) };
    } catch (error) {
      if (!(error instanceof SpecError)) throw error;
    }
  }
  throw new Error(`none of ${maxTries} drawn specs is valid`);
}

/** Metrics that are only reported. The invariants on alarms are about those that roll back. */
function drawReported(dice: Dice, spec: SpecJson): Fields {
  const rules = guardrailsOf(spec);
  if (rules.every((rule) => 'alarm' in rule)) return {};
  return {
    guardrails: rules.map((rule) =>
      'alarm' in rule ? rule : { ...rule, onFail: dice.pick(['report', 'rollBack']) },
    ),
  };
}

/** Other ways to compare the golden answers, if there are any. */
function drawComparisons(dice: Dice, validate: Fields | undefined): Fields {
  if (validate?.['golden'] === undefined) return {};
  const [body, tolerance] = [{ x: 1 }, dice.pick([{ relative: '1%' }, { absolute: 0.5 }])];
  const golden = dice.pick<Fields | Fields[]>([
    [
      { body, expect: { ok: true }, tolerance },
      { body, matches: '"ok": *true' },
    ],
    {
      records: [
        { body, expect: { ok: true }, tolerance },
        { body, matches: '"ok": *true' },
      ],
    },
    { records: [{ body, expect: {} }], tolerance },
    {
      records: [{ body }],
      judge: dice.pick([{ url: judgeUrl }, { urlEnv: 'JUDGE_URL', secretEnv: 'GATE_SECRET' }]),
    },
  ]);
  return { validate: { ...validate, golden } };
}

/** When a bound fails. */
function drawRules(dice: Dice, spec: SpecJson): Fields {
  const failures = () => ({ failures: dice.pick(['1 of 1', '2 of 2', '3 of 5']) });
  const rules = guardrailsOf(spec).map((rule): Fields => {
    if (rule['alarm'] !== undefined || rule['notWorseThanBaselineBy'] !== undefined) return rule;
    const isRate = String(rule['metric']).endsWith('Rate');
    const test = () => dice.pick([{}, { strict: true }, { dispersion: 2 }]);
    return { ...rule, ...(isRate ? test() : failures()) };
  });
  return spec['guardrails'] === undefined ? {} : { guardrails: rules };
}

/** The newest approved version of a group instead of a model. */
function drawVersion(dice: Dice): Fields {
  const stages = ['promoted', 'rolledBack'].map((outcome) => ({
    [outcome]: { stage: 'Production', status: dice.pick(['Live', 'Retired']) },
  }));
  return {
    baseline: 'live',
    candidate: { group, approved: 'newest', role },
    ...dice.maybe(0.5, () => ({
      writeBack: { lifeCycle: Object.assign({}, ...stages) as object, rejectRolledBack: dice.chance(0.5) },
    })),
  };
}

function guardrailsOf({ guardrails }: SpecJson): Fields[] {
  return Array.isArray(guardrails) ? (guardrails as Fields[]) : [];
}

/** The alarm on the variant that serves first. */
function drawVariantAlarms(dice: Dice): Fields[] {
  const ofCandidate = { alarm: variantAlarm, for: 'candidate' };
  return dice.chance(0.3) ? [ofCandidate, { alarm: variantAlarm, for: 'asDefined' }] : [ofCandidate];
}

function draw(dice: Dice): SpecJson {
  const topology = dice.weighted([[5, 'variants'] as const, [1, 'endpoints'] as const]);
  const strategy = drawStrategy(dice, topology);
  const isExperiment = /abTest|bandit/.test(JSON.stringify(strategy));
  const metricsEvery = dice.weighted([
    [6, '60s'] as const,
    [1, '30s'] as const,
    [1, '120s'] as const,
    [1, '10s'] as const,
  ]);
  return {
    apiVersion: 'penstock/v1',
    endpoint,
    models: { baseline: 'live', candidate: { model: models.candidate } },
    serve: {
      metricsEvery,
      ...(topology === 'endpoints' ? { topology } : dice.maybe(0.3, () => ({ topology }))),
      ...dice.maybe(0.7, () => ({ capacity: dice.pick(['full', 'scaleCandidate', 'scaleBoth']) })),
      ...dice.maybe(0.2, () => ({ count: dice.whole(1, 6) })),
      ...dice.maybe(0.2, () => ({ instance: 'ml.m5.large' })),
      ...dice.maybe(0.7, () => ({
        limits: {
          deploy: dice.pick(['20m', '40m']),
          shift: dice.pick(['10m', '20m', '30m']),
          rollBack: dice.pick(['30m', '1h', '2h']),
        },
      })),
    },
    ...dice.maybe(0.25, () => ({ validate: drawValidation(dice) })),
    strategy,
    ...dice.maybe(0.95, () => ({ guardrails: drawGuardrails(dice) })),
    ...(isExperiment ? { goals: drawGoals(dice) } : {}),
    ...dice.maybe(0.2, () => ({
      judging: {
        falseAlarms: '5%',
        wrongDecisions: dice.pick(['1%', '20%']),
        plannedSize: dice.pick([500, 5_000, 50_000]),
      },
    })),
    ...dice.maybe(0.6, () => ({ onInconclusive: drawOnInconclusive(dice, isExperiment) })),
    ...dice.maybe(0.7, () => ({ drift: dice.pick(['hold', 'revert', 'adopt']) })),
    ...dice.maybe(0.4, () => ({ rollbackWindow: drawRollbackWindow(dice) })),
    ...dice.maybe(0.35, () => ({ gates: listOf(dice, 2, () => drawGate(dice)) })),
    ...dice.maybe(0.12, () => ({ freeze: [drawCalendarRule(dice)] })),
    ...dice.maybe(0.5, () => ({ notify: listOf(dice, 2, () => drawChannel(dice)) })),
    ...dice.maybe(0.3, () => ({ onBlocked: dice.pick(['hold', { rollBack: { after: '20m' } }]) })),
  };
}

/** Never the volume: some instance types cannot have it. */
function drawVariantSettings(dice: Dice): Fields {
  return {
    ...dice.maybe(0.5, () => ({ ContainerStartupHealthCheckTimeoutInSeconds: dice.whole(60, 3_600) })),
    ...dice.maybe(0.5, () => ({ ModelDataDownloadTimeoutInSeconds: dice.whole(60, 3_600) })),
    ...dice.maybe(0.5, () => ({ EnableSSMAccess: dice.chance(0.5) })),
    ...dice.maybe(0.3, () => ({ InferenceAmiVersion: 'al2-ami-sagemaker-inference-gpu-2' })),
    ...dice.maybe(0.3, () => ({
      RoutingConfig: { RoutingStrategy: dice.pick(['RANDOM', 'LEAST_OUTSTANDING_REQUESTS']) },
    })),
    ...dice.maybe(0.3, () => ({
      CoreDumpConfig: { DestinationS3Uri: 's3://bucket/dumps', KmsKeyId: 'dumps' },
    })),
  };
}

function listOf<T>(dice: Dice, max: number, item: () => T): T[] {
  return Array.from({ length: dice.whole(1, max) }, item);
}

const bakes = ['2m', '3m', '4m', '6m', '9m'];

function drawStrategy(dice: Dice, topology: string): unknown {
  const canary = () => ({
    canary: {
      steps: ascending(dice, ['1%', '5%', '10%', '25%', '50%', '80%', '100%']).map((share) =>
        dice.chance(0.2) ? { share, bake: dice.pick(bakes) } : share,
      ),
      bake: dice.pick(bakes),
    },
  });
  const length = () => ({ for: dice.pick(['6m', '10m']), atMost: dice.pick(['10m', '15m', '20m']) });
  const ending = () =>
    dice.weighted<() => unknown>([
      [1, () => ({ standard: { bake: dice.pick(bakes) } })],
      [1, () => ({ blueGreen: { bake: dice.pick(bakes) } })],
      [3, canary],
      [1, () => ({ linear: { by: dice.pick(['25%', '34%', '50%']), every: dice.pick(bakes) } })],
    ])();
  const experiment = () =>
    dice.chance(0.5)
      ? { abTest: { split: dice.pick(['20%', '50%']), ...length() } }
      : {
          bandit: {
            ...{ start: '50%', every: '5m', floor: '10%', cap: '90%', step: dice.pick(['10%', '30%']) },
            ...length(),
          },
        };
  const shadow = () => ({ shadow: { mirror: dice.pick(['20%', '100%']), bake: dice.pick(bakes) } });
  return dice.weighted<() => unknown>([
    [7, ending],
    [2, experiment],
    [1, () => [{ canary: { steps: ['5%'], bake: dice.pick(bakes) } }, experiment()]],
    [topology === 'variants' ? 2 : 0, () => [shadow(), ending()]],
  ])();
}

/** Some of the items, at least one, in their order. */
function ascending<T>(dice: Dice, items: T[]): T[] {
  const chosen = items.filter(() => dice.chance(0.3));
  return chosen.length > 0 ? chosen.slice(0, 3) : [dice.pick(items)];
}

function drawGuardrails(dice: Dice): Fields[] {
  const rules = dice.chance(0.75)
    ? alarms.slice(0, dice.whole(1, alarms.length)).map((alarm): Fields => ({ alarm }))
    : [];
  if (dice.chance(0.5)) rules.push({ metric: 'errorRate', below: dice.pick(['1%', '2%', '5%']) });
  for (let left = dice.whole(rules.length > 0 ? 0 : 1, 1); left > 0; left--) rules.push(drawMetricRule(dice));
  return rules;
}

function drawMetricRule(dice: Dice): Fields {
  const window = dice.maybe(0.5, () => ({ window: dice.pick(['60s', '2m', '120s']) }));
  const common = {
    ...window,
    ...dice.maybe(0.3, () => ({ minimumRequests: dice.pick([10, 50, 300]) })),
    ...dice.maybe(0.3, () => ({ dataDelay: dice.pick(['20s', '1m', '3m']) })),
  };
  const compared = () => ({
    notWorseThanBaselineBy: dice.pick(['10%', '50%']),
    ...dice.maybe(0.3, () => ({ dispersion: dice.pick([1, 2, 5]) })),
    ...dice.maybe(0.25, () => ({
      requireProof: true,
      ...dice.maybe(0.6, () => ({ negligibleRate: dice.pick(['0.1%', '3%']) })),
    })),
  });
  return dice.weighted<() => Fields>([
    [6, () => ({ metric: 'errorRate', below: dice.pick(['1%', '2%', '5%']), ...common })],
    [1, () => ({ metric: 'clientErrorRate', below: '5%', ...common })],
    [1, () => ({ metric: 'modelErrorRate', below: '2%', ...common })],
    [
      2,
      () => ({
        metric: 'latency',
        stat: dice.pick(['p50', 'p90', 'p99']),
        below: dice.pick(['200ms', '1s']),
        ...common,
      }),
    ],
    [
      2,
      () => ({
        metric: dice.pick(['errorRate', 'clientErrorRate', 'modelErrorRate']),
        ...compared(),
        ...window,
      }),
    ],
    [1, () => ({ metric: 'latency', slowerThan: '150ms', ...compared(), ...window })],
    [
      1,
      () => ({
        metric: 'conversions',
        above: '1%',
        source: dice.pick<Fields>([
          { ...conversions },
          {
            ...{ ...conversions, stat: 'Sum', dimensions: shopDimensions },
            per: {
              name: conversions.per,
              namespace: conversions.namespace,
              stat: 'SampleCount',
              dimensions: shopDimensions,
            },
          },
        ]),
        ...common,
      }),
    ],
    [
      1,
      () => ({
        metric: 'lost visitors',
        below: '99%',
        source: {
          expression: '1 - FILL(won, 0) / seen',
          metrics: {
            won: { namespace: conversions.namespace, name: conversions.name },
            seen: {
              namespace: conversions.namespace,
              name: conversions.per,
              stat: 'Sum',
              dimensions: shopDimensions,
            },
          },
        },
        ...common,
      }),
    ],
  ])();
}

const shopDimensions = { EndpointName: '{endpoint}', VariantName: '{variant}' };

function drawGoals(dice: Dice): Fields[] {
  return [
    {
      metric: 'conversions',
      higherIsBetter: true,
      source: { ...conversions, ...dice.maybe(0.3, () => ({ dimensions: shopDimensions })) },
      weekly: false,
      window: dice.pick(['1m', '2m']),
      dataDelay: dice.pick(['20s', '1m']),
      ...dice.weighted<Fields>([
        [3, {}],
        [1, { minimumEffect: '2%' }],
        [1, { notWorseBy: '5%' }],
      ]),
      ...dice.maybe(0.2, () => ({ dispersion: 2 })),
      ...dice.maybe(0.2, () => ({ conversionDelay: dice.pick(['30s', '2m']) })),
    },
  ];
}

function drawOnInconclusive(dice: Dice, isExperiment: boolean): unknown {
  const kinds: unknown[] = ['hold', 'rollBack', { rollBack: { after: dice.pick(['3m', '10m']) } }];
  return dice.pick(isExperiment ? [...kinds, 'promote'] : kinds);
}

function drawRollbackWindow(dice: Dice): unknown {
  const length = dice.pick(['3m', '6m', '12m']);
  return dice.chance(0.4) ? length : { for: length, baseline: dice.pick(['warm', 'scaledIn']) };
}

function drawGate(dice: Dice): Fields {
  return {
    before: dice.pick(['traffic', 'promotion', '10%', '50%', '100%']),
    ...dice.weighted<() => Fields>([
      [
        3,
        () => ({
          approval: {
            ...dice.maybe(0.5, () => ({ people: dice.whole(1, 2) })),
            ...dice.maybe(0.3, () => ({ allowStarter: true })),
            ...dice.maybe(0.1, () => ({ verified: true, allowStarter: true })),
          },
        }),
      ],
      [2, () => ({ manual: true })],
      [
        2,
        () => ({
          webhook: {
            ...(dice.chance(0.8) ? { url: gateUrl } : { urlEnv: 'GATE_URL' }),
            ...dice.maybe(0.3, () => ({ secretEnv: 'GATE_SECRET' })),
            ...dice.maybe(0.5, () => ({ every: '2m' })),
          },
        }),
      ],
      [
        1,
        () => ({
          hours: dice.chance(0.5) ? drawCalendarRule(dice) : [drawCalendarRule(dice), drawCalendarRule(dice)],
        }),
      ],
    ])(),
    ...dice.maybe(0.5, () => ({ within: dice.pick(['5m', '20m', '1h']) })),
  };
}

/** Rollouts begin at midnight UTC on 2026-01-01, a Thursday. */
function drawCalendarRule(dice: Dice): Fields {
  const minute = () => String(dice.whole(0, 59)).padStart(2, '0');
  return dice.weighted<() => Fields>([
    [
      2,
      () => ({
        weekly: dice.pick(['Mon-Fri 00:10-00:40', 'Thu 00:20 - Thu 01:10', 'Wed-Thu', 'Sat-Sun']),
        zone: dice.pick(zones),
      }),
    ],
    [
      1,
      () => ({ cron: `${minute()} ${dice.whole(0, 1)} * * *`, for: dice.pick(['10m', '1h']), zone: 'UTC' }),
    ],
    [2, () => ({ from: `2026-01-01T00:${minute()}`, to: `2026-01-01T01:${minute()}`, zone: 'UTC' })],
  ])();
}

const notificationEvents = ['started', 'gate', 'hold', 'rollback', 'promoted', 'page', 'ended'];

function drawChannel(dice: Dice): Fields {
  return {
    ...dice.pick([
      { slack: { urlEnv: 'SLACK_URL' } },
      { slack: { url: 'https://slack.example.com/services/rollouts' } },
      { webhook: { url: 'https://hooks.example.com/rollouts' } },
      { webhook: { urlEnv: 'HOOK_URL', secretEnv: 'GATE_SECRET' } },
      { sns: 'arn:aws:sns:us-east-1:123456789012:rollouts' },
    ]),
    ...dice.maybe(0.4, () => ({ on: notificationEvents.filter((_, i) => i === 5 || dice.chance(0.5)) })),
  };
}

function drawValidation(dice: Dice): Fields {
  const smoke = { smoke: [{ body: { x: 1 } }, { body: 'a,b', contentType: 'text/csv' }] };
  const records = [
    { body: { x: 1 }, expect: {}, ...dice.maybe(0.5, () => ({ contentType: 'application/json' })) },
  ];
  const golden = { golden: dice.chance(0.5) ? records : { records, atLeast: '50%' } };
  return {
    ...dice.pick([smoke, golden, { ...smoke, ...golden }]),
    ...dice.maybe(0.3, () => ({
      latency: { [dice.pick(['p50', 'p90', 'p95', 'p99'])]: '2s', requests: dice.whole(1, 5) },
    })),
    ...dice.maybe(0.2, () => ({ load: { requestsPerSecond: 1, for: '5s', errorsBelow: '50%' } })),
  };
}
