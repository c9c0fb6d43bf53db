/** `penstock waves`, and `penstock start` of a spec with waves. */
import type { Command } from 'commander';
import type {
  LiveWaves,
  StartedBy,
  StartedWaves,
  WavesJson,
  WavesResult,
  WavesStatus,
} from '../../client.js';
import { exitCodes } from '../../plan/outcome.js';
import { followUntil, type Display } from '../follow/follow.js';
import type { Context, RolloutOperations } from '../support/context.js';
import { interruptedBy } from '../support/exit-codes.js';
import {
  actorOf,
  withActorFlag,
  withClient,
  withConnectionFlags,
  withExamples,
  withJsonFlag,
  type ConnectionFlags,
  type JsonFlag,
} from '../support/options.js';
import { print, printJson, printStatus } from '../support/output.js';
import { coloursFor } from '../view/colours.js';
import { changesIn, renderWaves, renderWavesResult } from '../view/waves-view.js';

const verbs = {
  abort: 'start no further wave and roll back running rollouts; with onFailure: rollBack, all rollouts',
  pause: 'start no further wave; running rollouts continue',
  resume: 'continue with the next wave after a pause',
};
type WavesVerb = keyof typeof verbs;

export function addWaves(program: Command, context: Context): void {
  const waves = program
    .command('waves')
    .description('show, abort, pause and resume the rollouts of a spec with waves');
  withExamples(waves, [
    'penstock waves digits-everywhere',
    'penstock waves digits-everywhere --json | jq .rollouts',
    'penstock waves pause digits-everywhere --reason "wait for the night in Asia"',
    'penstock waves abort digits-everywhere --reason "wrong model"',
  ]);
  addStatus(waves, context);
  for (const verb of Object.keys(verbs) as WavesVerb[]) addVerb(waves, context, verb);
}

function addStatus(waves: Command, context: Context): void {
  const command = waves
    .command('status', { isDefault: true })
    .description('show the state of each rollout, wave by wave (`penstock waves NAME` is the same)')
    .argument('<name>', 'name of the waves')
    .action(async (name: string, flags: ConnectionFlags & JsonFlag) =>
      withClient(context, flags, async (client) => {
        const status = await client.waves.get(name);
        if (flags.json) printJson(context, status);
        else print(context, renderWaves(status, context.now(), coloursFor(context.stdout, context.env)));
      }),
    );
  withJsonFlag(command);
  withConnectionFlags(command);
}

interface CommandFlags extends ConnectionFlags, JsonFlag {
  reason: string;
  actor?: string;
}

function addVerb(waves: Command, context: Context, verb: WavesVerb): void {
  const command = waves
    .command(verb)
    .description(verbs[verb])
    .argument('<name>', 'name of the waves')
    .requiredOption('--reason <text>', 'reason, recorded in the timeline (required)')
    .action(async (name: string, flags: CommandFlags) =>
      withClient(context, flags, async (client) => {
        const status = await client.waves[verb](name, {
          actor: actorOf(flags, context),
          reason: flags.reason,
        });
        if (flags.json) printJson(context, status);
        else print(context, `${verb} accepted: ${summarizeWaves(status)}`);
      }),
    );
  withActorFlag(command);
  withJsonFlag(command);
  withConnectionFlags(command);
}

function summarizeWaves({ name, phase, outcome, paused, wave, reason }: WavesStatus): string {
  const where = wave.of === 0 ? '' : `, wave ${wave.n} of ${wave.of}`;
  return `waves ${name} are ${outcome ?? phase}${paused ? ', paused' : ''}${where}: ${reason}`;
}

interface StartWavesFlags {
  wait?: true;
  json?: true;
}

export async function startWaves(
  spec: WavesJson,
  by: StartedBy,
  client: RolloutOperations,
  flags: StartWavesFlags,
  context: Context,
): Promise<void> {
  const started = await client.waves.start(spec, by);
  if (flags.wait) return waitForEnd(started, client, flags, context);
  if (flags.json) printJson(context, started);
  else print(context, started.workflowId);
  printStatus(context, `Started. Check them with \`penstock waves ${started.name}\`.`);
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
    printStatus(context, `The waves keep running. Check them with \`penstock waves ${name}\`.`);
    context.exitCode = interruptedBy[ending.by];
  } else report(ending.result, flags, context);
}

function report(result: WavesResult, flags: StartWavesFlags, context: Context): void {
  if (flags.json) printJson(context, result);
  else print(context, renderWavesResult(result));
  context.exitCode = exitCodes[result.outcome];
}

const pollMs = 5_000;

/** One line per change: waves take hours. `penstock watch` shows one rollout in detail. */
function lineDisplay(context: Context): Display<LiveWaves> {
  let last: LiveWaves | null = null;
  let warned = '';
  const write = (message: string) =>
    printStatus(context, `${new Date(context.now()).toISOString()}  ${message}`);
  return {
    everyMs: pollMs,
    show(status) {
      for (const change of changesIn(last, status)) write(change);
      last = status;
      warned = '';
    },
    warn(message) {
      if (message !== warned) write(`⚠ ${message}`);
      warned = message;
    },
    close: () => undefined,
  };
}
