import assert from 'node:assert/strict';
import { UpdateEndpointWeightsAndCapacitiesCommand } from '@aws-sdk/client-sagemaker';
import type { TrafficArm } from '../../../src/activities/interface/traffic.js';
import type { WatchReport, WatchRequest, WatchState } from '../../../src/activities/interface/watch.js';
import type { BoundGuardrail, Guardrail } from '../../../src/plan/compiled/guardrail.js';
import { errorRateGuardrail } from '../../analysis/verdicts/guardrails.js';
import { ActivityTestEnvironment, startMs, variantOf } from '../activity-environment.js';

const candidateVariant = 'b-1a2b3c4d';
const alarm: Guardrail = { kind: 'alarm', id: 'alarm-digits-5xx', alarmName: 'digits-5xx' };
/** Error rates far below and far above the bound of 1 %. */
const good = 0.0005;
const bad = 0.1;

/** Two variants at 90 and 10 %, with 100 requests a second. */
async function openEnvironment(): Promise<ActivityTestEnvironment> {
  const testEnv = await ActivityTestEnvironment.open(
    { traffic: [{ endpoint: 'digits', requestsPerSecond: 100 }] },
    30,
  );
  await testEnv.putModel('digits-v1');
  await testEnv.putModel('digits-v2');
  await testEnv.emulator.setBehaviour({ model: 'digits-v2', errorRate: good });
  const variants = [variantOf('main', 'digits-v1', 1, 90), variantOf(candidateVariant, 'digits-v2', 1, 10)];
  await testEnv.putConfig('both', variants);
  await testEnv.putEndpoint('both');
  await testEnv.putAlarm('digits-5xx', 'OK');
  return testEnv;
}

function armAt(endpoint: string, variant: string, configName = 'both'): TrafficArm {
  return { endpoint, variant, configName, shadow: false };
}

function requestAt(testEnv: ActivityTestEnvironment, changes: Partial<WatchRequest> = {}): WatchRequest {
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
    since: new Date(testEnv.nowMs).toISOString(),
    bakeSeconds: 360,
    roundEnds: new Date(testEnv.nowMs + 3_600_000).toISOString(),
    mode: 'bake',
    continued: null,
    ...changes,
  };
}

function roundOf(testEnv: ActivityTestEnvironment, minutes: number): Pick<WatchRequest, 'roundEnds'> {
  return { roundEnds: new Date(testEnv.nowMs + minutes * 60_000).toISOString() };
}

function boundOf(state: WatchState) {
  const progress = state.guardrails['error-rate'];
  assert.ok(progress);
  return progress;
}

function reasonsOf(report: WatchReport): string[] {
  return report.verdicts.map((verdict) => verdict.reason);
}

