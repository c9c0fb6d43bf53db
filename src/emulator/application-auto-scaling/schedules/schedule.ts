/** The schedules of scheduled actions: `at(...)`, `rate(...)` and `cron(...)`. */
import { CronExpressionParser } from 'cron-parser';
import { DateTime, IANAZone } from 'luxon';
import { validationError } from '../../http/service-error.js';

export type ActionSchedule =
  | { kind: 'at'; at: number }
  | { kind: 'rate'; everyMs: number }
  /** `years`: null for every year. */
  | { kind: 'cron'; fields: string; years: Set<number> | null; zone: string };

const units: Record<string, number> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };
/** Max zone name: the runtime needs half a minute to reject a long one. */
const longestZone = 64;
/** The last year of cron expressions in AWS's services. */
const lastYear = 2199;

/** Throws the error of the service. Source of the forms: botocore, PutScheduledAction, and the user guide. */
export function parseSchedule(text: string, timezone: string | undefined): ActionSchedule {
  if (timezone !== undefined && (timezone.length > longestZone || !IANAZone.isValidZone(timezone)))
    throw validationError(`The time zone ${timezone} is not valid`);
  const zone = timezone ?? 'UTC';
  const [, kind, content = ''] = /^(at|rate|cron)\((.*)\)$/.exec(text) ?? [];
  if (kind === 'at') return parseAt(text, content, zone);
  if (kind === 'cron') return parseCron(text, content, zone);
  if (kind !== 'rate') throw invalid(text, 'expected at(...), rate(...) or cron(...)');
  if (timezone !== undefined)
    throw validationError('A time zone can only be used with at and cron expressions');
  return parseRate(text, content);
}

/** The first run after `after`, in the span. Times are epoch ms. Null: none. */
export function nextRun(
  schedule: ActionSchedule,
  {
    createdAt,
    startsAt,
    endsAt,
  }: { createdAt: number; startsAt: number | undefined; endsAt: number | undefined },
  after: number,
): number | null {
  const earliest = Math.max(after, (startsAt ?? 0) - 1);
  const run = runAfter(schedule, startsAt ?? createdAt, earliest);
  return run === null || run > (endsAt ?? Infinity) ? null : run;
}

function runAfter(schedule: ActionSchedule, origin: number, after: number): number | null {
  switch (schedule.kind) {
    case 'at':
      return schedule.at > after ? schedule.at : null;
    case 'rate':
      return origin + Math.max(0, Math.floor((after - origin) / schedule.everyMs) + 1) * schedule.everyMs;
    case 'cron':
      return cronRunAfter(schedule, after);
  }
}

/** The library has no field for years, so each year is searched by itself. */
function cronRunAfter(
  { fields, years, zone }: ActionSchedule & { kind: 'cron' },
  after: number,
): number | null {
  const next = (from: number) =>
    CronExpressionParser.parse(fields, { tz: zone, currentDate: new Date(from) })
      .next()
      .getTime();
  if (years === null) return next(after);
  for (const year of [...years].sort((a, b) => a - b)) {
    const begin = DateTime.fromObject({ year }, { zone });
    if (begin.endOf('year').toMillis() <= after) continue;
    const run = next(Math.max(after, begin.toMillis() - 1));
    if (run <= begin.endOf('year').toMillis()) return run;
  }
  return null;
}

function parseAt(text: string, content: string, zone: string): ActionSchedule {
  const at = DateTime.fromFormat(content, "yyyy-MM-dd'T'H:mm:ss", { zone });
  if (!at.isValid) throw invalid(text, 'expected at(yyyy-mm-ddThh:mm:ss)');
  return { kind: 'at', at: at.toMillis() };
}

function parseRate(text: string, content: string): ActionSchedule {
  const [, value = '0', unit = ''] = /^(\d+) (minute|hour|day)s?$/.exec(content) ?? [];
  const everyMs = Number(value) * (units[unit] ?? 0);
  if (everyMs === 0) throw invalid(text, 'expected rate(value unit), with minutes, hours or days');
  return { kind: 'rate', everyMs };
}

function parseCron(text: string, content: string, zone: string): ActionSchedule {
  const parts = content.trim().split(/\s+/);
  const [minutes, hours, dayOfMonth, month, dayOfWeek, year] = parts;
  if (parts.length !== 6 || dayOfWeek === undefined || dayOfMonth === undefined || year === undefined)
    throw invalid(text, 'expected six fields');
  if (/w/i.test(dayOfMonth)) throw invalid(text, 'W is not emulated');
  const fields = [minutes, hours, dayOfMonth, month, weekdays(dayOfWeek)].join(' ');
  try {
    CronExpressionParser.parse(fields, { tz: zone }).next();
  } catch (error) {
    throw invalid(text, error instanceof Error ? error.message : String(error));
  }
  return { kind: 'cron', fields, years: parseYears(text, year), zone };
}

/** AWS counts the days from 1 for Sunday, the library from 0. The number after # or / is no day. */
function weekdays(field: string): string {
  return field.replace(/(?<![#/\d])[1-7]/g, (day) => String(Number(day) - 1));
}

function parseYears(text: string, field: string): Set<number> | null {
  if (field === '*') return null;
  const years = field.split(',').flatMap((part) => {
    const [, first, last, step = '1'] = /^(\d{4})(?:-(\d{4}))?(?:\/(\d+))?$/.exec(part) ?? [];
    if (first === undefined || step === '0') throw invalid(text, `${part} is not a year`);
    const from = Number(first);
    const to = Number(last ?? (part.includes('/') ? lastYear : first));
    if (from > to || to > lastYear) throw invalid(text, `${part} is not a year until ${lastYear}`);
    const all: number[] = [];
    for (let each = from; each <= to; each += Number(step)) all.push(each);
    return all;
  });
  return new Set(years);
}

function invalid(text: string, problem: string) {
  return validationError(`The schedule expression ${text} is not valid: ${problem}`);
}
