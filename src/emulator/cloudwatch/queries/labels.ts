import type { Query } from './metric-queries.js';

/**
 * Default label of a metric: its name, and also statistic and period if queries of the request differ in them. Source:
 * observed responses of CloudWatch.
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
