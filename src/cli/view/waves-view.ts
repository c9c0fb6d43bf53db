/** Waves as text: status, changes, result and plan. */
import type { LiveWaveRollout, LiveWaves, WavesResult } from '../../client.js';
import { formatDuration } from '../../plan/units/durations.js';
import type { WavesPlan } from '../../plan/waves/waves.js';
import { ageOf, formatRelativeTime } from './relative-time.js';
import type { Colours, Paint } from './colours.js';
import { formatShare } from './numbers.js';
import { alignColumns, type Cell } from './table.js';

/** `now`: milliseconds since the epoch. */
export function renderWaves(status: LiveWaves, now: number, colours: Colours): string[] {
  const { name, strategy, phase, outcome, reason, wave, paused, waitingFor, startedAt, startedBy } = status;
  const until = waitingFor?.until ?? null;
  return [
    `${colours.strong(name)}  ${strategy ?? 'strategy not known yet'}  ${outcome ?? phase}, wave ${wave.n} of ${wave.of}`,
    `  ${reason}`,
    ...(waitingFor && outcome === null
      ? [
          `  waiting for ${waitingFor.what}${until === null ? '' : `, until ${until} (${formatRelativeTime(until, now)})`}`,
        ]
      : []),
    ...(paused
      ? [colours.warning(`  paused by an operator; \`penstock waves resume ${name}\` continues them`)]
      : []),
    `  started ${ageOf(startedAt, now)} ago by ${startedBy}`,
    ...(status.rollouts.length === 0 ? [] : ['', ...tableOf(status.rollouts, colours)]),
  ];
}

function tableOf(rollouts: readonly LiveWaveRollout[], colours: Colours): string[] {
  const titles = ['WAVE', 'ENDPOINT', 'STATE', 'PHASE', 'CANDIDATE', 'REASON'].map((text) => ({ text }));
  return alignColumns([titles, ...rollouts.map((rollout) => rowOf(rollout, colours))]);
}

function rowOf(rollout: LiveWaveRollout, colours: Colours): Cell[] {
  const { wave, endpoint, phase, candidateWeight, reason } = rollout;
  const paint = paintOf(rollout, colours);
  return [
    { text: String(wave) },
    { text: endpoint },
    { text: stateOf(rollout), ...(paint && { paint }) },
    { text: phase ?? '-' },
    { text: candidateWeight === null ? '-' : formatShare(candidateWeight) },
    { text: reason },
  ];
}

function stateOf({ outcome, state }: Pick<LiveWaveRollout, 'outcome' | 'state'>): string {
  return outcome ?? state;
}

function paintOf({ state, outcome }: LiveWaveRollout, colours: Colours): Paint | null {
  switch (state) {
    case 'waiting':
      return colours.quiet;
    case 'running':
      return null;
    case 'rollbackWindow':
      return colours.good;
    case 'notStarted':
    case 'terminated':
      return colours.bad;
    case 'ended':
      return outcome === 'promoted' ? colours.good : colours.bad;
  }
}

/** One line per change since the last status. */
export function changesIn(last: LiveWaves | null, status: LiveWaves): string[] {
  const known = new Set(last === null ? [] : linesOf(last));
  return linesOf(status).filter((line) => !known.has(line));
}

function linesOf({ phase, outcome, reason, paused, rollouts }: LiveWaves): string[] {
  const started = rollouts.filter(({ state }) => state !== 'waiting');
  return [
    `${outcome ?? phase}: ${reason}`,
    ...(paused ? ['paused by an operator'] : []),
    ...started.map((each) => `${each.endpoint} ${stateOf(each)}${each.phase ? `, ${each.phase}` : ''}`),
  ];
}

export function renderWavesResult({ name, outcome, reason, rollouts }: WavesResult): string[] {
  const icon = outcome === 'promoted' ? '✔' : '✖';
  const rows = rollouts.map((each) => ['', each.endpoint, stateOf(each), each.reason].map(cell));
  return [
    `${icon} ${name} ${outcome}: ${reason}`,
    ...alignColumns(rows),
    ...(outcome === 'rollbackFailed'
      ? ['  Manual action required: the traffic of at least one endpoint may not be on its baseline.']
      : []),
  ];
}

/** Empty without waves. */
export function renderWavesPlan(plan: WavesPlan | null): string[] {
  if (plan === null) return [];
  const { name, waves, pauseSeconds, stopAfter, onFailure } = plan;
  const rows = waves.map(({ endpoints, taskQueue }, index) =>
    [`${index + 1}`, endpoints.join(', '), taskQueue ?? '-'].map(cell),
  );
  return [
    `${name}: ${waves.length} waves, ${pauseSeconds === 0 ? 'no pause' : `a pause of ${formatDuration(pauseSeconds)}`} between them; ` +
      `stop after ${stopAfter} not promoted, then ${onFailure}`,
    '',
    ...alignColumns([['WAVE', 'ENDPOINTS', 'TASK QUEUE'].map(cell), ...rows]),
    '',
    'Plan of the first endpoint (the others differ only in names):',
    '',
  ];
}

function cell(text: string): Cell {
  return { text };
}
