/** Reads alarms for the candidate: their definitions, and the candidate's data for them. Creates nothing in CloudWatch. */
import type { CloudWatchClient, MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import type { MetricAlarmRule } from '../../analysis/alarms/alarm-rule.js';
import { evaluationRangeMs } from '../../analysis/alarms/evaluate-alarm.js';
import type { CandidateAlarmReading } from '../../analysis/verdicts/judge-candidate-alarm.js';
import type { CandidateAlarmGuardrail } from '../../plan/compiled/guardrail.js';
import { toFailure } from '../aws/errors.js';
import type { AlarmDescription, AlarmReader } from './alarm-reader.js';
import { candidateRuleOf, type CandidateRule, type CandidateVariant } from './candidate-rule.js';
import { fetchResults, toSeriesReading, type QuerySpan } from '../metrics/metric-data.js';

export interface CandidateAlarmReader {
  /** Never throws: a failed read is a reading too, so the poll continues. `nowMs`: milliseconds since the epoch. */
  readFor(
    guardrail: CandidateAlarmGuardrail,
    candidate: CandidateVariant,
    nowMs: number,
  ): Promise<CandidateAlarmReading>;
}

export function createCandidateAlarmReader(
  cloudwatch: CloudWatchClient,
  alarms: AlarmReader,
): CandidateAlarmReader {
  return {
    async readFor({ alarmName, endpoint }, candidate, nowMs) {
      const description = await alarms.describeAlarm(alarmName);
      if (description.kind === 'unread') return description.reading;
      const found = ruleForCandidate(description, endpoint, candidate);
      return found.kind === 'rule' ? readData(cloudwatch, found, nowMs) : found;
    },
  };
}

/** Only metric alarms have metrics that can be rewritten. */
export function ruleForCandidate(
  description: Exclude<AlarmDescription, { kind: 'unread' }>,
  endpoint: string,
  candidate: CandidateVariant,
): CandidateRule {
  if (description.kind === 'metric') return candidateRuleOf(description.alarm, endpoint, candidate);
  const reason = {
    composite: 'it is a composite alarm; name the metric alarms of its rule instead',
    log: 'it is a log alarm, whose query is not rewritten; use an alarm on metrics',
  }[description.kind];
  return { kind: 'unsuitable', reason };
}

const samplesId = 'samples';
const minuteMs = 60_000;
/**
 * How far back the state of a rule that keeps it is looked for. CloudWatch keeps points closer than a minute for 3 hours:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
 */
const lookBackMs = { minutes: 24 * 60 * minuteMs, closer: 2 * 60 * minuteMs };

async function readData(
  cloudwatch: CloudWatchClient,
  { rule, queries, watched }: CandidateRule & { kind: 'rule' },
  nowMs: number,
): Promise<CandidateAlarmReading> {
  const span = spanOf(rule, nowMs);
  const asked = rule.minimumSamples === null ? queries : [...queries, samplesQuery(queries, watched)];
  try {
    const results = await fetchResults(cloudwatch, span, asked);
    const read = new Map<string, Map<number, number>>();
    for (const { Id = '' } of asked.filter(({ ReturnData }) => ReturnData !== false)) {
      const reading = toSeriesReading(span, results.get(Id));
      if (reading.kind !== 'complete') return reading;
      if (Id === watched && reading.points.some(({ value }) => !Number.isFinite(value)))
        return { kind: 'failed', reason: 'a value is not a number' };
      const values = new Map(reading.points.map(({ atMs, value }) => [atMs, value]));
      if (values.size < reading.points.length)
        return { kind: 'failed', reason: 'the alarm has more than one time series' };
      read.set(Id, values);
    }
    const samples = read.get(samplesId);
    const points = [...(read.get(watched) ?? [])].map(([atMs, value]) => {
      return { atMs, value, samples: samples?.get(atMs) ?? null };
    });
    return { kind: 'read', rule, points, fromMs: span.fromMs, toMs: span.toMs };
  } catch (error) {
    return { kind: 'failed', reason: toFailure(error).message };
  }
}

/**
 * The evaluation range, which slides with each evaluation by a minute. Shorter periods begin at whole periods, because
 * GetMetricData rounds its start time down to one. Sources:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation-window.html and
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
 */
function spanOf(rule: MetricAlarmRule, nowMs: number): QuerySpan {
  const periodMs = rule.periodSeconds * 1000;
  const isShort = periodMs < minuteMs;
  const gridMs = Math.min(periodMs, minuteMs);
  const toMs = Math.floor(nowMs / gridMs) * gridMs;
  const keepsState = rule.missingData === 'ignore' || rule.minimumSamples !== null;
  const backMs = keepsState ? (isShort ? lookBackMs.closer : lookBackMs.minutes) : 0;
  const fromMs = toMs - evaluationRangeMs(rule) - Math.floor(backMs / periodMs) * periodMs;
  return { fromMs, toMs, periodSeconds: rule.periodSeconds };
}

function samplesQuery(queries: readonly MetricDataQuery[], watched: string): MetricDataQuery {
  const { MetricStat } = queries.find(({ Id }) => Id === watched) ?? {};
  return { Id: samplesId, MetricStat: { ...MetricStat!, Stat: 'SampleCount' } };
}