describe('watchTraffic', () => {
  let testEnv: ActivityTestEnvironment;
  beforeEach(async () => {
    testEnv = await openEnvironment();
  });
  afterEach(() => testEnv.close());

  it('watchTraffic: each window passes -> clear, with a message for each poll', async () => {
    const watch = testEnv.start('watchTraffic', requestAt(testEnv));
    const report = await watch.all();
    assert.equal(report.kind, 'clear');
    assert.deepEqual(reasonsOf(report), ['alarmOk', 'withinBound']);
    assert.equal(boundOf(report.state).windowsJudged, 6);
    assert.match(watch.messages[0] ?? '', /^alarm digits-5xx OK; error rate: waiting for window 1 of 6$/);
    assert.ok(watch.messages.some((m) => /error rate 0(\.\d+)? % < 1 %, windows 1-3 of 6$/.test(m)));
  });

  it('watchTraffic: window’s data becomes due -> judged exactly then', async () => {
    const began = testEnv.nowMs;
    const report = await testEnv.run('watchTraffic', requestAt(testEnv, { bakeSeconds: 60 }));
    assert.equal(report.kind, 'clear');
    const firstWindowEnds = Math.ceil(began / 60_000) * 60_000 + 60_000;
    assert.equal(testEnv.nowMs, firstWindowEnds + 120_000);
  });

  it('watchTraffic: clear -> state has requests, errors and latency of the variants', async () => {
    const { state } = await testEnv.run('watchTraffic', requestAt(testEnv));
    const [main, candidate] = state.stats;
    assert.ok((main?.requests ?? 0) > 8 * (candidate?.requests ?? 0));
    assert.equal(main?.errors, 0);
    assert.ok((candidate?.p99Ms ?? 0) > 20 && (candidate?.p99Ms ?? 0) < 200, String(candidate?.p99Ms));
  });

  it('watchTraffic: error rate over the bound -> fail with value, bound and window', async () => {
    await testEnv.emulator.setBehaviour({ model: 'digits-v2', errorRate: bad });
    const report = await testEnv.run('watchTraffic', requestAt(testEnv));
    assert.equal(report.kind, 'fail');
    assert.match(report.message, /^error rate \d+(\.\d+)? % is not < 1 %, window 1 of 6, evidence /);
  });

  it('watchTraffic: alarm fires before the first window -> fail at the next poll', async () => {
    const watch = testEnv.start('watchTraffic', requestAt(testEnv));
    await watch.once();
    await testEnv.setAlarm('digits-5xx', 'ALARM');
    const report = await watch.all(1);
    assert.equal(report.kind, 'fail');
    assert.match(report.message, /alarm digits-5xx is in ALARM/);
  });

  it('watchTraffic: alarm missing or without data -> undecided', async () => {
    const missing: Guardrail = { kind: 'alarm', id: 'alarm-x', alarmName: 'x' };
    const report = await testEnv.run(
      'watchTraffic',
      requestAt(testEnv, { guardrails: [missing], bakeSeconds: 240 }),
    );
    assert.equal(report.kind, 'undecided');
    assert.deepEqual(reasonsOf(report), ['alarmMissing']);
    await testEnv.setAlarm('digits-5xx', 'INSUFFICIENT_DATA');
    const second = await testEnv.run('watchTraffic', requestAt(testEnv, { guardrails: [alarm] }));
    assert.deepEqual([second.kind, ...reasonsOf(second)], ['undecided', 'alarmInsufficientData']);
  });

  it('watchTraffic: alarm missing for five minutes of a long bake -> round, before its end', async () => {
    const missing: Guardrail = { kind: 'alarm', id: 'alarm-x', alarmName: 'x' };
    const began = testEnv.nowMs;
    const request = requestAt(testEnv, { guardrails: [missing], bakeSeconds: 86_400 });
    const report = await testEnv.run('watchTraffic', request);
    assert.equal(report.kind, 'round');
    assert.deepEqual(reasonsOf(report), ['alarmMissing']);
    assert.equal(testEnv.nowMs - began, 300_000);
  });

  it('watchTraffic: only alarms -> clear at the end of the bake', async () => {
    const began = testEnv.nowMs;
    const report = await testEnv.run('watchTraffic', requestAt(testEnv, { guardrails: [alarm] }));
    assert.equal(report.kind, 'clear');
    assert.equal(testEnv.nowMs - began, 360_000);
  });

  it('watchTraffic: two rounds -> each window judged once', async () => {
    const first = await testEnv.run('watchTraffic', requestAt(testEnv, roundOf(testEnv, 5)));
    assert.equal(first.kind, 'round');
    const judged = boundOf(first.state);
    assert.ok(judged.windowsJudged >= 1 && judged.windowsJudged < 6);
    const since = new Date(startMs + 60_000).toISOString();
    const second = await testEnv.run('watchTraffic', requestAt(testEnv, { since, continued: first.state }));
    assert.equal(second.kind, 'clear');
    const next = boundOf(second.state).judged?.evidence;
    assert.equal(next?.windowsJudged, 6);
    // The rate is that of all windows, each counted once.
    assert.ok((next?.requests ?? 0) <= 6.5 * 60 * 10, String(next?.requests));
  });

  it('watchTraffic: attempts fail and a worker dies -> each window judged once', async () => {
    const watch = testEnv.start('watchTraffic', requestAt(testEnv));
    for (let attempt = 0; attempt < 9; attempt += 1) await watch.once();
    const before = (watch.details as { state: WatchState }).state;
    const judgedTo = boundOf(before).judgedTo;
    testEnv.emulator.faults.add({ operation: 'GetMetricData', kind: 'accessDenied', count: 8 });
    await watch.once();
    const after = (watch.details as { state: WatchState }).state;
    assert.equal(boundOf(after).judgedTo, judgedTo);
    testEnv.emulator.faults.clear();
    const report = await watch.all();
    assert.equal(report.kind, 'clear');
    assert.equal(boundOf(report.state).windowsJudged, 6);
  });

  it('watchTraffic: metric outage -> undecided, alarms still judged, missed windows judged afterwards', async () => {
    const watch = testEnv.start('watchTraffic', requestAt(testEnv));
    await watch.once();
    await testEnv.emulator.setMetricsOutage('error');
    for (let attempt = 0; attempt < 12; attempt += 1) await watch.once();
    const last = watch.messages.at(-1) ?? '';
    assert.match(last, /^alarm digits-5xx .*; error rate: cannot be read \(.*\), window 1 of 6$/);
    await testEnv.emulator.setMetricsOutage(null);
    const report = await watch.all();
    assert.equal(report.kind, 'clear');
    assert.equal(boundOf(report.state).windowsJudged, 6);
  });

  it('watchTraffic: bake over without data -> undecided once, clear when the data returns', async () => {
    await testEnv.emulator.setMetricsOutage('partial');
    const request = requestAt(testEnv);
    const report = await testEnv.run('watchTraffic', request);
    assert.equal(report.kind, 'undecided');
    // CloudWatch does not evaluate an alarm on partial data.
    assert.deepEqual(reasonsOf(report), ['alarmNotEvaluated', 'partialData']);
    const again = testEnv.start('watchTraffic', { ...request, continued: report.state });
    for (let attempt = 0; attempt < 5; attempt += 1) assert.ok('retried' in (await again.once()));
    await testEnv.emulator.setMetricsOutage(null);
    assert.equal((await again.all(2)).kind, 'clear');
  });

  it('watchTraffic: metric without data -> undecided', async () => {
    const latency: BoundGuardrail = errorRateGuardrail({
      metric: {
        unit: 'ms',
        scale: 0.001,
        numerator: { namespace: 'AWS/SageMaker', name: 'Unpublished', stat: 'p99', dimensions: {} },
        denominator: null,
      },
    });
    const report = await testEnv.run('watchTraffic', requestAt(testEnv, { guardrails: [latency] }));
    assert.deepEqual([report.kind, ...reasonsOf(report)], ['undecided', 'noData']);
    assert.equal(boundOf(report.state).windowsJudged, 0);
  });

  it('watchTraffic: too few requests in single windows -> judged together', async () => {
    const guardrail = errorRateGuardrail({ minimumRequests: 1_500 });
    const watch = testEnv.start('watchTraffic', requestAt(testEnv, { guardrails: [guardrail] }));
    const report = await watch.all();
    assert.equal(report.kind, 'clear');
    assert.ok(
      watch.messages.some((m) => /\d+ of 1500 requests, windows? /.test(m)),
      watch.messages.join('\n'),
    );
    assert.equal(boundOf(report.state).windowsJudged, 6);
    assert.match(boundOf(report.state).judged?.message ?? '', /windows \d-6 of 6$/);
  });

  it('watchTraffic: last windows without traffic -> joined to the last judged span', async () => {
    const watch = testEnv.start('watchTraffic', requestAt(testEnv));
    while (testEnv.nowMs < startMs + 300_000) await watch.once();
    await testEnv.emulator.setTraffic({ endpoint: 'digits', requestsPerSecond: 0 });
    const report = await watch.all();
    assert.equal(report.kind, 'clear');
    const { judged, windowsJudged } = boundOf(report.state);
    assert.equal(windowsJudged, 6);
    assert.match(judged?.message ?? '', /windows \d-6 of 6$/);
  });

  it('watchTraffic: too few requests in the whole bake -> undecided, then judged with later windows', async () => {
    await testEnv.emulator.setTraffic({ endpoint: 'digits', requestsPerSecond: 1 });
    const request = requestAt(testEnv);
    const first = await testEnv.run('watchTraffic', request);
    assert.deepEqual([first.kind, ...reasonsOf(first)], ['undecided', 'alarmOk', 'tooFewRequests']);
    const second = await testEnv.run('watchTraffic', { ...request, continued: first.state });
    assert.equal(second.kind, 'clear');
    assert.ok(boundOf(second.state).windowsJudged > 6);
  });

  it('watchTraffic: external weight change and its revert -> drift once, then round', async () => {
    const watch = testEnv.start('watchTraffic', requestAt(testEnv));
    await watch.once();
    const move = async (candidate: number) => {
      const DesiredWeightsAndCapacities = [{ VariantName: candidateVariant, DesiredWeight: candidate }];
      await testEnv.sagemaker.send(
        new UpdateEndpointWeightsAndCapacitiesCommand({
          EndpointName: 'digits',
          DesiredWeightsAndCapacities,
        }),
      );
      testEnv.skipTime(10);
    };
    await move(30);
    const report = await watch.all(1);
    assert.equal(report.kind, 'drift');
    assert.match(report.message, /baseline has 75 % of the traffic, not 90 %/);
    const held = testEnv.start('watchTraffic', requestAt(testEnv, { continued: report.state }));
    assert.ok('retried' in (await held.once()));
    await move(10);
    const after = await held.all(1);
    assert.deepEqual(
      [after.kind, after.message],
      ['round', 'the endpoint is in the state that the rollout set'],
    );
  });

  it('watchTraffic: endpoint read throttled -> undecided, not clear', async () => {
    const watch = testEnv.start('watchTraffic', requestAt(testEnv, { guardrails: [alarm], bakeSeconds: 60 }));
    await watch.once();
    testEnv.emulator.faults.add({ operation: 'DescribeEndpoint', kind: 'throttle', count: 6 });
    testEnv.skipTime(60);
    assert.equal((await watch.all(1)).kind, 'undecided');
  });

  it('watchTraffic: endpoint read denied to one worker -> undecided, not clear', async () => {
    const watch = testEnv.start('watchTraffic', requestAt(testEnv, { guardrails: [alarm], bakeSeconds: 60 }));
    await watch.once();
    testEnv.emulator.faults.add({ operation: 'DescribeEndpoint', kind: 'accessDenied', count: 6 });
    testEnv.skipTime(60);
    assert.equal((await watch.all(1)).kind, 'undecided');
  });

  it('watchTraffic: guard mode after the bake -> round, then fail when errors rise', async () => {
    const bake = await testEnv.run('watchTraffic', requestAt(testEnv));
    const since = new Date(startMs + 60_000).toISOString();
    const request = { since, continued: bake.state, mode: 'guard' as const };
    const quiet = await testEnv.run(
      'watchTraffic',
      requestAt(testEnv, { ...request, ...roundOf(testEnv, 10) }),
    );
    assert.equal(quiet.kind, 'round');
    assert.ok(boundOf(quiet.state).windowsJudged > 12);
    await testEnv.emulator.setBehaviour({ model: 'digits-v2', errorRate: bad });
    const failing = await testEnv.run(
      'watchTraffic',
      requestAt(testEnv, { ...request, continued: quiet.state }),
    );
    assert.equal(failing.kind, 'fail');
    assert.match(failing.message, /window \d+, evidence /);
  });

  it('watchTraffic: final mode -> clear without the open windows, fail on an alarm', async () => {
    const final = requestAt(testEnv, { mode: 'final' });
    const clear = await testEnv.start('watchTraffic', final).all(1);
    assert.equal(clear.kind, 'clear');
    await testEnv.setAlarm('digits-5xx', 'ALARM');
    const veto = await testEnv.start('watchTraffic', final).all(1);
    assert.equal(veto.kind, 'fail');
  });

  it('watchTraffic: 30 polls at the same time -> shared CloudWatch calls', async () => {
    const many = Array.from({ length: 30 }, () => testEnv.start('watchTraffic', requestAt(testEnv)));
    testEnv.nowMs += 200_000;
    const before = [testEnv.calls('DescribeAlarms'), testEnv.calls('GetMetricData')];
    await Promise.all(many.map((watch) => watch.once()));
    assert.equal(testEnv.calls('DescribeAlarms') - (before[0] ?? 0), 1);
    const calls = testEnv.calls('GetMetricData') - (before[1] ?? 0);
    assert.ok(calls <= 6, `${calls} calls`);
  });
});
