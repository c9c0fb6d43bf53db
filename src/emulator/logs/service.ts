import { serviceOf } from '../http/operation.js';
import { describeLogStreams } from './describe-log-streams.js';
import { filterLogEvents } from './filter-log-events.js';
import { getLogEvents } from './get-log-events.js';

/** Only what reading the logs of training jobs needs: nothing writes to it but the emulator. */
export const cloudWatchLogs = serviceOf(
  'CloudWatch Logs',
  {
    validation: 'InvalidParameterException',
    throttling: 'ThrottlingException',
    accessDenied: 'AccessDeniedException',
    unknownOperation: 'UnknownOperationException',
  },
  [describeLogStreams, getLogEvents, filterLogEvents],
);
