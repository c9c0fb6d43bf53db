/** A rollout's status as Markdown for the Web UI's current details. Pure. */
import type { GateStatus, RolloutStatus, VariantStatus } from '../messages.js';

export function describeForWebUi(status: RolloutStatus): string {
  const { n, of } = status.step;
  const lines = [
    `**${status.outcome ?? status.phase}**${of > 0 ? `, step ${n} of ${of}` : ''}${status.paused ? ', **paused**' : ''}: ${status.reason}`,
  ];
  if (status.hold) lines.push('', `Holding: ${status.hold.message}`);
  if (status.gate) lines.push('', gateLine(status.gate));
  if (status.waitingFor) {
    const until = status.waitingFor.until ? ` until ${status.waitingFor.until}` : '';
    lines.push('', `Waiting for ${status.waitingFor.what}${until}`);
  }
  if (status.watch) {
    const { mode, need, since } = status.watch;
    lines.push('', `Watch: ${mode} since ${since}, needs ${need}`);
  }
  if (status.variants.length > 0) lines.push('', ...variantTable(status.variants));
  if (status.verdicts.length > 0)
    lines.push('', ...status.verdicts.map((v) => `- ${icons[v.result]} ${v.message}`));
  if (status.warnings.length > 0) lines.push('', ...status.warnings.map((message) => `- ⚠ ${message}`));
  if (status.jobs.length > 0) lines.push('', ...status.jobs.map((job) => `- ${job.jobName}: ${job.message}`));
  return lines.join('\n');
}

function gateLine({ message, approvals, people }: GateStatus): string {
  const approved =
    people === null
      ? ''
      : ` (${approvals.length} of ${people}${approvals.length > 0 ? `: ${approvals.join(', ')}` : ''})`;
  return `Gate: ${message}${approved}`;
}

const icons = { pass: '✔', fail: '✖', inconclusive: '⚠', error: '⚠' } as const;

function variantTable(variants: VariantStatus[]): string[] {
  return [
    '| variant | model | set weight | actual weight | instances | requests | errors | p99 |',
    '|---|---|---|---|---|---|---|---|',
    ...variants.map(
      (v) =>
        `| ${v.role} \`${v.name}\` | ${v.modelName ?? '?'}${v.version === null ? '' : ` (${v.version})`} | ${number(v.setWeight, ' %')} | ${number(v.actualWeight, ' %')} ` +
        `| ${number(v.count, '')} | ${number(v.requests, '')} | ${number(v.errors, '')} | ${number(v.p99Ms, ' ms')} |`,
    ),
  ];
}

/** At most one decimal; `?` if unknown. */
function number(value: number | null, unit: string): string {
  return value === null ? '?' : `${Math.round(value * 10) / 10}${unit}`;
}
