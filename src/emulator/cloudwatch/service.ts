import { serviceOf } from '../http/operation.js';
import { alarmOperations } from './alarm-operations.js';
import { alarmTagOperations } from './alarm-tags.js';
import { describeAlarmHistory } from './describe-alarm-history.js';
import { describeAlarmOperations } from './describe-alarms.js';
import { getMetricData } from './get-metric-data.js';
import { getMetricStatistics } from './get-metric-statistics.js';
import { listMetrics } from './list-metrics.js';
import { putAlarmOperations } from './put-alarms.js';
import { putMetricData } from './put-metric-data.js';

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
