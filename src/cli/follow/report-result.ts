/** Reports the end of a followed rollout and sets the exit code. */
import { exitCodes } from '../../plan/outcome.js';
import type { RolloutResult } from '../../client.js';
import type { Context } from '../support/context.js';
import { interruptedBy } from '../support/exit-codes.js';
import type { FollowResult } from './follow.js';
import { print, printJson, printStatus } from '../support/output.js';

/** `json`: print the result as one JSON document instead of lines. */
export function reportEnding(ending: FollowResult, endpoint: string, json: boolean, context: Context): void {
  if (ending.kind === 'interrupted') {
    printStatus(
      context,
      `The rollout of ${endpoint} keeps running. Follow it with \`penstock watch ${endpoint}\`.`,
    );
    context.exitCode = interruptedBy[ending.by];
    return;
  }
  const { result } = ending;
  if (json) printJson(context, result);
  else print(context, linesOf(result));
  context.exitCode = exitCodes[result.outcome];
}

function linesOf({
  endpoint,
  outcome,
  reason,
  serving,
  version,
  leftovers,
  unused,
}: RolloutResult): string[] {
  const icon = outcome === 'promoted' ? '✔' : '✖';
  return [
    `${icon} ${endpoint} ${outcome}: ${reason}`,
    ...(serving === null ? [] : [`  serving: ${serving}`]),
    ...(version === null ? [] : [`  candidate: ${version}`]),
    ...leftovers.map((leftover) => `  leftover: ${leftover}`),
    ...unused.map((name) => `  no longer used: ${name}`),
    ...(outcome === 'rollbackFailed'
      ? ['  Manual action required: the traffic may not be on the baseline.']
      : []),
  ];
}
