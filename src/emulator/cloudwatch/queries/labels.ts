import type { Query } from './metric-queries.js';

/**
 * What a metric is called that was given no label: its name, and statistic and period where queries of the request
 * differ in them. Source: what CloudWatch was seen to answer.
 */
export function defaultLabels(queries: Query[]): (query: Query) => string {
  const unnamed = queries.filter((query) => query.MetricStat && query.Label === undefined);
  const names = new Set(unnamed.map((query) => query.MetricStat?.Metric?.MetricName));
  const stats = new Set(unnamed.map((query) => query.MetricStat?.Stat));
  const periods = new Set(unnamed.map((query) => query.MetricStat?.Period));
  return ({ Id, MetricStat }) => {
    if (!MetricStat) return Id ?? '';
    const parts = [
      MetricStat.Metric?.MetricName,
      ...(names.size === 1 && stats.size > 1 ? [MetricStat.Stat] : []),
      ...(names.size === 1 && periods.size > 1 ? [MetricStat.Period] : []),
    ];
    return parts.join(' ');
  };
}
