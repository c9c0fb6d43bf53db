import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { DateTime } from 'luxon';
import type { SpecJson } from '../../../src/client.js';
import type { Ended, RolloutUnderTest } from '../../e2e/rollout-under-test.js';
import { longBake, specOf, twoSteps } from '../../e2e/specs.js';
import { E2eEnvironment } from '../../e2e/e2e-environment.js';
import { devServer } from '../../support/dev-server.js';
import { Program } from '../server/program.js';
import { openStrictAws, type StrictAws } from './strict-aws.js';

const preload = [fileURLToPath(new URL('./shifted-clock.mjs', import.meta.url))];
const minute = 60_000;

/** The verdict on the only window of each bake. */
const onePassed = ['errorRate', 'pass', 1, 1];

interface Seen {
  judged: Ended;
  alarmed: Ended;
  aws: StrictAws['counts'];
}

describe('worker with a wrong clock', function () {
  // The first start on a machine downloads or builds the server.
  this.timeout(900_000);
  const seen = new Map<number, Promise<PromiseSettledResult<Seen>[]>>();

  before(() => {
    for (const minutes of [0, 10, -10]) seen.set(minutes, Promise.allSettled([runWith(minutes)]));
  });

  async function resultWith(minutes: number): Promise<Seen> {
    const [result] = (await seen.get(minutes)) ?? [];
    if (result?.status !== 'fulfilled') throw result?.reason;
    return result.value;
  }

  for (const [minutes, how] of [
    [10, 'fast'],
    [-10, 'slow'],
  ] as const) {
    it(`worker: clock ${how} by ten minutes -> same verdicts, phases and windows as with a right clock`, async () => {
      const [right, wrong] = [await resultWith(0), await resultWith(minutes)];
      assert.deepEqual(verdictsIn(wrong.judged), verdictsIn(right.judged));
      const windows = verdictsIn(wrong.judged).filter(([guardrail]) => guardrail === 'errorRate');
      assert.deepEqual(windows, [onePassed, onePassed, onePassed]);
      assert.deepEqual(wrong.judged.phases, right.judged.phases);
      assertJudgedInBakes(wrong.judged);
      assert.match(wrong.alarmed.result.reason, /^alarm alarmed is in ALARM/);
    });

    it(`worker: clock ${how} by ten minutes -> AWS rejects first requests, then SDK signs with AWS's time`, async () => {
      const [right, wrong] = [await resultWith(0), await resultWith(minutes)];
      assert.equal(right.aws.rejected, 0);
      assert.ok(wrong.aws.rejected > 0);
      assert.ok(wrong.aws.passed > 10 * wrong.aws.rejected, JSON.stringify(wrong.aws));
    });
  }
});

async function runWith(minutes: number): Promise<Seen> {
  const name = minutes === 0 ? 'right' : minutes > 0 ? 'fast' : 'slow';
  const environment = await E2eEnvironment.open(`clock-${name}`);
  const aws = await openStrictAws(environment.emulator.url);
  const worker = await Program.worker(
    {
      ...pointTo(aws.url, environment.emulator.env),
      TEMPORAL_ADDRESS: (await devServer()).address,
      TEMPORAL_NAMESPACE: environment.temporal.options.namespace,
      PENSTOCK_TEST_CLOCK_SHIFT: String(minutes * minute),
    },
    { preload },
  );
  try {
    const [judged, alarmed] = await Promise.all([runJudged(environment), runAlarmed(environment)]);
    return { judged, alarmed, aws: aws.counts };
  } finally {
    await worker.stop();
    await aws.close();
    await environment.close();
  }
}

function pointTo(url: string, env: Record<string, string>): Record<string, string> {
  const pointed = Object.entries(env).map(([name, value]) => [
    name,
    name.startsWith('AWS_ENDPOINT_URL') ? url : value,
  ]);
  return Object.fromEntries(pointed) as Record<string, string>;
}

/** With freeze windows before and after the current time, but none now. */
function runJudged(environment: E2eEnvironment): Promise<Ended> {
  const freeze = [spanOf(-15, -5), spanOf(5, 15)];
  return run(
    environment,
    specOf('judged', { strategy: twoSteps, freeze, guardrails: guardrailsOf('judged') }),
    {
      ends: (rollout) => rollout.expectOutcome('promoted'),
    },
  );
}

function runAlarmed(environment: E2eEnvironment): Promise<Ended> {
  return run(environment, specOf('alarmed', { strategy: longBake, guardrails: guardrailsOf('alarmed') }), {
    ends: async (rollout) => {
      await rollout.phase('baking');
      await environment.setAlarm('alarmed', 'ALARM');
      return rollout.expectOutcome('rolledBack');
    },
  });
}

async function run(
  environment: E2eEnvironment,
  spec: SpecJson,
  { ends }: { ends: (rollout: RolloutUnderTest) => Promise<Ended> },
): Promise<Ended> {
  await environment.putAlarm(spec.endpoint);
  await environment.putLive(spec.endpoint);
  return ends(await environment.start(spec));
}

function guardrailsOf(alarm: string): object[] {
  return [
    { alarm },
    { metric: 'errorRate', below: '2%', minimumRequests: 50, window: '10s', dataDelay: '2s' },
  ];
}

/** A calendar rule. `from` and `to`: minutes from now. */
function spanOf(from: number, to: number): object {
  const wall = (minutes: number) => DateTime.utc().plus({ minutes }).toFormat("yyyy-MM-dd'T'HH:mm");
  return { from: wall(from), to: wall(to), zone: 'UTC' };
}

/**
 * Guardrail, verdict, evaluated windows and planned windows of each verdict of a bake. A check between bakes sees as many
 * windows as wall time has let pass.
 */
function verdictsIn({ timeline }: Ended): (string | number)[][] {
  let phase: string | null = null;
  const verdicts = timeline.flatMap((entry) => {
    if (entry.kind === 'phase') phase = entry.phase;
    if (entry.kind !== 'verdict' || phase !== 'baking') return [];
    phase = null;
    return entry.verdicts;
  });
  return verdicts.map(({ guardrail, result, evidence }) => [
    guardrail,
    result,
    evidence.windowsJudged,
    evidence.windowsPlanned,
  ]);
}

/** Each evaluated window lies between the beginning and the end of the rollout, by the server's clock. */
function assertJudgedInBakes({ timeline, result }: Ended): void {
  const windows = timeline
    .flatMap((entry) => (entry.kind === 'verdict' ? entry.verdicts : []))
    .flatMap(({ evidence: { from, to } }) => (from !== null && to !== null ? [{ from, to }] : []));
  assert.ok(windows.length > 0);
  for (const { from, to } of windows) {
    assert.ok(from >= result.startedAt && to <= result.endedAt, `${from} to ${to}`);
  }
}
