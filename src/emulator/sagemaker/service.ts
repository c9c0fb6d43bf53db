import { serviceOf } from '../http/operation.js';
import { deploymentOperations } from './endpoints/deployments.js';
import { endpointConfigOperations } from './endpoints/endpoint-configs.js';
import { endpointOperations } from './endpoints/endpoints.js';
import { modelPackageGroupOperations } from './registry/model-package-groups.js';
import { modelPackageOperations } from './registry/model-packages.js';
import { modelOperations } from './registry/models.js';
import { monitoringScheduleOperations } from './monitoring-schedules.js';
import { tagOperations } from './tags.js';
import { trainingJobOperations } from './training/training-jobs.js';
import { weightOperations } from './endpoints/weights.js';

export const sageMaker = serviceOf(
  'SageMaker',
  {
    validation: 'ValidationException',
    throttling: 'ThrottlingException',
    accessDenied: 'AccessDeniedException',
    unknownOperation: 'UnknownOperationException',
  },
  [
    ...trainingJobOperations,
    ...modelOperations,
    ...modelPackageGroupOperations,
    ...modelPackageOperations,
    ...endpointConfigOperations,
    ...deploymentOperations,
    ...weightOperations,
    ...endpointOperations,
    ...tagOperations,
    ...monitoringScheduleOperations,
  ],
);
