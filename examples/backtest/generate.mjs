#!/usr/bin/env node
// Writes windows.csv: five-minute windows of a canary whose candidate gets worse, as CloudWatch would have them; and
// timeline.json: what the rollout with the spec as-it-was.yaml did. The same every time.
import { writeFileSync } from 'node:fs';

const periodMs = 300_000;
const startMs = Date.parse('2026-11-02T10:00:00Z');
/** Until which window the candidate has how much of the traffic, in percent. */
const stages = [
  { until: 13, share: 5 },
  { until: 26, share: 25 },
  { until: Infinity, share: 50 },
];
const requestsAWindow = 60_000;

let seed = 20261102;
/** Uniform, 0 to 1 (mulberry32). */
function random() {
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
}

/** About the mean, with the spread of a count. */
function around(mean) {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal));
}

/** A leak: from the 30th window on, the candidate answers more and more requests with 500. */
function errorRate(role, window) {
  return role === 'baseline' || window < 30 ? 0.004 : 0.004 + 0.0022 * (window - 30);
}

const header = 'start,role,share,Invocations,Invocation5XXErrors,ModelLatency.p99';
const lines = [header];
/** Error rate of the candidate in the latest window, in percent. The rollout ended at the bound. */
let latest = 0;
let windows = 0;
for (; latest < 5; windows += 1) {
  const { share } = stages.find(({ until }) => windows < until);
  const start = new Date(startMs + windows * periodMs).toISOString().replace('.000Z', 'Z');
  for (const role of ['baseline', 'candidate']) {
    const part = (role === 'candidate' ? share : 100 - share) / 100;
    const requests = around(requestsAWindow * part);
    const errors = Math.min(requests, around(requests * errorRate(role, windows)));
    const p99 = Math.round((role === 'candidate' ? 141_000 : 148_000) * (0.97 + 0.06 * random()));
    lines.push([start, role, share, requests, errors, p99].join(','));
    latest = (100 * errors) / requests;
  }
}
writeFileSync(new URL('windows.csv', import.meta.url), `${lines.join('\n')}\n`);

/** In the form of a rollout's timeline: the weights, the stages that passed, the window that failed. */
const clear = { kind: 'verdict', report: 'clear', message: 'clear: every window passed', verdicts: [] };
const message = `error rate ${latest.toPrecision(3)} % is not < 5 %, window ${windows - 26} of 36`;
/** Two metric periods after the end of the window: its data is complete then. */
const failedMs = startMs + windows * periodMs + 120_000;
const later = (seconds) => new Date(failedMs + seconds * 1000).toISOString();
const failed = { guardrail: 'errorRate', result: 'fail', reason: 'outOfBound', message };
const weigh = (candidate) => ({
  kind: 'weights',
  weights: { baseline: 100 - candidate, candidate },
  message: `candidate to ${candidate} %`,
});
const timeline = [
  { at: '2026-11-02T09:59:40Z', ...weigh(5) },
  { at: '2026-11-02T11:02:10Z', ...clear },
  { at: '2026-11-02T11:04:40Z', ...weigh(25) },
  { at: '2026-11-02T12:07:10Z', ...clear },
  { at: '2026-11-02T12:09:40Z', ...weigh(50) },
  { at: later(0), kind: 'verdict', report: 'fail', message: `fail: ${message}`, verdicts: [failed] },
  { at: later(1), kind: 'phase', phase: 'rollingBack', message },
  {
    ...{ at: later(65), kind: 'decision', outcome: 'rolledBack', reason: message },
    message: `rolledBack: ${message}`,
  },
];
writeFileSync(new URL('timeline.json', import.meta.url), `${JSON.stringify({ timeline }, null, 2)}\n`);
