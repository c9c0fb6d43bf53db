/** `freeze`: times in which the rollout does not advance. The `hours` of a gate use the same rules. */
import { CronExpressionParser } from 'cron-parser';
import { DateTime, IANAZone } from 'luxon';
import { z } from 'zod';
import type { CalendarRule } from '../../compiled/gate.js';
import { duration, exactlyOneOf, oneRequiredOf, addIssue, text, ifValid } from './scalars.js';
import { allowedWeekly, parseWeekly, weeklyPattern } from './weekly.js';

const allowedZone = 'an IANA time zone such as Europe/Berlin';
const maxZoneLength = 64;

/** Without a length limit, the runtime needs half a minute to reject a long name. */
const zone = z
  .string(allowedZone)
  .refine((name) => name.length <= maxZoneLength && IANAZone.isValidZone(name), allowedZone);

const weekly = text(allowedWeekly, weeklyPattern).transform((given, ctx) => {
  const spans = parseWeekly(given);
  if (spans !== null) return spans;
  ctx.addIssue({ code: 'invalid_format', format: 'weekly', message: allowedWeekly, input: given });
  return z.NEVER;
});

const allowedCron = "five cron fields that begin once an hour at most, such as '0 0 24 12 *'";

/** `H` is not allowed: the library replaces it with a random number in every process. */
const cron = text(allowedCron, /^(?!.*(^|[\s,])H)\S+( +\S+){4}$/i).superRefine((expression, ctx) => {
  const problem = problemOfCron(expression);
  if (problem !== null) addIssue(ctx, [], `${expression} ${problem}`, allowedCron);
});

function problemOfCron(expression: string): string | null {
  try {
    const parsed = CronExpressionParser.parse(expression, { tz: 'UTC' });
    parsed.next();
    return parsed.fields.minute.values.length > 1 ? 'begins more often than once an hour' : null;
  } catch (error) {
    return `is not a cron expression: ${error instanceof Error ? error.message : String(error)}`;
  }
}

const allowedLocal = 'a date and time such as 2026-12-24T18:00, in the wall time of the zone';
const localTime = text(allowedLocal, /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/).refine(
  (given) => DateTime.fromISO(given, { zone: 'utc' }).isValid,
  allowedLocal,
);

const kinds = ['weekly', 'cron', 'from'] as const;

const fields = z.strictObject({
  weekly: weekly.optional().describe('Days or a span of every week, in wall time.'),
  cron: cron.optional().describe('Cron expression of the begin, in wall time. The span lasts `for`.'),
  for: duration.optional().describe('Length of the span. Only with cron.'),
  from: localTime.optional().describe('Begin of a single span, in wall time.'),
  to: localTime.optional().describe('End of the span. Only with from.'),
  zone: zone.describe('IANA name of the time zone for the wall time.'),
});

export const calendarRule = fields
  .superRefine(...exactlyOneOf(kinds))
  .superRefine(checkCompanions, ifValid)
  .meta(oneRequiredOf(kinds))
  .transform(compileRule);

function checkCompanions(rule: z.output<typeof fields>, ctx: z.RefinementCtx): void {
  checkCompanion(rule, ctx, 'cron', 'for', 'a duration such as 72h');
  checkCompanion(rule, ctx, 'from', 'to', allowedLocal);
  if (rule.from !== undefined && rule.to !== undefined && rule.to <= rule.from)
    addIssue(ctx, ['to'], 'the span ends before it begins', `later than ${rule.from}`);
}

function checkCompanion(
  rule: z.output<typeof fields>,
  ctx: z.RefinementCtx,
  kind: 'cron' | 'from',
  companion: 'for' | 'to',
  allowed: string,
): void {
  const isGiven = rule[kind] !== undefined;
  if (isGiven === (rule[companion] !== undefined)) return;
  if (isGiven) addIssue(ctx, [companion], `${kind} needs ${companion}`, allowed);
  else addIssue(ctx, [companion], `${companion} is only allowed with ${kind}`, `no ${companion}`);
}

/** `rule`: accepted by `checkCompanions`. One rule of the spec can become several rules of the plan. */
function compileRule(rule: z.output<typeof fields>): CalendarRule[] {
  const { zone, weekly, cron, from = '', to = '' } = rule;
  if (weekly !== undefined) return weekly.map((span) => ({ zone, kind: 'weekly', ...span }));
  if (cron !== undefined) return [{ zone, kind: 'cron', expression: cron, seconds: rule.for ?? 0 }];
  return [{ zone, kind: 'once', from, to }];
}

export const freeze = z
  .array(calendarRule)
  .max(50)
  .transform((rules): CalendarRule[] => rules.flat());
