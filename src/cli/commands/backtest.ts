/** `penstock backtest`: judges recorded metrics by a spec. */
import type { Command } from 'commander';
import { collectWindows } from '../../backtest/data/collect-windows.js';
import { type Columns, dataColumnsOf } from '../../backtest/data/columns.js';
import { openDataFile } from '../../backtest/data/data-files.js';
import { differencesOf } from '../../backtest/outcome/differences.js';
import type { BacktestOutcome } from '../../backtest/run/outcome.js';
import { alignWindows, excludeRules } from '../../backtest/run/judged-plan.js';
import { describeGaps } from '../../backtest/data/recorded-windows.js';
import { arrangementOf, trafficIn } from '../../backtest/data/recorded-traffic.js';
import { bakesAllTraffic } from '../../plan/compile/bake-all-traffic.js';
import { compilePlan } from '../../plan/compile/compile-plan.js';
import type { Plan } from '../../plan/compiled/plan.js';
import { specStepsOf } from '../../plan/spec/cross-field-rules.js';
import { exitCodes } from '../../plan/outcome.js';
import { workflowIdOf } from '../../workflows/messages.js';
import type { BacktestReport } from '../view/backtest-report.js';
import type { Context } from '../support/context.js';
import { type JsonFlag, withExamples, withJsonFlag } from '../support/options.js';
import { print, printJson, printStatus } from '../support/output.js';
import { readSpecFile } from '../support/spec-file.js';
import { UsageError } from '../support/usage-error.js';
import { renderBacktest } from '../view/backtest-view.js';

interface BacktestFlags extends JsonFlag {
  exclude: string[];
}

/** `held` means that the data ended before a decision: the same exit code as `inconclusive`. */
const codes: Record<BacktestOutcome['outcome'], number> = { ...exitCodes, held: exitCodes.inconclusive };

export function addBacktest(program: Command, context: Context): void {
  const command = program
    .command('backtest')
    .description(
      'show what a spec would have decided on recorded metrics, and when; needs no Temporal and no AWS',
    )
    .argument('<file>', 'spec, YAML or JSON')
    .argument(
      '<data...>',
      'windows of metrics (CSV or JSON); optionally the history or timeline of the rollout (JSON)',
    )
    .option('--exclude <rule>', 'do not judge this guardrail or goal; repeatable', collect, [])
    .action(async (file: string, data: string[], flags: BacktestFlags) => {
      const report = await backtest(context, file, data, flags.exclude);
      if (flags.json) printJson(context, report);
      else {
        for (const notice of report.notices) printStatus(context, `⚠ ${notice}`);
        print(context, renderBacktest(report));
      }
      context.exitCode = codes[report.outcome.outcome];
    });
  withJsonFlag(command);
  withExamples(command, [
    'penstock backtest rollout.yaml windows.csv',
    'penstock backtest rollout.yaml windows.csv history.json    # compare with the recorded rollout',
    'penstock backtest rollout.yaml windows.json --json | jq .outcome',
  ]);
}

function collect(value: string, previous: string[]): string[] {
  return [...previous, value];
}

async function backtest(
  context: Context,
  file: string,
  data: string[],
  excluded: string[],
): Promise<BacktestReport> {
  const { spec } = readSpecFile(file);
  const { plan, notices } = judged(
    compilePlan(spec, { workflowId: workflowIdOf(spec.endpoint), runId: 'backtest' }),
    excluded,
  );
  const columns = dataColumnsOf(plan, trafficIn(plan, arrangementOf(plan)));
  const { windows, actual } = await readAll(data, columns).catch(rejectUnreadable);
  const fitted = alignWindows(plan, windows.periodMs / 1000);
  // Loads Temporal's native module. Other commands start faster without it.
  const { runBacktest } = await import('../../backtest/run/run-backtest.js');
  const run = await runBacktest({
    ...{ plan: fitted.plan, windows, columns },
    bakesAllTraffic: bakesAllTraffic(specStepsOf(spec)),
    sandbox: await context.loadWorkflowSandbox(),
  });
  return {
    endpoint: plan.endpoint,
    data: {
      from: new Date(windows.fromMs).toISOString(),
      to: new Date(windows.toMs).toISOString(),
      periodSeconds: windows.periodMs / 1000,
      rows: windows.rows,
    },
    ...run,
    notices: [...notices, ...fitted.notices, ...run.notices, ...describeGaps(windows)],
    actual,
    differences: actual === null ? [] : differencesOf(actual, run),
  };
}

function judged(plan: Plan, excluded: string[]): ReturnType<typeof excludeRules> {
  try {
    return excludeRules(plan, excluded);
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(error.message);
    throw error;
  }
}

/** One file of windows, and at most one history or timeline. */
async function readAll(files: string[], columns: Columns) {
  const opened = files.map((file) => openDataFile(file));
  const sources = opened.flatMap((file) => (file.kind === 'windows' ? [file.windows] : []));
  const actual = opened.flatMap((file) => (file.kind === 'actual' ? [file.actual] : []));
  const [source] = sources;
  if (source === undefined) {
    throw new UsageError(`Cannot backtest ${files.join(', ')}: no metrics to judge; add a file of windows.`);
  }
  if (sources.length > 1 || actual.length > 1)
    throw new UsageError('Expected one file of windows and at most one history or timeline.');
  return { windows: await collectWindows(source, columns), actual: actual[0] ?? null };
}

/** A missing or unreadable file is a usage error. */
function rejectUnreadable(error: unknown): never {
  if (error instanceof Error && 'code' in error && 'syscall' in error)
    throw new UsageError(`Cannot read the data: ${error.message}`);
  throw error;
}
