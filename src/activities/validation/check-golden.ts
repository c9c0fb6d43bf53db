import { heartbeat } from '@temporalio/activity';
import type { ValidationPlan } from '../../plan/compiled/validation-plan.js';
import type { CheckResult, Invoke } from './invoke-variant.js';

export async function checkGolden(
  invoke: Invoke,
  { records, minimumMatchPercent }: NonNullable<ValidationPlan['golden']>,
): Promise<CheckResult & { matched: number }> {
  const misses: number[] = [];
  for (const [index, record] of records.entries()) {
    const reply = await invoke(record);
    const matches = reply.kind === 'answered' && isSubset(record.expect, parse(reply.answer));
    if (!matches) misses.push(index + 1);
    heartbeat();
  }
  const total = records.length;
  const matched = total - misses.length;
  const message = `${matched} of ${total} golden answers match`;
  const isEnough = total > 0 && (matched / total) * 100 >= minimumMatchPercent;
  const missed = misses.length === 0 ? '' : ` (missed: record ${misses.slice(0, 5).join(', ')})`;
  const problems = isEnough ? [] : [`${message}, fewer than ${minimumMatchPercent} %${missed}`];
  return { matched, problems, message };
}

/** Compares an answer that is not JSON as text. */
function parse(answer: string): unknown {
  try {
    return JSON.parse(answer) as unknown;
  } catch {
    return answer.trim();
  }
}

/**
 * Objects match if every expected key matches, arrays if length and every element match, other values if equal.
 */
export function isSubset(expected: unknown, actual: unknown): boolean {
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual) || actual.length !== expected.length) return false;
    return expected.every((item, index) => isSubset(item, actual[index]));
  }
  if (typeof expected !== 'object' || expected === null) return Object.is(expected, actual);
  if (typeof actual !== 'object' || actual === null || Array.isArray(actual)) return false;
  return Object.entries(expected).every(
    ([key, value]) => Object.hasOwn(actual, key) && isSubset(value, (actual as Record<string, unknown>)[key]),
  );
}
