/** The output of `penstock backtest`: the decisions in order of time. */
import type { BacktestOutcome } from '../../backtest/run/outcome.js';
import type { LogEntry } from '../../backtest/run/log.js';
import { formatTime } from '../../backtest/data/recorded-windows.js';
import { formatDuration } from '../../plan/units/durations.js';
import type { BacktestReport } from './backtest-report.js';
import { formatShare } from './numbers.js';
import { alignColumns, type Cell } from './table.js';

/** A rule whose verdict alternates would fill the screen. */
const maxLines = 200;

/** Times are UTC. */
export function renderBacktest(report: BacktestReport): string[] {
  const { timeline, differences, firstDecisions, outcome } = report;
  const shown = timeline.slice(0, maxLines);
  const hidden = timeline.length - shown.length;
  return [
    ...headerOf(report),
    '',
    ...alignColumns([['TIME (UTC)', 'STAGE', 'SHARE', '', 'EVENT'].map(cell), ...shown.map(lineOf)]),
    ...(hidden === 0 ? [] : [`… and ${hidden} more; --json prints all`]),
    '',
    ...firstsOf(firstDecisions),
    ...(differences.length === 0 ? [] : ['', ...differences.map(({ message }) => message)]),
    '',
    `${iconOf(outcome)} ${headlines[outcome.outcome]} at ${formatTime(outcome.at)}: ${outcome.message}`,
  ];
}

function headerOf({ endpoint, data, stages }: BacktestReport): string[] {
  const span = `${formatTime(data.from)} to ${formatTime(data.to)}`;
  const source = stages === 'data' ? 'stages from the data' : 'stages from the plan of the spec';
  return [`${endpoint}: ${span}, windows of ${formatDuration(data.periodSeconds)}, ${source}`];
}

const headlines: Record<BacktestOutcome['outcome'], string> = {
  promoted: 'would have promoted',
  rolledBack: 'would have rolled back',
  inconclusive: 'would have ended inconclusive',
  failed: 'would have failed',
  held: 'would have held',
};

function iconOf({ outcome }: BacktestOutcome): string {
  return outcome === 'promoted' ? '✔' : outcome === 'rolledBack' || outcome === 'failed' ? '✖' : '⚠';
}

function lineOf({ at, kind, stage, share, result, guardrail, message }: LogEntry): Cell[] {
  const sign = kind === 'verdict' ? signs[result ?? 'error'] : kind === 'hold' ? '॥' : '';
  const event = guardrail === null ? message : `${guardrail}: ${message}`;
  return [formatTime(at), stage === null ? '' : String(stage), formatShare(share), sign, event].map(cell);
}

const signs: Record<NonNullable<LogEntry['result']>, string> = {
  pass: '✔',
  fail: '✖',
  inconclusive: '⚠',
  error: '⚠',
};

function firstsOf(first: BacktestReport['firstDecisions']): string[] {
  const rows = Object.entries(first).map(([id, { pass, fail }]) =>
    [id, pass ? formatTime(pass.at) : 'never', fail ? formatTime(fail.at) : 'never'].map(cell),
  );
  if (rows.length === 0) return ['No rule reached a verdict.'];
  return alignColumns([['RULE', 'FIRST PASS', 'FIRST FAIL'].map(cell), ...rows]);
}

function cell(text: string): Cell {
  return { text };
}
