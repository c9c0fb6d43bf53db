import type { Command } from 'commander';
import { compilePlan } from '../plan/compile-plan.js';
import { expectTraffic } from '../plan/expected-traffic.js';
import { scheduleOf } from '../plan/schedule.js';
import { workflowIdOf } from '../workflows/messages.js';
import type { Context } from './context.js';
import { wholeNumberArgument, withExamples, withJsonFlag, type JsonFlag } from './options.js';
import { print, printJson } from './output.js';
import { readAnySpecFile } from './spec-file.js';
import { renderPlan } from './view/plan-view.js';
import { renderTraffic } from './view/traffic-view.js';
import { renderWavesPlan } from './view/waves-view.js';

const mostRequestsPerHour = 1_000_000_000;

type Flags = JsonFlag & { requestsPerHour?: number };

export function addPlan(program: Command, context: Context): void {
  const command = program
    .command('plan')
    .description('what a rollout would do, when, and what it would take; changes nothing')
    .argument('<file>', 'the spec, YAML or JSON')
    .option(
      '--requests-per-hour <number>',
      "the endpoint's traffic: says what each step would see of it, and where that is too little to judge",
      wholeNumberArgument(1, mostRequestsPerHour),
    )
    .action((file: string, flags: Flags) => {
      const { spec, waves } = readAnySpecFile(file);
      // Names derive from the run, and there is none: those in the JSON only show what they will look like.
      const plan = compilePlan(spec, { workflowId: workflowIdOf(spec.endpoint), runId: 'not started' });
      const schedule = scheduleOf(plan);
      const { requestsPerHour } = flags;
      const traffic = requestsPerHour === undefined ? null : expectTraffic(plan, requestsPerHour);
      if (flags.json)
        printJson(context, { ...(waves && { waves }), plan, schedule, ...(traffic && { traffic }) });
      else
        print(context, [
          ...renderWavesPlan(waves),
          ...renderPlan(plan, schedule),
          ...(traffic ? renderTraffic(traffic) : []),
        ]);
    });
  withJsonFlag(command);
  withExamples(command, [
    'penstock plan rollout.yaml',
    'penstock plan rollout.yaml --requests-per-hour 20000',
    'penstock plan rollout.yaml --json | jq .schedule.rows',
  ]);
}
