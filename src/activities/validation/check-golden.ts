import { heartbeat } from '@temporalio/activity';
import { defaultTolerance, type GoldenPlan, type GoldenRecord } from '../../plan/compiled/validation-plan.js';
import type { AskJudge } from './ask-judge.js';
import { findDifference } from './find-difference.js';
import type { ModelAnswer, CheckResult, Invoke } from './invoke-variant.js';
import { differenceFromPattern } from './match-pattern.js';

/** A judge can take seconds for each answer. The candidate gets one request after another. */
const judgedTogether = 8;

/** `askJudge`: null if the records say what is right. */
export async function checkGolden(
  invoke: Invoke,
  { records, minimumMatchPercent }: GoldenPlan,
  askJudge: AskJudge | null,
): Promise<CheckResult & { matched: number }> {
  const differences: (string | null)[] = [];
  while (differences.length < records.length) {
    const first = differences.length;
    const answered: { record: GoldenRecord; answer: ModelAnswer | null }[] = [];
    for (const record of records.slice(first, first + judgedTogether)) {
      const reply = await invoke(record);
      answered.push({ record, answer: reply.kind === 'answered' ? reply.answer : null });
      heartbeat();
    }
    const compared = answered.map(({ record, answer }, i) => compare(record, answer, first + i, askJudge));
    differences.push(...(await Promise.all(compared)));
  }
  const misses = differences.flatMap((difference, i) =>
    difference === null ? [] : [{ record: i + 1, difference }],
  );
  const total = records.length;
  const matched = total - misses.length;
  const message = `${matched} of ${total} golden answers match`;
  const isEnough = total > 0 && (matched / total) * 100 >= minimumMatchPercent;
  return {
    matched,
    problems: isEnough ? [] : [`${message}, fewer than ${minimumMatchPercent} %${detailsOf(misses)}`],
    message,
  };
}

/** Null: the answer is right. Else a clause for people. */
async function compare(
  record: GoldenRecord,
  answer: ModelAnswer | null,
  index: number,
  askJudge: AskJudge | null,
): Promise<string | null> {
  if (answer === null) return 'the request failed';
  if (askJudge !== null) return askJudge(record, index, answer);
  const { expect, matches, tolerance = defaultTolerance } = record;
  return matches === undefined
    ? findDifference(expect, answer, tolerance)
    : differenceFromPattern(matches, answer);
}

function detailsOf(misses: { record: number; difference: string }[]): string {
  const [first] = misses;
  if (first === undefined) return '';
  const listed = misses.slice(0, 5).map(({ record }) => record);
  return ` (missed: record ${listed.join(', ')}); record ${first.record}: ${first.difference}`;
}
