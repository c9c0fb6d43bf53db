/** Recorded windows for tests, and backtests of them. */
import { collectWindows } from '../../src/backtest/data/collect-windows.js';
import { dataColumnsOf, type Columns } from '../../src/backtest/data/columns.js';
import { readJsonRows } from '../../src/backtest/data/json-rows.js';
import { alignWindows, excludeRules } from '../../src/backtest/run/judged-plan.js';
import { arrangementOf, trafficIn } from '../../src/backtest/data/recorded-traffic.js';
import type { RecordedWindows } from '../../src/backtest/data/recorded-windows.js';
import { runBacktest, type Backtest } from '../../src/backtest/run/run-backtest.js';
import { bakesAllTraffic } from '../../src/plan/compile/bake-all-traffic.js';
import { specStepsOf } from '../../src/plan/spec/cross-field-rules.js';
import type { Plan } from '../../src/plan/compiled/plan.js';
import type { Role } from '../../src/plan/compiled/names.js';
import { planWith, specWith } from '../plan/specs.js';
import { workflowBundle } from '../support/workflow-bundle.js';
import { workflowSandbox } from '../support/workflow-sandbox.js';

export const startMs = Date.parse('2026-11-02T10:00:00Z');
export const periodMs = 300_000;

export type TestRow = { start: string; role: Role } & Record<string, unknown>;

/** Cells of a model's row in window `i` of five minutes. Null: no row. */
export type Draw = (i: number, role: Role) => Record<string, unknown> | null;

/** 1,000 requests per model, with 4 errors. */
export const fine: Draw = () => ({ Invocations: 1000, Invocation5XXErrors: 4, 'ModelLatency.p99': 140_000 });

export function rowsOf(count: number, draw: Draw = fine): TestRow[] {
  const roles: Role[] = ['baseline', 'candidate'];
  return Array.from({ length: count }, (_, i) => i).flatMap((i) =>
    roles.flatMap((role) => {
      const cells = draw(i, role);
      return cells === null ? [] : [{ start: atWindow(i), role, ...cells }];
    }),
  );
}

/** Start of window `i`. */
export function atWindow(i: number): string {
  return new Date(startMs + i * periodMs).toISOString();
}

export const errorRate = { metric: 'errorRate', below: '1%', window: '5m' };

/** Two stages of half an hour, judged in windows of five minutes. */
export const canary = {
  strategy: { canary: { steps: ['5%', '50%'], bake: '30m' } },
  guardrails: [errorRate],
};

export function columnsFor(plan: Plan): Columns {
  return dataColumnsOf(plan, trafficIn(plan, arrangementOf(plan)));
}

export function collect(rows: readonly unknown[], plan: Plan, text = ''): Promise<RecordedWindows> {
  const names = new Set<string>();
  const source = { file: 'windows.json', rows: readJsonRows(rows, 'windows', text, names), names };
  return collectWindows({ ...source, periodSeconds: null }, columnsFor(plan));
}

export async function backtest(rows: readonly unknown[], spec: object): Promise<Backtest> {
  const { plan } = excludeRules(planWith(spec), []);
  const windows = await collect(rows, plan);
  const sandbox = await workflowSandbox(await workflowBundle());
  return runBacktest({
    plan: alignWindows(plan, windows.periodMs / 1000).plan,
    bakesAllTraffic: bakesAllTraffic(specStepsOf(specWith(spec))),
    ...{ windows, columns: columnsFor(plan), sandbox },
  });
}
