import type { Command } from 'commander';
import { compilePlan } from '../plan/compile-plan.js';
import { scheduleOf } from '../plan/schedule.js';
import { workflowIdOf } from '../workflows/messages.js';
import type { Context } from './context.js';
import { withExamples, withJsonFlag, type JsonFlag } from './options.js';
import { print, printJson } from './output.js';
import { readSpecFile } from './spec-file.js';
import { renderPlan } from './view/plan-view.js';

export function addPlan(program: Command, context: Context): void {
  const command = program
    .command('plan')
    .description('what a rollout would do, when, and what it would take; changes nothing')
    .argument('<file>', 'the spec, YAML or JSON')
    .action((file: string, flags: JsonFlag) => {
      const { spec } = readSpecFile(file);
      // Names derive from the run, and there is none: those in the JSON only show what they will look like.
      const plan = compilePlan(spec, { workflowId: workflowIdOf(spec.endpoint), runId: 'not started' });
      const schedule = scheduleOf(plan);
      if (flags.json) printJson(context, { plan, schedule });
      else print(context, renderPlan(plan, schedule));
    });
  withJsonFlag(command);
  withExamples(command, [
    'penstock plan rollout.yaml',
    'penstock plan rollout.yaml --json | jq .schedule.rows',
  ]);
}
