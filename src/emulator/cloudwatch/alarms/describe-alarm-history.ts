import type { DescribeAlarmHistoryInput, DescribeAlarmHistoryOutput } from '@aws-sdk/client-cloudwatch';
import { operation } from '../../http/operation.js';
import { type Validated, modelled } from '../../service-model/modelled.js';
import type { HistoryItem } from './alarm-history.js';
import { metricsPageOf } from '../queries/paging.js';

const maximumPageSize = 100;

/** Default: newest first, and only of metric alarms. */
export const describeAlarmHistory = operation(
  'DescribeAlarmHistory',
  modelled<DescribeAlarmHistoryInput>(),
  (request, { account }): DescribeAlarmHistoryOutput => {
    const matching = account.alarmHistory.all.filter((item) => isSelected(item, request));
    if (request.ScanBy !== 'TimestampAscending') matching.reverse();
    const { items, ...token } = metricsPageOf(
      matching,
      request.NextToken,
      request.MaxRecords ?? maximumPageSize,
    );
    return {
      AlarmHistoryItems: items.map((item) => ({
        AlarmName: item.alarm,
        AlarmType: item.alarmType,
        Timestamp: new Date(item.at),
        HistoryItemType: item.type,
        HistorySummary: item.summary,
        HistoryData: item.data,
      })),
      ...token,
    };
  },
);

function isSelected(item: HistoryItem, request: Validated<DescribeAlarmHistoryInput>): boolean {
  const types: string[] = request.AlarmTypes ?? ['MetricAlarm'];
  return (
    types.includes(item.alarmType) &&
    (request.AlarmName === undefined || item.alarm === request.AlarmName) &&
    (request.HistoryItemType === undefined || item.type === request.HistoryItemType) &&
    (request.StartDate === undefined || item.at >= request.StartDate.getTime()) &&
    (request.EndDate === undefined || item.at <= request.EndDate.getTime())
  );
}
