/** The waves' status as Markdown for the Web UI's current details. Pure. */
import type { WavesStatus } from './messages.js';
import { describeRolloutState } from './outcome.js';

export function describeWaves(status: WavesStatus): string {
  const { phase, outcome, reason, wave, paused, waitingFor, rollouts } = status;
  const where = wave.of > 0 ? `, wave ${wave.n} of ${wave.of}` : '';
  const lines = [`**${outcome ?? phase}**${where}${paused ? ', **paused**' : ''}: ${reason}`];
  if (waitingFor) {
    lines.push('', `Waiting for ${waitingFor.what}${waitingFor.until ? ` until ${waitingFor.until}` : ''}`);
  }
  if (rollouts.length > 0) {
    lines.push('', '| wave | endpoint | standing | reason |', '|---|---|---|---|');
    for (const each of rollouts)
      lines.push(
        `| ${each.wave} | \`${each.workflowId}\` | ${describeRolloutState(each)} | ${each.reason} |`,
      );
  }
  return lines.join('\n');
}
