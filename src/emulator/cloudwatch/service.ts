import { serviceOf } from '../http/operation.js';
import { alarmOperations } from './alarms.js';
import { getMetricData } from './get-metric-data.js';
import { putMetricData } from './put-metric-data.js';

export const cloudWatch = serviceOf(
  'CloudWatch',
  {
    validation: 'ValidationError',
    throttling: 'Throttling',
    accessDenied: 'AccessDenied',
    unknownOperation: 'InvalidAction',
  },
  [putMetricData, getMetricData, ...alarmOperations],
);
