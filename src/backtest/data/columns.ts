/** The columns of recorded data that the rules of a plan read, and the series of each column. */
import { armsOf } from '../../activities/endpoint/arms.js';
import { comparisonsOf } from '../../activities/monitoring/comparisons.js';
import { valueStatistics } from '../../activities/monitoring/value-statistics.js';
import type { WindowComparison } from '../../activities/monitoring/comparison.js';
import type { CapRule } from '../../plan/compiled/goal.js';
import type { ArmTraffic } from '../../activities/interface/traffic.js';
import { fillSeries } from '../../activities/metrics/placeholders.js';
import type { MetricSeries } from '../../plan/compiled/guardrail.js';
import type { Plan } from '../../plan/compiled/plan.js';
import type { Role } from '../../plan/compiled/names.js';

export interface Column {
  /** `Invocations`, `ModelLatency.p99`, `Shop/Conversions`. */
  name: string;
  roles: Set<Role>;
  /** True for sums of a value and for custom metrics. False for counts. */
  mayBeNegative: boolean;
  /** Ids of the rules that read the column. */
  readBy: string[];
}

export interface ColumnSource {
  column: string;
  role: Role;
}

/** A column that two different series of one model need. */
export interface Clash {
  column: string;
  rules: string[];
}

export class Columns {
  readonly byName = new Map<string, Column>();
  readonly clashes: Clash[] = [];
  private readonly sources = new Map<string, ColumnSource>();
  private readonly keys = new Map<string, string>();

  /** Null if no rule of the plan reads the series. */
  sourceOf(series: MetricSeries): ColumnSource | null {
    return this.sources.get(keyOf(series)) ?? null;
  }

  add(series: MetricSeries, role: Role, rule: string, mayBeNegative: boolean): void {
    const name = columnNameOf(series);
    const column = this.byName.get(name) ?? { name, roles: new Set(), mayBeNegative, readBy: [] };
    this.byName.set(name, column);
    column.roles.add(role);
    if (!column.readBy.includes(rule)) column.readBy.push(rule);
    column.mayBeNegative &&= mayBeNegative;
    const key = keyOf(series);
    const taken = this.keys.get(`${role} ${name}`);
    if (taken !== undefined && taken !== key) this.clashes.push({ column: name, rules: column.readBy });
    this.keys.set(`${role} ${name}`, key);
    this.sources.set(key, { column: name, role });
  }
}

const ownNamespace = 'AWS/SageMaker';

/**
 * CloudWatch names: SageMaker metrics by name, others with their namespace. Statistics other than Sum are appended.
 */
export function columnNameOf({ namespace, name, stat }: MetricSeries): string {
  const whole = namespace === ownNamespace ? name : `${namespace}/${name}`;
  return stat === 'Sum' ? whole : `${whole}.${stat}`;
}

/** `plan`: a plan without alarms, because no column contains alarm states. */
export function dataColumnsOf({ guardrails, goals, rolloutId }: Plan, traffic: ArmTraffic): Columns {
  const columns = new Columns();
  const { endpoint, variant } = traffic.arms.candidate;
  const dimensions = { EndpointName: endpoint, VariantName: variant };
  const requests: MetricSeries = { namespace: ownNamespace, name: 'Invocations', stat: 'Sum', dimensions };
  for (const guardrail of guardrails) {
    // An expression has no column. excludeRules rejects it.
    if (guardrail.kind !== 'bound' || guardrail.metric.expression !== undefined) continue;
    const { numerator, denominator } = guardrail.metric;
    const filled = (series: MetricSeries) => fillSeries(series, { variant });
    columns.add(requests, 'candidate', guardrail.id, false);
    for (const series of [numerator, ...(denominator === null ? [] : [denominator])].map(filled))
      columns.add(series, 'candidate', guardrail.id, series.namespace !== ownNamespace);
  }
  for (const { id, series, cap } of comparisonsOf({ traffic, guardrails, goals })) {
    for (const { role, arm } of armsOf(traffic)) {
      const about = { endpoint: arm.endpoint, variant: arm.variant, role, rolloutId };
      columns.add(fillSeries(series.trials, about), role, id, false);
      for (const one of eventSeriesOf(series, cap)) {
        const mayBeNegative = cap !== null && !one.stat.startsWith('T') && one.name === series.total?.name;
        columns.add(fillSeries(one, about), role, id, mayBeNegative);
      }
      // A value can be negative, and then the change of its square or product too.
      for (const each of Object.values(series.byUser ?? {}) as MetricSeries[])
        columns.add(fillSeries(each, about), role, id, cap !== null);
    }
  }
  return columns;
}

/** The series beside the trials. A percentile as a cap cannot be judged from recorded data; excludeRules rejects it. */
function eventSeriesOf({ total, squares }: WindowComparison['series'], cap: CapRule | null): MetricSeries[] {
  if (total !== null && squares !== null && cap?.kind === 'value')
    return Object.values(valueStatistics({ total, squares }, cap.value));
  return [total, squares].filter((one) => one !== null);
}

/** All readers use the same compiled series, so the order of the dimensions is always the same. */
function keyOf({ namespace, name, stat, dimensions }: MetricSeries): string {
  let key = `${namespace}|${name}|${stat}`;
  for (const dimension in dimensions) key += `|${dimension}=${dimensions[dimension]}`;
  return key;
}
