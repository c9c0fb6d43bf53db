/** Reads metric math expressions, which CloudWatch computes. */
import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { unfilledIn } from '../../plan/spec/guardrails/expressions.js';
import { toFailure } from '../aws/errors.js';
import { fetchResults, toMetricDataQuery, toSeriesReading } from './metric-data.js';
import type { ExpressionQuery, SeriesPoint, SeriesReading } from './metric-reader.js';

/**
 * Reads each expression in a separate call, because CloudWatch refuses a whole call for one invalid expression.
 * A period has a point only if all operands have one: metric math treats a missing operand as 0, and an error
 * rate without error data must not be 0. FILL around an operand gives the value for missing data. Never throws.
 */
export async function readExpression(
  cloudwatch: CloudWatchClient,
  { expression, operands, ...span }: ExpressionQuery,
): Promise<SeriesReading> {
  const entries = Object.entries(operands);
  // Longer than any operand's id, so it differs from all of them.
  const Id = `of_${entries.reduce((longest, [id]) => (id.length > longest.length ? id : longest), '')}`;
  const queries = entries.map(([id, series]) => toMetricDataQuery(series, span.periodSeconds, id));
  try {
    const results = await fetchResults(cloudwatch, span, [{ Id, Expression: expression }, ...queries]);
    const answer = toSeriesReading(span, results.get(Id));
    if (answer.kind !== 'complete') return answer;
    if (new Set(answer.points.map(({ atMs }) => atMs)).size < answer.points.length)
      return { kind: 'failed', reason: 'the expression returns more than one series' };
    const needed = unfilledIn(expression, Object.keys(operands));
    let { points } = answer;
    for (const id of Object.keys(operands)) {
      const operand = toSeriesReading(span, results.get(id));
      if (operand.kind !== 'complete') return operand;
      if (needed.includes(id)) points = withTimesOf(points, operand.points);
    }
    return { kind: 'complete', points };
  } catch (error) {
    return { kind: 'failed', reason: toFailure(error).message };
  }
}

function withTimesOf(points: SeriesPoint[], others: SeriesPoint[]): SeriesPoint[] {
  const times = new Set(others.map(({ atMs }) => atMs));
  return points.filter(({ atMs }) => times.has(atMs));
}
