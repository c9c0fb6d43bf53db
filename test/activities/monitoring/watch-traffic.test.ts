import assert from 'node:assert/strict';
import { UpdateEndpointWeightsAndCapacitiesCommand } from '@aws-sdk/client-sagemaker';
import type { TrafficArm } from '../../../src/activities/interface/traffic.js';
import type { WatchReport, WatchRequest, WatchState } from '../../../src/activities/interface/watch.js';
import type { BoundGuardrail, Guardrail } from '../../../src/plan/compiled/guardrail.js';
import { errorRateGuardrail } from '../../analysis/verdicts/guardrails.js';
import { failureOf, ActivityTestEnvironment, startMs, variantOf } from '../activity-environment.js';

const candidateVariant = 'b-1a2b3c4d';
const alarm: Guardrail = { kind: 'alarm', id: 'alarm-digits-5xx', alarmName: 'digits-5xx' };
/** Ten errors in a hundred requests are far out, one in a thousand is far in. */
const good = 0.0005;
const bad = 0.1;

/** Two variants at 90 and 10 %, verified half a minute ago; 100 requests a second. */
async function openStage(): Promise<ActivityTestEnvironment> {
  const stage = await ActivityTestEnvironment.open(
    { traffic: [{ endpoint: 'digits', requestsPerSecond: 100 }] },
    30,
  );
  await stage.putModel('digits-v1');
  await stage.putModel('digits-v2');
  await stage.emulator.setBehaviour({ model: 'digits-v2', errorRate: good });
  const variants = [variantOf('main', 'digits-v1', 1, 90), variantOf(candidateVariant, 'digits-v2', 1, 10)];
  await stage.putConfig('both', variants);
  await stage.putEndpoint('both');
  await stage.putAlarm('digits-5xx', 'OK');
  return stage;
}

function armAt(endpoint: string, variant: string, configName = 'both'): TrafficArm {
  return { endpoint, variant, configName, shadow: false };
}

function requestAt(stage: ActivityTestEnvironment, changes: Partial<WatchRequest> = {}): WatchRequest {
  return {
    rolloutId: 'digits-1a2b3c4d',
    traffic: {
      topology: 'variants',
      arms: { baseline: armAt('digits', 'main'), candidate: armAt('digits', candidateVariant) },
    },
    weights: { baseline: 90, candidate: 10 },
    stage: 1,
    metricPeriodSeconds: 60,
    guardrails: [alarm, errorRateGuardrail()],
    goals: [],
    since: new Date(stage.nowMs).toISOString(),
    bakeSeconds: 360,
    roundEnds: new Date(stage.nowMs + 3_600_000).toISOString(),
    mode: 'bake',
    continued: null,
    ...changes,
  };
}

function roundOf(stage: ActivityTestEnvironment, minutes: number): Pick<WatchRequest, 'roundEnds'> {
  return { roundEnds: new Date(stage.nowMs + minutes * 60_000).toISOString() };
}

function boundOf(state: WatchState) {
  const progress = state.guardrails['error-rate'];
  assert.ok(progress);
  return progress;
}

function reasonsOf(report: WatchReport): string[] {
  return report.verdicts.map((verdict) => verdict.reason);
}

