import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { DateTime } from 'luxon';
import type { SpecJson } from '../../../src/client.js';
import type { Ended, Running } from '../../e2e/rollout-under-test.js';
import { longBake, specOf, twoSteps } from '../../e2e/specs.js';
import { E2eEnvironment } from '../../e2e/e2e-environment.js';
import { devServer } from '../../support/dev-server.js';
import { Program } from '../server/program.js';
import { openStrictAws, type StrictAws } from './strict-aws.js';

const preload = [fileURLToPath(new URL('./shifted-clock.mjs', import.meta.url))];
const minute = 60_000;

/** Of each bake's one window. */
const onePassed = ['errorRate', 'pass', 1, 1];

interface Seen {
  judged: Ended;
  alarmed: Ended;
  aws: StrictAws['counts'];
}

describe('a worker whose clock is wrong', function () {
  // The first start on a machine downloads or builds the server.
  this.timeout(900_000);
  const seen = new Map<number, Promise<PromiseSettledResult<Seen>[]>>();

  before(() => {
    for (const minutes of [0, 10, -10]) seen.set(minutes, Promise.allSettled([playWith(minutes)]));
  });

  async function whatWasSeen(minutes: number): Promise<Seen> {
    const [end] = (await seen.get(minutes)) ?? [];
    if (end?.status !== 'fulfilled') throw end?.reason;
    return end.value;
  }

  for (const [minutes, how] of [
    [10, 'fast'],
    [-10, 'slow'],
  ] as const) {
    it(`ten minutes ${how}, decides as one whose clock is right`, async () => {
      const [right, wrong] = [await whatWasSeen(0), await whatWasSeen(minutes)];
      assert.deepEqual(judgementsIn(wrong.judged), judgementsIn(right.judged));
      const windows = judgementsIn(wrong.judged).filter(([guardrail]) => guardrail === 'errorRate');
      assert.deepEqual(windows, [onePassed, onePassed]);
      assert.deepEqual(wrong.judged.phases, right.judged.phases);
      assertJudgedInBakes(wrong.judged);
      assert.match(wrong.alarmed.result.reason, /^alarm alarmed is in ALARM/);
    });

    it(`ten minutes ${how}, is refused by AWS at first, and then signs by AWS's clock`, async () => {
      const [right, wrong] = [await whatWasSeen(0), await whatWasSeen(minutes)];
      assert.equal(right.aws.refused, 0);
      assert.ok(wrong.aws.refused > 0);
      assert.ok(wrong.aws.passed > 10 * wrong.aws.refused, JSON.stringify(wrong.aws));
    });
  }
});

async function playWith(minutes: number): Promise<Seen> {
  const name = minutes === 0 ? 'right' : minutes > 0 ? 'fast' : 'slow';
  const stage = await E2eEnvironment.open(`clock-${name}`);
  const aws = await openStrictAws(stage.emulator.url);
  const worker = await Program.worker(
    {
      ...pointTo(aws.url, stage.emulator.env),
      TEMPORAL_ADDRESS: (await devServer()).address,
      TEMPORAL_NAMESPACE: stage.temporal.options.namespace,
      PENSTOCK_TEST_CLOCK_SHIFT: String(minutes * minute),
    },
    { preload },
  );
  try {
    const [judged, alarmed] = await Promise.all([playJudged(stage), playAlarmed(stage)]);
    return { judged, alarmed, aws: aws.counts };
  } finally {
    await worker.stop();
    await aws.close();
    await stage.close();
  }
}

function pointTo(url: string, env: Record<string, string>): Record<string, string> {
  const pointed = Object.entries(env).map(([name, value]) => [
    name,
    name.startsWith('AWS_ENDPOINT_URL') ? url : value,
  ]);
  return Object.fromEntries(pointed) as Record<string, string>;
}

/** Frozen a while ago and in a while, and not now. */
function playJudged(stage: E2eEnvironment): Promise<Ended> {
  const freeze = [spanOf(-15, -5), spanOf(5, 15)];
  return play(stage, specOf('judged', { strategy: twoSteps, freeze, guardrails: guardrailsOf('judged') }), {
    ends: (rollout) => rollout.expectOutcome('promoted'),
  });
}

function playAlarmed(stage: E2eEnvironment): Promise<Ended> {
  return play(stage, specOf('alarmed', { strategy: longBake, guardrails: guardrailsOf('alarmed') }), {
    ends: async (rollout) => {
      await rollout.phase('baking');
      await stage.setAlarm('alarmed', 'ALARM');
      return rollout.expectOutcome('rolledBack');
    },
  });
}

async function play(
  stage: E2eEnvironment,
  spec: SpecJson,
  { ends }: { ends: (rollout: Running) => Promise<Ended> },
): Promise<Ended> {
  await stage.putAlarm(spec.endpoint);
  await stage.putLive(spec.endpoint);
  return ends(await stage.start(spec));
}

function guardrailsOf(alarm: string): object[] {
  return [
    { alarm },
    { metric: 'errorRate', below: '2%', minimumRequests: 50, window: '10s', dataDelay: '2s' },
  ];
}

/** A calendar rule; minutes from now. */
function spanOf(from: number, to: number): object {
  const wall = (minutes: number) => DateTime.utc().plus({ minutes }).toFormat("yyyy-MM-dd'T'HH:mm");
  return { from: wall(from), to: wall(to), zone: 'UTC' };
}

/** What each bake was judged by, and how many windows of how many. */
function judgementsIn({ timeline }: Ended): (string | number)[][] {
  const verdicts = timeline.flatMap((entry) => (entry.kind === 'verdict' ? entry.verdicts : []));
  return verdicts.map(({ guardrail, result, evidence }) => [
    guardrail,
    result,
    evidence.windowsJudged,
    evidence.windowsPlanned,
  ]);
}

/** Each window that was judged lies between the beginning and the end of the rollout, by the server's clock. */
function assertJudgedInBakes({ timeline, result }: Ended): void {
  const windows = timeline
    .flatMap((entry) => (entry.kind === 'verdict' ? entry.verdicts : []))
    .flatMap(({ evidence: { from, to } }) => (from !== null && to !== null ? [{ from, to }] : []));
  assert.ok(windows.length > 0);
  for (const { from, to } of windows) {
    assert.ok(from >= result.startedAt && to <= result.endedAt, `${from} to ${to}`);
  }
}
