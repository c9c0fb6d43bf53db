/** `penstock start` of waves. */
import type { LiveWaves, StartedWaves, WavesJson, WavesResult } from '../../client.js';
import { exitCodes } from '../../plan/outcome.js';
import type { Context, RolloutOperations } from '../support/context.js';
import { interruptedBy } from '../support/exit-codes.js';
import { followUntil, type Display } from '../follow/follow.js';
import { print, printJson, printStatus } from '../support/output.js';
import { changesIn, renderWavesResult } from '../view/waves-view.js';

interface StartWavesFlags {
  wait?: true;
  json?: true;
}

export async function startWaves(
  spec: WavesJson,
  startedBy: string,
  client: RolloutOperations,
  flags: StartWavesFlags,
  context: Context,
): Promise<void> {
  const started = await client.waves.start(spec, { startedBy });
  if (flags.wait) return waitForEnd(started, client, flags, context);
  if (flags.json) printJson(context, started);
  else print(context, started.workflowId);
  printStatus(context, `Started. See how they stand with \`penstock waves ${started.name}\`.`);
}

async function waitForEnd(
  { name, workflowId, runId }: StartedWaves,
  client: RolloutOperations,
  flags: StartWavesFlags,
  context: Context,
): Promise<void> {
  printStatus(context, `Started ${workflowId}. Ctrl-C leaves them running.`);
  const ended = client.waves.wait(name, { runId });
  const ending = await followUntil(context, ended, () => client.waves.get(name), lineDisplay(context));
  if (ending.kind === 'interrupted') {
    printStatus(context, `The waves go on. See how they stand with \`penstock waves ${name}\`.`);
    context.exitCode = interruptedBy[ending.by];
  } else report(ending.result, flags, context);
}

function report(result: WavesResult, flags: StartWavesFlags, context: Context): void {
  if (flags.json) printJson(context, result);
  else print(context, renderWavesResult(result));
  context.exitCode = exitCodes[result.outcome];
}

const lookMs = 5_000;

/** A line a change: waves take hours, and each rollout can be watched by itself. */
function lineDisplay(context: Context): Display<LiveWaves> {
  let last: LiveWaves | null = null;
  let troubled = '';
  const write = (message: string) =>
    printStatus(context, `${new Date(context.now()).toISOString()}  ${message}`);
  return {
    everyMs: lookMs,
    show(status) {
      for (const change of changesIn(last, status)) write(change);
      last = status;
      troubled = '';
    },
    warn(message) {
      if (message !== troubled) write(`⚠ ${message}`);
      troubled = message;
    },
    close: () => undefined,
  };
}