describe('watching traffic', () => {
  let stage: ActivityTestEnvironment;
  beforeEach(async () => {
    stage = await openStage();
  });
  afterEach(() => stage.close());

  it('is clear when every window has passed, with a sentence a look on the way', async () => {
    const watch = stage.start('watchTraffic', requestAt(stage));
    const report = await watch.all();
    assert.equal(report.kind, 'clear');
    assert.deepEqual(reasonsOf(report), ['alarmOk', 'withinBound']);
    assert.equal(boundOf(report.state).windowsJudged, 6);
    assert.match(watch.messages[0] ?? '', /^alarm digits-5xx OK; error rate: waiting for window 1 of 6$/);
    assert.ok(watch.messages.some((m) => /error rate 0(\.\d+)? % < 1 %, window 3 of 6$/.test(m)));
  });

  it('judges a window as soon as its data is due, and never before', async () => {
    const began = stage.nowMs;
    const report = await stage.run('watchTraffic', requestAt(stage, { bakeSeconds: 60 }));
    assert.equal(report.kind, 'clear');
    const firstWindowEnds = Math.ceil(began / 60_000) * 60_000 + 60_000;
    assert.equal(stage.nowMs, firstWindowEnds + 120_000);
  });

  it('tells people what the variants have done', async () => {
    const { state } = await stage.run('watchTraffic', requestAt(stage));
    const [main, candidate] = state.stats;
    assert.ok((main?.requests ?? 0) > 8 * (candidate?.requests ?? 0));
    assert.equal(main?.errors, 0);
    assert.ok((candidate?.p99Ms ?? 0) > 20 && (candidate?.p99Ms ?? 0) < 200, String(candidate?.p99Ms));
  });

  it('fails with the value, the bound and the window', async () => {
    await stage.emulator.setBehaviour({ model: 'digits-v2', errorRate: bad });
    const report = await stage.run('watchTraffic', requestAt(stage));
    assert.equal(report.kind, 'fail');
    assert.match(report.message, /^error rate \d+(\.\d+)? % is not < 1 %, window 1 of 6$/);
  });

  it('fails on an alarm without waiting for a window', async () => {
    const watch = stage.start('watchTraffic', requestAt(stage));
    await watch.once();
    await stage.setAlarm('digits-5xx', 'ALARM');
    const report = await watch.all(1);
    assert.equal(report.kind, 'fail');
    assert.match(report.message, /alarm digits-5xx is in ALARM/);
  });

  it('never clears with an alarm that is missing or knows nothing', async () => {
    const missing: Guardrail = { kind: 'alarm', id: 'alarm-x', alarmName: 'x' };
    const report = await stage.run('watchTraffic', requestAt(stage, { guardrails: [missing] }));
    assert.equal(report.kind, 'undecided');
    assert.deepEqual(reasonsOf(report), ['alarmMissing']);
    await stage.setAlarm('digits-5xx', 'INSUFFICIENT_DATA');
    const second = await stage.run('watchTraffic', requestAt(stage, { guardrails: [alarm] }));
    assert.deepEqual([second.kind, ...reasonsOf(second)], ['undecided', 'alarmInsufficientData']);
  });

  it('waits for the whole bake where there are alarms only', async () => {
    const began = stage.nowMs;
    const report = await stage.run('watchTraffic', requestAt(stage, { guardrails: [alarm] }));
    assert.equal(report.kind, 'clear');
    assert.equal(stage.nowMs - began, 360_000);
  });

  it('judges each window once, across rounds', async () => {
    const first = await stage.run('watchTraffic', requestAt(stage, roundOf(stage, 5)));
    assert.equal(first.kind, 'round');
    const judged = boundOf(first.state);
    assert.ok(judged.windowsJudged >= 1 && judged.windowsJudged < 6);
    // The past turns bad, but it has been judged.
    const since = new Date(startMs + 60_000).toISOString();
    const second = await stage.run('watchTraffic', requestAt(stage, { since, continued: first.state }));
    assert.equal(second.kind, 'clear');
    const next = boundOf(second.state).judged?.evidence;
    assert.equal(next?.windowsJudged, 6);
    assert.ok(Date.parse(next?.from ?? '') >= Date.parse(judged.judgedTo));
  });

  it('asks for every window’s errors once, though attempts fail and a worker dies', async () => {
    const watch = stage.start('watchTraffic', requestAt(stage));
    for (let attempt = 0; attempt < 9; attempt += 1) await watch.once();
    const before = (watch.details as { state: WatchState }).state;
    const judgedTo = boundOf(before).judgedTo;
    stage.emulator.faults.add({ operation: 'GetMetricData', kind: 'accessDenied', count: 8 });
    await watch.once();
    const after = (watch.details as { state: WatchState }).state;
    assert.equal(boundOf(after).judgedTo, judgedTo);
    stage.emulator.faults.clear();
    const report = await watch.all();
    assert.equal(report.kind, 'clear');
    assert.equal(boundOf(report.state).windowsJudged, 6);
  });

  it('holds through a metric outage, still judges alarms, and judges the missed windows afterwards', async () => {
    const watch = stage.start('watchTraffic', requestAt(stage));
    await watch.once();
    await stage.emulator.setMetricsOutage('error');
    for (let attempt = 0; attempt < 12; attempt += 1) await watch.once();
    const last = watch.messages.at(-1) ?? '';
    assert.match(last, /^alarm digits-5xx .*; error rate: cannot be read \(.*\), window 1 of 6$/);
    await stage.emulator.setMetricsOutage(null);
    const report = await watch.all();
    assert.equal(report.kind, 'clear');
    assert.equal(boundOf(report.state).windowsJudged, 6);
  });

  it('reports undecided once when the bake is over without data, keeps looking, and ends when data is back', async () => {
    await stage.emulator.setMetricsOutage('partial');
    const request = requestAt(stage);
    const report = await stage.run('watchTraffic', request);
    assert.equal(report.kind, 'undecided');
    // CloudWatch does not evaluate an alarm on data that it has in part only.
    assert.deepEqual(reasonsOf(report), ['alarmNotEvaluated', 'partialData']);
    const again = stage.start('watchTraffic', { ...request, continued: report.state });
    for (let attempt = 0; attempt < 5; attempt += 1) assert.ok('retried' in (await again.once()));
    await stage.emulator.setMetricsOutage(null);
    assert.equal((await again.all(2)).kind, 'clear');
  });

  it('never takes missing metrics for a pass', async () => {
    const latency: BoundGuardrail = errorRateGuardrail({
      metric: {
        unit: 'ms',
        scale: 0.001,
        numerator: { namespace: 'AWS/SageMaker', name: 'Unpublished', stat: 'p99', dimensions: {} },
        denominator: null,
      },
    });
    const report = await stage.run('watchTraffic', requestAt(stage, { guardrails: [latency] }));
    assert.deepEqual([report.kind, ...reasonsOf(report)], ['undecided', 'noData']);
    assert.equal(boundOf(report.state).windowsJudged, 0);
  });

  it('holds with too few requests, and judges the windows together when there are enough', async () => {
    const guardrail = errorRateGuardrail({ minimumRequests: 1_500 });
    const watch = stage.start('watchTraffic', requestAt(stage, { guardrails: [guardrail] }));
    const report = await watch.all();
    assert.equal(report.kind, 'clear');
    assert.ok(
      watch.messages.some((m) => /\d+ of 1500 requests, windows? /.test(m)),
      watch.messages.join('\n'),
    );
    assert.equal(boundOf(report.state).windowsJudged, 6);
    assert.match(boundOf(report.state).judged?.message ?? '', /windows \d-6 of 6$/);
  });

  it('joins trailing windows without traffic to the last judged span', async () => {
    const watch = stage.start('watchTraffic', requestAt(stage));
    while (stage.nowMs < startMs + 300_000) await watch.once();
    await stage.emulator.setTraffic({ endpoint: 'digits', requestsPerSecond: 0 });
    const report = await watch.all();
    assert.equal(report.kind, 'clear');
    const { judged, windowsJudged } = boundOf(report.state);
    assert.equal(windowsJudged, 6);
    assert.match(judged?.message ?? '', /windows \d-6 of 6$/);
  });

  it('waits beyond the bake’s end where all of it had too few requests', async () => {
    await stage.emulator.setTraffic({ endpoint: 'digits', requestsPerSecond: 1 });
    const request = requestAt(stage);
    const first = await stage.run('watchTraffic', request);
    assert.deepEqual([first.kind, ...reasonsOf(first)], ['undecided', 'alarmOk', 'tooFewRequests']);
    const second = await stage.run('watchTraffic', { ...request, continued: first.state });
    assert.equal(second.kind, 'clear');
    assert.ok(boundOf(second.state).windowsJudged > 6);
  });

  it('detects that someone else has moved the weights, says so once, and tells when they are back', async () => {
    const watch = stage.start('watchTraffic', requestAt(stage));
    await watch.once();
    const move = async (candidate: number) => {
      const DesiredWeightsAndCapacities = [{ VariantName: candidateVariant, DesiredWeight: candidate }];
      await stage.sagemaker.send(
        new UpdateEndpointWeightsAndCapacitiesCommand({
          EndpointName: 'digits',
          DesiredWeightsAndCapacities,
        }),
      );
      stage.pass(10);
    };
    await move(30);
    const report = await watch.all(1);
    assert.equal(report.kind, 'drift');
    assert.match(report.message, /baseline has 75 % of the traffic, not 90 %/);
    const held = stage.start('watchTraffic', requestAt(stage, { continued: report.state }));
    assert.ok('retried' in (await held.once()));
    await move(10);
    const after = await held.all(1);
    assert.deepEqual(
      [after.kind, after.message],
      ['round', 'the endpoint is in the state that the rollout set'],
    );
  });

  it('survives an endpoint that cannot be read, and does not clear meanwhile', async () => {
    const watch = stage.start('watchTraffic', requestAt(stage, { guardrails: [alarm], bakeSeconds: 60 }));
    await watch.once();
    stage.emulator.faults.add({ operation: 'DescribeEndpoint', kind: 'throttle', count: 6 });
    stage.pass(60);
    assert.equal((await watch.all(1)).kind, 'undecided');
  });

  it('does not survive being denied access to the endpoint', async () => {
    stage.emulator.faults.add({ operation: 'DescribeEndpoint', kind: 'accessDenied' });
    await assert.rejects(stage.run('watchTraffic', requestAt(stage)), failureOf('AccessDenied'));
  });

  it('guards on after the bake without ever clearing, and fails when the candidate turns bad', async () => {
    const bake = await stage.run('watchTraffic', requestAt(stage));
    const since = new Date(startMs + 60_000).toISOString();
    const request = { since, continued: bake.state, mode: 'guard' as const };
    const quiet = await stage.run('watchTraffic', requestAt(stage, { ...request, ...roundOf(stage, 10) }));
    assert.equal(quiet.kind, 'round');
    assert.ok(boundOf(quiet.state).windowsJudged > 12);
    await stage.emulator.setBehaviour({ model: 'digits-v2', errorRate: bad });
    const bitter = await stage.run('watchTraffic', requestAt(stage, { ...request, continued: quiet.state }));
    assert.equal(bitter.kind, 'fail');
    assert.match(bitter.message, /window \d+ \(6 planned\)$/);
  });

  it('takes one final look that skips unjudged windows but no alarm', async () => {
    const final = requestAt(stage, { mode: 'final' });
    const clear = await stage.start('watchTraffic', final).all(1);
    assert.equal(clear.kind, 'clear');
    await stage.setAlarm('digits-5xx', 'ALARM');
    const veto = await stage.start('watchTraffic', final).all(1);
    assert.equal(veto.kind, 'fail');
  });

  it('shares the calls of looks that fall together', async () => {
    const many = Array.from({ length: 30 }, () => stage.start('watchTraffic', requestAt(stage)));
    stage.nowMs += 200_000;
    const before = [stage.calls('DescribeAlarms'), stage.calls('GetMetricData')];
    await Promise.all(many.map((watch) => watch.once()));
    assert.equal(stage.calls('DescribeAlarms') - (before[0] ?? 0), 1);
    assert.ok(stage.calls('GetMetricData') - (before[1] ?? 0) <= 6);
  });
});
