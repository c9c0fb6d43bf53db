import type { Command } from 'commander';
import { compilePlan } from '../../plan/compile/compile-plan.js';
import { expectTraffic } from '../../plan/schedule/expected-traffic.js';
import type { Plan } from '../../plan/compiled/plan.js';
import { scheduleOf } from '../../plan/schedule/schedule.js';
import { workflowIdOf } from '../../workflows/messages.js';
import type { Context } from '../support/context.js';
import { forecast, ruleNameOf, defaultBaseRatePercent, defaultEffectPercent } from '../forecast/forecasts.js';
import { byRule, effectArgument, rateArgument, relativeStdArgument } from '../forecast/forecast-options.js';
import { wholeNumberArgument, withExamples, withJsonFlag, type JsonFlag } from '../support/options.js';
import { print, printJson } from '../support/output.js';
import { readAnySpecFile } from '../support/spec-file.js';
import { UsageError } from '../support/usage-error.js';
import { renderForecasts } from '../view/forecasts-view.js';
import { renderPlan } from '../view/plan-view.js';
import { renderTraffic } from '../view/traffic-view.js';
import { renderWavesPlan } from '../view/waves-view.js';

const maxRequestsPerHour = 1_000_000_000;

type PlanFlags = JsonFlag & {
  requestsPerHour?: number;
  fromCloudwatch?: true;
  baseRate?: Map<string, number>;
  relativeStd?: Map<string, number>;
  effect?: number;
};

export function addPlan(program: Command, context: Context): void {
  const command = program
    .command('plan')
    .description('what a rollout would do, when, and what it would take; changes nothing')
    .argument('<file>', 'the spec, YAML or JSON')
    .option(
      '--requests-per-hour <number>',
      "the endpoint's traffic: says what each step would see of it, and when comparisons and goals would decide",
      wholeNumberArgument(1, maxRequestsPerHour),
    )
    .option(
      '--from-cloudwatch',
      "what is not said of the traffic is read from CloudWatch: the live endpoint's last two weeks, with the AWS account of the environment",
    )
    .option(
      '--base-rate <[rule=]rate>',
      `how often the baseline errs or converts, for all rules or for one; may be given again (default: ${defaultBaseRatePercent}%)`,
      byRule(rateArgument),
    )
    .option(
      '--relative-std <[goal=]number>',
      'standard deviation of a value divided by its mean, for all goals or for one; repeatable',
      byRule(relativeStdArgument),
    )
    .option(
      '--effect <percent>',
      `the difference to be found, relative to the baseline (default: ${defaultEffectPercent}%, or twice what the rule tolerates)`,
      effectArgument,
    )
    .action(async (file: string, flags: PlanFlags) => {
      const { spec, waves } = readAnySpecFile(file);
      // Names derive from the run, and there is none: those in the JSON only show what they will look like.
      const plan = compilePlan(spec, { workflowId: workflowIdOf(spec.endpoint), runId: 'not started' });
      const schedule = scheduleOf(plan);
      const seen = forecastIfKnown(plan, await withHistory(context, plan, flags));
      if (flags.json) printJson(context, { ...(waves && { waves }), plan, schedule, ...seen });
      else
        print(context, [
          ...renderWavesPlan(waves),
          ...renderPlan(plan, schedule),
          ...(seen ? [...renderTraffic(seen.traffic), ...renderForecasts(seen.decisions)] : []),
        ]);
    });
  withJsonFlag(command);
  withExamples(command, [
    'penstock plan rollout.yaml',
    'penstock plan rollout.yaml --requests-per-hour 20000',
    'penstock plan rollout.yaml --requests-per-hour 2000 --base-rate conversion=3% --effect 5%',
    'AWS_PROFILE=production penstock plan rollout.yaml --from-cloudwatch --effect 5%',
    'penstock plan rollout.yaml --json | jq .schedule.rows',
  ]);
}

/** What is said goes before what is read; said of all rules, also before what is read of one. */
async function withHistory(context: Context, plan: Plan, flags: PlanFlags): Promise<PlanFlags> {
  if (flags.fromCloudwatch === undefined) return flags;
  const read = await context.readHistory(plan, context.now());
  const merge = (said: Map<string, number> | undefined, known: Map<string, number>) => {
    const named = [...known].map(([id, value]) => [ruleNameOf({ id }), value] as const);
    return new Map([...(said?.has('') ? [] : named), ...(said ?? [])]);
  };
  return {
    ...flags,
    requestsPerHour: flags.requestsPerHour ?? read.requestsPerHour,
    baseRate: merge(flags.baseRate, read.baseRates),
    relativeStd: merge(flags.relativeStd, read.relativeStds),
  };
}

/** Null where nothing is known of the traffic. */
function forecastIfKnown(plan: Plan, { requestsPerHour, baseRate, relativeStd, effect }: PlanFlags) {
  if (requestsPerHour === undefined) {
    if (baseRate ?? relativeStd ?? effect)
      throw new UsageError('A forecast needs --requests-per-hour or --from-cloudwatch as well.');
    return null;
  }
  return {
    traffic: expectTraffic(plan, requestsPerHour),
    decisions: forecast(plan, {
      requestsPerHour,
      baseRates: baseRate ?? new Map<string, number>(),
      relativeStds: relativeStd ?? new Map<string, number>(),
      effectPercent: effect ?? null,
    }),
  };
}
