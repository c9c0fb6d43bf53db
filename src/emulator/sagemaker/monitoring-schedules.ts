import type {
  ListMonitoringSchedulesRequest,
  ListMonitoringSchedulesResponse,
} from '@aws-sdk/client-sagemaker';
import { operation } from '../http/operation.js';
import { modelled } from '../service-model/modelled.js';

/** Always empty, because no schedule can be created here. The SageMaker Python SDK lists those of an endpoint. */
const listMonitoringSchedules = operation(
  'ListMonitoringSchedules',
  modelled<ListMonitoringSchedulesRequest>(),
  (): ListMonitoringSchedulesResponse => ({ MonitoringScheduleSummaries: [] }),
);

export const monitoringScheduleOperations = [listMonitoringSchedules];
