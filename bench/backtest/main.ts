/** Measures a backtest of thirty days of five-minute windows: `node --import tsx bench/backtest/main.ts`. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { collectWindows } from '../../src/backtest/data/collect-windows.js';
import { dataColumnsOf } from '../../src/backtest/data/columns.js';
import { openDataFile } from '../../src/backtest/data/data-files.js';
import { alignWindows, excludeRules } from '../../src/backtest/run/judged-plan.js';
import { arrangementOf, trafficIn } from '../../src/backtest/data/recorded-traffic.js';
import { runBacktest } from '../../src/backtest/run/run-backtest.js';
import { bakesAllTraffic } from '../../src/plan/compile/bake-all-traffic.js';
import { compilePlan } from '../../src/plan/compile/compile-plan.js';
import { specStepsOf } from '../../src/plan/spec/cross-field-rules.js';
import { validateSpec } from '../../src/plan/spec/validate-spec.js';
import { WorkflowSandbox } from '../../src/simulation/temporal/sdk.js';
import { bundleParts } from '../../src/workflows/bundle/bundle-parts.js';
import { Random } from '../judgement/random.js';
import { describeMachine, printFigures, type Figure } from '../table.js';

const days = 30;
const windowsADay = 288;
const rates: [string, number][] = [
  ['Invocation5XXErrors', 0.004],
  ['Invocation4XXErrors', 0.01],
  ['Shop/Conversions', 0.03],
];

const goal = {
  metric: 'orders',
  higherIsBetter: true,
  window: '5m',
  source: { namespace: 'Shop', name: 'Conversions', per: 'Visitors' },
};
const few = [
  { metric: 'errorRate', below: '2%', window: '5m' },
  { metric: 'latency', stat: 'p99', below: '250ms', window: '5m' },
  { metric: 'errorRate', notWorseThanBaselineBy: '10%', window: '5m' },
];
const many = [
  ...few,
  { metric: 'clientErrorRate', below: '5%', window: '5m' },
  { metric: 'clientErrorRate', notWorseThanBaselineBy: '10%', window: '5m' },
];

/** No rule fails and the goal is not decided, so every window is judged. */
const specOf = (guardrails: object[]) =>
  validateSpec({
    apiVersion: 'penstock/v1',
    endpoint: 'churn',
    models: { baseline: 'live', candidate: { model: 'churn-8' } },
    strategy: { abTest: { split: '50%', for: '28d', atMost: '60d' } },
    goals: [goal],
    guardrails,
  });

const { code } = await bundleWorkflowCode({ ...bundleParts, logger: new DefaultLogger('ERROR') });
const sandbox = await WorkflowSandbox.load(code, []);

const folder = mkdtempSync(join(tmpdir(), 'penstock-bench-'));
try {
  const file = join(folder, 'windows.csv');
  writeFileSync(file, drawCsv());
  const figures: Figure[] = [];
  for (const guardrails of [few, few, few, many, many]) {
    const [began, usedBefore] = [performance.now(), process.cpuUsage()];
    const { rows, entries, outcome } = await backtest(file, guardrails);
    const { user, system } = process.cpuUsage(usedBefore);
    const seconds = [(performance.now() - began) / 1000, (user + system) / 1e6].map((s) => s.toFixed(2));
    const measured = `${seconds[0]} s (${seconds[1]} s processor)`;
    const what = `${figures.length + 1}: ${rows} rows, ${guardrails.length + 1} rules: ${entries} entries, ${outcome}`;
    figures.push({ what, measured, aim: '< 3 s' });
  }
  console.log(describeMachine());
  printFigures(figures);
} finally {
  rmSync(folder, { recursive: true });
}

async function backtest(file: string, guardrails: object[]) {
  const identity = { workflowId: 'rollout:churn', runId: 'bench' };
  const spec = specOf(guardrails);
  const { plan } = excludeRules(compilePlan(spec, identity), []);
  const columns = dataColumnsOf(plan, trafficIn(plan, arrangementOf(plan)));
  const opened = openDataFile(file);
  if (opened.kind !== 'windows') throw new Error('expected a windows file');
  const windows = await collectWindows(opened.windows, columns);
  const { timeline, outcome } = await runBacktest({
    plan: alignWindows(plan, 300).plan,
    bakesAllTraffic: bakesAllTraffic(specStepsOf(spec)),
    ...{ windows, columns, sandbox },
  });
  return { rows: windows.rows, entries: timeline.length, outcome: outcome.outcome };
}

function drawCsv(): string {
  const random = new Random(1);
  const names = rates.map(([name]) => name).join(',');
  const lines = [`start,role,Invocations,Shop/Visitors,ModelLatency.p99,${names}`];
  for (let i = 0; i < days * windowsADay; i += 1) {
    const start = new Date(Date.parse('2026-10-01T00:00:00Z') + i * 300_000).toISOString();
    for (const role of ['baseline', 'candidate']) {
      const counts = rates.map(([, rate]) => random.binomial(3000, rate));
      lines.push([start, role, 3000, 3000, 140_000, ...counts].join(','));
    }
  }
  return lines.join('\n');
}
