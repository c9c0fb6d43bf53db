import { serviceOf } from '../http/operation.js';
import { alarmOperations } from './alarms/alarm-operations.js';
import { alarmTagOperations } from './alarms/alarm-tags.js';
import { describeAlarmHistory } from './alarms/describe-alarm-history.js';
import { describeAlarmOperations } from './alarms/describe-alarms.js';
import { getMetricData } from './queries/get-metric-data.js';
import { getMetricStatistics } from './queries/get-metric-statistics.js';
import { listMetrics } from './queries/list-metrics.js';
import { putAlarmOperations } from './alarms/put-alarms.js';
import { putMetricData } from './metrics/put-metric-data.js';

export const cloudWatch = serviceOf(
  'CloudWatch',
  {
    validation: 'ValidationError',
    throttling: 'Throttling',
    accessDenied: 'AccessDenied',
    unknownOperation: 'InvalidAction',
  },
  [
    putMetricData,
    getMetricData,
    getMetricStatistics,
    listMetrics,
    ...putAlarmOperations,
    ...describeAlarmOperations,
    describeAlarmHistory,
    ...alarmOperations,
    ...alarmTagOperations,
  ],
);
