import { dataDelaySecondsOf, minimumRequestsOf, windowSecondsOf, type Cadence } from './window-defaults.js';
import type {
  BoundGuardrail,
  ComparisonGuardrail,
  Guardrail,
  Metric,
  MetricSeries,
  StatisticMetric,
} from '../compiled/guardrail.js';
import { eitherArm, type MetricSubject } from './metric-subject.js';
import { switchSeriesOf, userSeriesOf } from './switch-series.js';
import { slowerThanStat, slowMetric } from './latency-threshold.js';
import type { RateMetric } from '../spec/guardrails/guardrail-fields.js';
import type { Compared, GuardrailSpec, MetricGuardrailSpec } from '../spec/guardrails/guardrails.js';

/** `endpoint`: that of the rollout. The candidate of `subject` can have an endpoint of its own. */
export function compileGuardrails(
  rules: GuardrailSpec[],
  subject: MetricSubject,
  cadence: Cadence,
  endpoint: string,
): Guardrail[] {
  const taken = new Set<string>();
  return rules.map((rule) => {
    const id = freeId(idOf(rule), taken);
    taken.add(id);
    const onFail = rule.onFail === undefined ? {} : { onFail: rule.onFail };
    if (rule.kind === 'alarm') return { id, ...compileAlarm(rule, endpoint), ...onFail };
    return { id, ...compileRule(rule, subject, cadence, endpoint), ...onFail };
  });
}

type Anonymous<T> = T extends unknown ? Omit<T, 'id'> : never;

function compileAlarm(
  { alarmName, subject }: GuardrailSpec & { kind: 'alarm' },
  endpoint: string,
): Anonymous<Guardrail> {
  if (subject === 'candidate') return { kind: 'candidateAlarm', alarmName, endpoint };
  return { kind: 'alarm', alarmName, ...(subject === 'asDefined' && { asDefined: true }) };
}

function compileRule(
  rule: MetricGuardrailSpec,
  subject: MetricSubject,
  cadence: Cadence,
  endpoint: string,
): Anonymous<Guardrail> {
  const windows = {
    windowSeconds: windowSecondsOf(rule, cadence),
    dataDelaySeconds: dataDelaySecondsOf(rule, cadence),
  };
  if (rule.kind === 'comparison') {
    const { marginPercent, dispersion, mustBeProven, negligiblePercent } = rule;
    const settings = { marginPercent, dispersion: dispersion ?? 1, mustBeProven, negligiblePercent };
    const counts = rule.countedBy === 'switch' ? switchCounts(dispersion, endpoint) : countsOf(rule.compared);
    return { kind: 'comparison', ...counts, ...settings, ...windows };
  }
  return {
    kind: 'bound',
    ...measureOf(rule, subject),
    rule: rule.rule,
    minimumRequests: minimumRequestsOf(rule),
    ...windows,
  };
}

function idOf(rule: GuardrailSpec): string {
  switch (rule.kind) {
    case 'alarm':
      return rule.subject === 'candidate' ? `alarm:${rule.alarmName}:candidate` : `alarm:${rule.alarmName}`;
    case 'rate':
      return rule.metric;
    case 'comparison':
      return typeof rule.compared === 'string'
        ? `${rule.compared}-comparison`
        : `latency-over-${rule.compared.slowerThanMs}ms-comparison`;
    case 'latency':
      return `latency-${rule.stat}`;
    case 'source':
      return rule.label;
  }
}

function freeId(wanted: string, taken: Set<string>): string {
  let id = wanted;
  for (let n = 2; taken.has(id); n++) id = `${wanted}-${n}`;
  return id;
}

type Measure = Pick<BoundGuardrail, 'label' | 'metric' | 'direction' | 'bound'>;

