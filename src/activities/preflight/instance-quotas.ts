/**
 * SageMaker's quotas of instances, by their names in Service Quotas, which are those in the error ResourceLimitExceeded:
 * https://github.com/aws/amazon-sagemaker-examples/issues/307
 */
import { GetMetricDataCommand, type CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import {
  GetServiceQuotaCommand,
  ListServiceQuotasCommand,
  type MetricInfo,
  type ServiceQuota,
  type ServiceQuotasClient,
} from '@aws-sdk/client-service-quotas';
import { pagesOf } from '../aws/pages.js';
import { readOptional, type OptionalAnswer } from './optional-read.js';

export interface InstanceQuota {
  /** Instances. */
  limit: number;
  /** Instances of the whole account, as CloudWatch last had them. Null: unknown. */
  used: number | null;
}

export interface InstanceQuotaReader {
  /** By name. Never throws, except if the attempt is cancelled. */
  readQuotas(names: readonly string[], nowMs: number): Promise<Map<string, OptionalAnswer<InstanceQuota>>>;
}

const ServiceCode = 'sagemaker';

/** Codes of quotas never change, but only the list of all quotas, which has dozens of pages, names them. So a process keeps them. */
export function createInstanceQuotaReader(
  quotas: ServiceQuotasClient,
  cloudwatch: CloudWatchClient,
): InstanceQuotaReader {
  const codes = new Map<string, string>();

  const findQuotas = async (names: readonly string[], options: { abortSignal: AbortSignal }) => {
    const wanted = new Set(names);
    const found: ServiceQuota[] = [];
    const pages = pagesOf((token) =>
      quotas.send(new ListServiceQuotasCommand({ ServiceCode, ...token }), options),
    );
    for await (const page of pages) {
      for (const quota of page.Quotas ?? []) {
        const { QuotaName = '', QuotaCode } = quota;
        if (!wanted.delete(QuotaName)) continue;
        found.push(quota);
        if (QuotaCode !== undefined) codes.set(QuotaName, QuotaCode);
      }
      if (wanted.size === 0) break;
    }
    return found;
  };

  const readAll = (names: readonly string[], options: { abortSignal: AbortSignal }) => {
    if (!names.every((name) => codes.has(name))) return findQuotas(names, options);
    return Promise.all(
      names.map(async (name) => {
        const QuotaCode = codes.get(name);
        const { Quota } = await quotas.send(new GetServiceQuotaCommand({ ServiceCode, QuotaCode }), options);
        return Quota ?? {};
      }),
    );
  };

  return {
    async readQuotas(names, nowMs) {
      const answer = await readOptional((options) => readAll(names, options));
      const read = async (name: string): Promise<OptionalAnswer<InstanceQuota>> => {
        if ('unread' in answer) return answer;
        const quota = answer.value.find(({ QuotaName }) => QuotaName === name);
        if (quota?.Value === undefined) return { unread: 'Service Quotas does not list it' };
        const used = await readUsage(cloudwatch, quota.UsageMetric, nowMs);
        return { value: { limit: quota.Value, used } };
      };
      return new Map(await Promise.all(names.map(async (name) => [name, await read(name)] as const)));
    },
  };
}

/** AWS publishes usage every few minutes. */
const usagePeriodSeconds = 300;
const usageSpanMs = 3_600_000;

/** Source: https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_MetricInfo.html */
async function readUsage(
  cloudwatch: CloudWatchClient,
  metric: MetricInfo | undefined,
  nowMs: number,
): Promise<number | null> {
  const { MetricNamespace, MetricName, MetricDimensions = {}, MetricStatisticRecommendation } = metric ?? {};
  if (MetricNamespace === undefined || MetricName === undefined) return null;
  const Dimensions = Object.entries(MetricDimensions).map(([Name, Value]) => ({ Name, Value }));
  const command = new GetMetricDataCommand({
    StartTime: new Date(nowMs - usageSpanMs),
    EndTime: new Date(nowMs),
    ScanBy: 'TimestampDescending',
    MetricDataQueries: [
      {
        Id: 'used',
        MetricStat: {
          Metric: { Namespace: MetricNamespace, MetricName, Dimensions },
          Period: usagePeriodSeconds,
          Stat: MetricStatisticRecommendation ?? 'Maximum',
        },
      },
    ],
  });
  const answer = await readOptional((options) => cloudwatch.send(command, options));
  return 'value' in answer ? (answer.value.MetricDataResults?.[0]?.Values?.[0] ?? null) : null;
}
