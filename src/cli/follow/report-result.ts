/** How a followed rollout is reported, and what the process exits with. */
import { exitCodes } from '../../plan/outcome.js';
import type { RolloutResult } from '../../client.js';
import type { Context } from '../support/context.js';
import { interruptedBy } from '../support/exit-codes.js';
import type { FollowResult } from './follow.js';
import { print, printJson, printStatus } from '../support/output.js';

/** `json`: the result as a document on stdout; else as lines. */
export function reportEnding(ending: FollowResult, endpoint: string, json: boolean, context: Context): void {
  if (ending.kind === 'interrupted') {
    printStatus(
      context,
      `The rollout of ${endpoint} goes on. Come back with \`penstock watch ${endpoint}\`.`,
    );
    context.exitCode = interruptedBy[ending.by];
    return;
  }
  const { result } = ending;
  if (json) printJson(context, result);
  else print(context, linesOf(result));
  context.exitCode = exitCodes[result.outcome];
}

function linesOf({ endpoint, outcome, reason, serving, leftovers }: RolloutResult): string[] {
  const icon = outcome === 'promoted' ? '✔' : '✖';
  return [
    `${icon} ${endpoint} ${outcome}: ${reason}`,
    ...(serving === null ? [] : [`  serving: ${serving}`]),
    ...leftovers.map((leftover) => `  left over: ${leftover}`),
    ...(outcome === 'rollbackFailed'
      ? ['  A person is needed: the traffic may not be on the baseline.']
      : []),
  ];
}
