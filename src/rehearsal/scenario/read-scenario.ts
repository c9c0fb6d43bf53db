/** Reads a scenario file, and checks that it fits the spec. */
import { basename, extname } from 'node:path';
import { alarmNamesOf } from '../account/rehearsed-account.js';
import type { Plan } from '../../plan/compiled/plan.js';
import { readSpecDocument } from '../../plan/spec/document/read-document.js';
import { checkDocument } from '../../plan/spec/parse-spec.js';
import { formatPath, SpecError, type Problem } from '../../plan/spec/spec-error.js';
import { scenarioSchema } from './scenario-schema.js';
import type { Scenario, ScenarioEvent } from './scenario.js';

/**
 * The name of the file names the scenario. Throws SpecError with every problem, each with its place, the value and
 * the allowed values.
 */
export function readScenario(text: string, file: string, plan: Plan): Scenario {
  const document = readSpecDocument(text, file);
  const scenario: Scenario = {
    name: basename(file, extname(file)),
    ...checkDocument(scenarioSchema, document, file),
  };
  const problems = [...unknownNamesIn(scenario, plan), ...impossibleEventsIn(scenario, plan)].map(
    ({ segments, ...problem }): Problem => ({
      file,
      ...(document.locate(segments, 'key') ?? { line: null, column: null }),
      path: formatPath(segments),
      ...problem,
    }),
  );
  if (problems.length > 0) throw new SpecError(problems);
  return { ...scenario, events: scenario.events.map((event) => resolveAlarm(event, plan)) };
}

type Segments = (string | number)[];
type ScenarioFinding = Pick<Problem, 'found' | 'allowed' | 'message'> & { segments: Segments };

/** Names of goals, metrics and alarms that the spec does not have. */
function unknownNamesIn({ account, candidate, events }: Scenario, plan: Plan): ScenarioFinding[] {
  const changed = events.flatMap((event, i) =>
    event.kind === 'candidateChanges'
      ? [{ segments: ['events', i, 'candidate'] as Segments, profile: event.profile }]
      : [],
  );
  const profiles = [
    { segments: ['account', 'baseline'] as Segments, profile: account.baseline ?? {} },
    { segments: ['candidate'] as Segments, profile: candidate },
    ...changed,
  ];
  const goals = plan.goals.map(({ label }) => label);
  const metrics = metricNamesOf(plan);
  return [
    ...profiles.flatMap(({ segments, profile }) => [
      ...unknownAmong([...segments, 'goals'], Object.keys(profile.goals ?? {}), goals, 'goal'),
      ...unknownAmong([...segments, 'metrics'], Object.keys(profile.metrics ?? {}), metrics, 'own metric'),
    ]),
    ...unknownAmong(['account', 'alarms'], Object.keys(account.alarms ?? {}), alarmNamesOf(plan), 'alarm'),
  ];
}

function unknownAmong(segments: Segments, given: string[], known: string[], what: string): ScenarioFinding[] {
  return given
    .filter((name) => !known.includes(name))
    .map((name) => ({
      ...{ segments: [...segments, name], found: name },
      allowed: known.length === 0 ? `no name, because the spec has no ${what}` : known.join(', '),
      message: `The spec has no ${what} ${name}.`,
    }));
}

/** The application's own metrics that bounds read. */
function metricNamesOf({ guardrails }: Plan): string[] {
  const series = guardrails.flatMap((guardrail) => {
    if (guardrail.kind !== 'bound') return [];
    const { metric } = guardrail;
    if (metric.expression !== undefined) return Object.values(metric.operands);
    return [metric.numerator, ...(metric.denominator === null ? [] : [metric.denominator])];
  });
  return [
    ...new Set(series.filter(({ namespace }) => !namespace.startsWith('AWS/')).map(({ name }) => name)),
  ];
}

/** Events that cannot happen to this spec. */
function impossibleEventsIn({ events }: Scenario, plan: Plan): ScenarioFinding[] {
  const alarms = alarmNamesOf(plan);
  return events.flatMap((event, i): ScenarioFinding[] => {
    const segments: Segments = ['events', i];
    if (event.kind === 'weightsEdited' && plan.topology === 'endpoints')
      return [
        {
          ...{ segments: [...segments, 'weightsEdited'], found: 'weightsEdited', allowed: 'another event' },
          message: 'With topology endpoints there are no weights to edit.',
        },
      ];
    if (event.kind !== 'alarmFires') return [];
    if (event.alarm !== null)
      return unknownAmong([...segments, 'alarmFires'], [event.alarm], alarms, 'alarm');
    if (alarms.length > 0) return [];
    const allowed = 'another event, because the spec has no alarm';
    return [
      {
        ...{ segments: [...segments, 'alarmFires'], found: 'alarmFires', allowed },
        message: 'The spec has no alarm that could fire.',
      },
    ];
  });
}

/** Without a name, the first alarm of the spec fires. */
function resolveAlarm(event: ScenarioEvent, plan: Plan): ScenarioEvent {
  if (event.kind !== 'alarmFires' || event.alarm !== null) return event;
  return { ...event, alarm: alarmNamesOf(plan)[0] ?? null };
}
