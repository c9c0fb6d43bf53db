/** A scenario and what came of it, for people: time, who, what. */
import { isEffect } from '../../faults/kills/effects.js';
import type { Found } from './invariants/all.js';
import type { Record } from './play/record.js';
import type { Happening } from './scenario.js';

interface Line {
  atMs: number;
  who: string;
  what: string;
}

export function tell(record: Record, found: Found[]): string {
  const { scenario, startMs, result, endedMs } = record;
  const lines: Line[] = [
    ...record.done.map(({ atMs, happening }) => ({ atMs, ...describe(happening) })),
    ...record.given.flatMap(({ answeredMs, command, answer, message }) =>
      answeredMs === null
        ? []
        : [
            {
              atMs: answeredMs,
              who: 'workflow',
              what: `${command} ${answer}${message ? `: ${message}` : ''}`,
            },
          ],
    ),
    ...record.down.flatMap(({ fromMs, toMs }) => [
      { atMs: fromMs, who: 'worker', what: 'dies' },
      { atMs: toMs, who: 'worker', what: 'starts' },
    ]),
    ...record.hits.map(({ fromMs, operation, fault }) => ({
      atMs: fromMs,
      who: 'AWS',
      what: `${operation}: ${fault}`,
    })),
    ...record.calls.flatMap((call) =>
      isEffect(call)
        ? [
            {
              atMs: call.at,
              who: record.foreign.has(call) ? 'someone' : 'rollout',
              what: `${call.operation} ${briefly(call.parameters)}`,
            },
          ]
        : [],
    ),
    ...record.timeline.map(({ at, message }) => ({
      atMs: Date.parse(at),
      who: 'status',
      what: message.slice(0, 160),
    })),
    ...record.samples.map(({ atMs, candidateShare, live, others }) => ({
      atMs,
      who: 'users',
      what: [
        `${Math.round(candidateShare)} % on the candidate`,
        `${live?.status ?? 'no endpoint'}, ${live?.config}, ${live?.variants.map(({ name, count }) => `${name} on ${count}`).join(', ')}`,
        ...others.map(({ name, weight, count }) => `${name} with weight ${weight} on ${count}`),
      ].join('; '),
    })),
    ...found.map(({ atMs, invariant, message }) => ({
      atMs,
      who: 'VIOLATION',
      what: `${invariant}: ${message}`,
    })),
  ].sort((a, b) => a.atMs - b.atMs);
  return [
    `seed ${scenario.seed}: ${found.map(({ invariant }) => invariant).join(', ') || 'no violation'}`,
    `  spec     ${JSON.stringify(scenario.spec)}`,
    `  account  ${JSON.stringify(scenario.account)}`,
    `  outcome  ${result?.outcome ?? 'none'} after ${clock((endedMs ?? startMs) - startMs)}: ${result?.reason ?? record.failure ?? ''}`,
    ...lines.map(({ atMs, who, what }) => `  ${clock(atMs - startMs)}  ${who.padEnd(9)} ${what}`),
    `  replay   npm run test:simulation -- --from ${scenario.seed} --seeds 1`,
  ].join('\n');
}

function describe(happening: Happening): { who: string; what: string } {
  const { kind, ...rest } = happening;
  return happening.kind === 'command'
    ? { who: happening.actor, what: happening.command }
    : { who: 'event', what: `${kind} ${briefly(rest)}` };
}

function briefly(fields: object): string {
  return JSON.stringify(fields)
    .replaceAll(/[{}"\\]/g, '')
    .slice(0, 220);
}

/** For example `1:02:03`. */
function clock(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${Math.floor(seconds / 3_600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}