function measureOf(
  rule: Exclude<MetricGuardrailSpec, { kind: 'comparison' }>,
  subject: MetricSubject,
): Measure {
  switch (rule.kind) {
    case 'rate':
      return { ...rateOf(rule.metric, subject), direction: 'below', bound: rule.belowPercent };
    case 'latency':
      return {
        label: `${rule.stat} latency`,
        // CloudWatch reports ModelLatency in microseconds.
        metric: {
          unit: 'ms',
          scale: 0.001,
          numerator: variantSeries('ModelLatency', rule.stat, subject),
          denominator: null,
        },
        direction: 'below',
        bound: rule.belowMs,
      };
    case 'source': {
      const { label, direction, bound } = rule;
      return { label, metric: sourcedMetric(rule, subject), direction, bound: bound.value };
    }
  }
}

export const rates: Record<RateMetric, { label: string; errors: string }> = {
  errorRate: { label: 'error rate', errors: 'Invocation5XXErrors' },
  clientErrorRate: { label: 'client error rate', errors: 'Invocation4XXErrors' },
  modelErrorRate: { label: 'model error rate', errors: 'InvocationModelErrors' },
};

interface Rate {
  label: string;
  metric: StatisticMetric & { denominator: MetricSeries };
}

function rateOf(name: RateMetric, subject: MetricSubject): Rate {
  const { label, errors } = rates[name];
  const numerator = variantSeries(errors, 'Sum', subject);
  const denominator = variantSeries('Invocations', 'Sum', subject);
  return { label, metric: { unit: 'percent', scale: 100, numerator, denominator } };
}

function countsOf(compared: Compared): Pick<ComparisonGuardrail, 'label' | 'events' | 'trials'> {
  if (typeof compared === 'string') {
    const { label, metric } = rateOf(compared, eitherArm);
    return { label, events: metric.numerator, trials: metric.denominator };
  }
  const { slowerThanMs } = compared;
  return {
    label: `requests slower than ${slowerThanMs} ms`,
    events: variantSeries(slowMetric, slowerThanStat(slowerThanMs), eitherArm),
    trials: variantSeries('Invocations', 'Sum', eitherArm),
  };
}

/** Every request through the switch counts, by user. A `dispersion` of the spec replaces the variance by user. */
function switchCounts(
  dispersion: number | null,
  endpoint: string,
): Pick<ComparisonGuardrail, 'label' | 'events' | 'trials' | 'byUser'> {
  return {
    label: 'error rate in the switch',
    events: switchSeriesOf('Errors', endpoint),
    trials: switchSeriesOf('Exposures', endpoint),
    ...(dispersion === null && { byUser: userSeriesOf('Exposures', 'Errors', endpoint) }),
  };
}

function variantSeries(name: string, stat: string, { endpoint, variant }: MetricSubject): MetricSeries {
  const dimensions = { EndpointName: endpoint, VariantName: variant };
  return { namespace: 'AWS/SageMaker', name, stat, dimensions };
}

/** A bound in percent means that the metric is a fraction. */
function sourcedMetric(rule: MetricGuardrailSpec & { kind: 'source' }, subject: MetricSubject): Metric {
  const { source } = rule;
  const isPercent = rule.bound.unit === 'percent';
  const unit = isPercent ? ('percent' as const) : ('none' as const);
  const scale = isPercent ? 100 : 1;
  if (source.kind === 'expression') {
    const operands = Object.entries(source.operands).map(([id, series]) => [
      id,
      withSubject(series, subject),
    ]);
    return {
      unit,
      scale,
      expression: source.expression,
      operands: Object.fromEntries(operands) as Record<string, MetricSeries>,
    };
  }
  const { numerator, denominator } = source;
  return {
    unit,
    scale,
    numerator: withSubject(numerator, subject),
    denominator: denominator ? withSubject(denominator, subject) : null,
  };
}

export function withSubject(series: MetricSeries, subject: MetricSubject): MetricSeries {
  const fill = (value: string) =>
    value.replace(/\{(endpoint|variant|role|rolloutId)\}/g, (_, key: keyof MetricSubject) => subject[key]);
  const dimensions = Object.fromEntries(
    Object.entries(series.dimensions).map(([name, value]) => [name, fill(value)]),
  );
  return { ...series, dimensions };
}
