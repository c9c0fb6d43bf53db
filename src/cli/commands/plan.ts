import type { Command } from 'commander';
import { shownPlan } from '../../plan/compiled/shown-plan.js';
import { compilePlan } from '../../plan/compile/compile-plan.js';
import { expectTraffic } from '../../plan/schedule/expected-traffic.js';
import type { Plan } from '../../plan/compiled/plan.js';
import type { Spec } from '../../plan/spec/fields/shape.js';
import { validateSpec } from '../../plan/spec/validate-spec.js';
import { rolloutSpecOf } from '../../plan/waves/waves.js';
import { scheduleOf } from '../../plan/schedule/schedule.js';
import { workflowIdOf } from '../../workflows/messages.js';
import type { Context } from '../support/context.js';
import { forecastFalseRollbacks } from '../forecast/false-rollbacks.js';
import {
  forecast,
  ruleNameOf,
  defaultBaseRatePercent,
  defaultEffectPercent,
  type Assumptions,
} from '../forecast/forecasts.js';
import { byRule, effectArgument, rateArgument, relativeStdArgument } from '../forecast/forecast-options.js';
import { wholeNumberArgument, withExamples, withJsonFlag, type JsonFlag } from '../support/options.js';
import { print, printJson } from '../support/output.js';
import { readAnySpecFile } from '../support/spec-file.js';
import { UsageError } from '../support/usage-error.js';
import { renderFalseRollbacks } from '../forecast/render-false-rollbacks.js';
import { renderForecasts } from '../view/forecasts-view.js';
import { renderPlan } from '../view/plan-view.js';
import { renderPreview } from '../preview/render-preview.js';
import { renderTraffic } from '../view/traffic-view.js';
import { renderWavesPlan } from '../view/waves-view.js';

const maxRequestsPerHour = 1_000_000_000;

type PlanFlags = JsonFlag & {
  requestsPerHour?: number;
  fromCloudwatch?: true;
  fromAws?: true;
  baseRate?: Map<string, number>;
  relativeStd?: Map<string, number>;
  effect?: number;
};

export function addPlan(program: Command, context: Context): void {
  const command = program
    .command('plan')
    .description('show what a rollout would do, when, and the instance-hours; changes nothing')
    .argument('<file>', 'spec, YAML or JSON')
    .option(
      '--requests-per-hour <number>',
      "the endpoint's traffic; adds the requests of each step and when comparisons and goals would decide",
      wholeNumberArgument(1, maxRequestsPerHour),
    )
    .option(
      '--from-cloudwatch',
      'read missing traffic figures from CloudWatch (last two weeks of the live endpoint), using the AWS credentials of the environment',
    )
    .option(
      '--from-aws',
      'read the live endpoint, and show what each config would keep, change and omit, and what the preflight would say; uses the AWS credentials of the environment',
    )
    .option(
      '--base-rate <[rule=]rate>',
      `error or conversion rate of the baseline, for all rules or for one; repeatable (default: ${defaultBaseRatePercent}%)`,
      byRule(rateArgument),
    )
    .option(
      '--relative-std <[goal=]number>',
      'standard deviation of a value divided by its mean, for all goals or for one; repeatable',
      byRule(relativeStdArgument),
    )
    .option(
      '--effect <percent>',
      `difference to detect, relative to the baseline (default: ${defaultEffectPercent}%, or twice the tolerance of the rule)`,
      effectArgument,
    )
    .action(async (file: string, flags: PlanFlags) => {
      const checked = readAnySpecFile(file);
      const { spec, waves } = checked;
      const plan = examplePlan(spec);
      const schedule = scheduleOf(plan);
      const forecasts = forecastIfKnown(plan, await withHistory(context, plan, flags));
      const live = flags.fromAws && (await context.readPreviews(plansOf(checked), context.now()));
      if (flags.json)
        printJson(context, {
          ...(waves && { waves }),
          plan: shownPlan(plan),
          schedule,
          ...forecasts,
          ...(live && { live }),
        });
      else
        print(context, [
          ...renderWavesPlan(waves),
          ...renderPlan(plan, schedule),
          ...(forecasts
            ? [
                ...renderTraffic(forecasts.traffic),
                ...renderFalseRollbacks(forecasts.falseRollbacks),
                ...renderForecasts(forecasts.decisions),
              ]
            : []),
          ...(live ?? []).flatMap(renderPreview),
        ]);
    });
  withJsonFlag(command);
  withExamples(command, [
    'penstock plan rollout.yaml',
    'penstock plan rollout.yaml --requests-per-hour 20000',
    'penstock plan rollout.yaml --requests-per-hour 2000 --base-rate conversion=3% --effect 5%',
    'AWS_PROFILE=production penstock plan rollout.yaml --from-cloudwatch --effect 5%',
    'AWS_PROFILE=production penstock plan rollout.yaml --from-aws',
    'penstock plan rollout.yaml --json | jq .schedule.rows',
  ]);
}

/** Resource names derive from the run. No run exists yet, so the names in the plan are only examples. */
function examplePlan(spec: Spec): Plan {
  return compilePlan(spec, { workflowId: workflowIdOf(spec.endpoint), runId: 'not started' });
}

/** One for each endpoint. */
function plansOf({ spec, waves, json }: ReturnType<typeof readAnySpecFile>): Plan[] {
  if (waves === null) return [examplePlan(spec)];
  const endpoints = waves.waves.flatMap((wave) => wave.endpoints);
  return endpoints.map((endpoint) => examplePlan(validateSpec(rolloutSpecOf(json, endpoint))));
}

/** Options override CloudWatch. An option for all rules also overrides what CloudWatch has of one rule. */
async function withHistory(context: Context, plan: Plan, flags: PlanFlags): Promise<PlanFlags> {
  if (flags.fromCloudwatch === undefined) return flags;
  const read = await context.readHistory(plan, context.now());
  const merge = (given: Map<string, number> | undefined, known: Map<string, number>) => {
    const named = [...known].map(([id, value]) => [ruleNameOf({ id }), value] as const);
    return new Map([...(given?.has('') ? [] : named), ...(given ?? [])]);
  };
  return {
    ...flags,
    requestsPerHour: flags.requestsPerHour ?? read.requestsPerHour,
    baseRate: merge(flags.baseRate, read.baseRates),
    relativeStd: merge(flags.relativeStd, read.relativeStds),
  };
}

/** Null if the traffic is unknown. */
function forecastIfKnown(plan: Plan, { requestsPerHour, baseRate, relativeStd, effect }: PlanFlags) {
  if (requestsPerHour === undefined) {
    if (baseRate ?? relativeStd ?? effect)
      throw new UsageError(
        'Cannot forecast: the traffic is unknown; pass --requests-per-hour or --from-cloudwatch.',
      );
    return null;
  }
  const assumptions: Assumptions = {
    requestsPerHour,
    baseRates: baseRate ?? new Map<string, number>(),
    relativeStds: relativeStd ?? new Map<string, number>(),
    effectPercent: effect ?? null,
  };
  return {
    traffic: expectTraffic(plan, requestsPerHour),
    decisions: forecast(plan, assumptions),
    falseRollbacks: forecastFalseRollbacks(plan, assumptions),
  };
}
