/** Waves as tables and lines. */
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
    ...(paused ? [colours.warning('  paused by an operator; `penstock waves resume` goes on')] : []),
    `  started ${ageOf(startedAt, now)} ago by ${startedBy}`,
    ...(status.rollouts.length === 0 ? [] : ['', ...tableOf(status.rollouts, colours)]),
  ];
}

function tableOf(rollouts: readonly LiveWaveRollout[], colours: Colours): string[] {
  const titles = ['WAVE', 'ENDPOINT', 'STANDING', 'PHASE', 'CANDIDATE', 'REASON'].map((text) => ({ text }));
  return alignColumns([titles, ...rollouts.map((rollout) => rowOf(rollout, colours))]);
}

function rowOf(rollout: LiveWaveRollout, colours: Colours): Cell[] {
  const { wave, endpoint, phase, candidateWeight, reason } = rollout;
  const paint = paintOf(rollout, colours);
  return [
    { text: String(wave) },
    { text: endpoint },
    { text: standingOf(rollout), ...(paint && { paint }) },
    { text: phase ?? '-' },
    { text: candidateWeight === null ? '-' : formatShare(candidateWeight) },
    { text: reason },
  ];
}

function standingOf({ outcome, state }: Pick<LiveWaveRollout, 'outcome' | 'state'>): string {
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

/** What is new since the last look, a sentence each. */
export function changesIn(last: LiveWaves | null, status: LiveWaves): string[] {
  const known = new Set(last === null ? [] : factsOf(last));
  return factsOf(status).filter((fact) => !known.has(fact));
}

function factsOf({ phase, outcome, reason, paused, rollouts }: LiveWaves): string[] {
  const begun = rollouts.filter(({ state }) => state !== 'waiting');
  return [
    `${outcome ?? phase}: ${reason}`,
    ...(paused ? ['paused by an operator'] : []),
    ...begun.map((each) => `${each.endpoint} ${standingOf(each)}${each.phase ? `, ${each.phase}` : ''}`),
  ];
}

export function renderWavesResult({ name, outcome, reason, rollouts }: WavesResult): string[] {
  const icon = outcome === 'promoted' ? '✔' : '✖';
  const rows = rollouts.map((each) => ['', each.endpoint, standingOf(each), each.reason].map(cell));
  return [
    `${icon} ${name} ${outcome}: ${reason}`,
    ...alignColumns(rows),
    ...(outcome === 'rollbackFailed'
      ? ['  A person is needed: not every endpoint is known to be safe.']
      : []),
  ];
}

/** Nothing where there are no waves. */
export function renderWavesPlan(plan: WavesPlan | null): string[] {
  if (plan === null) return [];
  const { name, waves, pauseSeconds, stopAfter, onFailure } = plan;
  const rows = waves.map(({ endpoints, taskQueue }, index) =>
    [`${index + 1}`, endpoints.join(', '), taskQueue ?? '-'].map(cell),
  );
  return [
    `${name}: ${waves.length} waves, ${pauseSeconds === 0 ? 'no pause' : formatDuration(pauseSeconds)} between, ` +
      `stopped by ${stopAfter} not promoted, then ${onFailure}`,
    '',
    ...alignColumns([['WAVE', 'ENDPOINTS', 'TASK QUEUE'].map(cell), ...rows]),
    '',
    'Each endpoint, as the first:',
    '',
  ];
}

function cell(text: string): Cell {
  return { text };
}
