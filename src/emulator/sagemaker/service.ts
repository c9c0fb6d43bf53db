import { serviceOf } from '../http/operation.js';
import { deploymentOperations } from './deployments.js';
import { endpointConfigOperations } from './endpoint-configs.js';
import { endpointOperations } from './endpoints.js';
import { modelPackageGroupOperations } from './model-package-groups.js';
import { modelPackageOperations } from './model-packages.js';
import { modelOperations } from './models.js';
import { tagOperations } from './tags.js';
import { trainingJobOperations } from './training-jobs.js';
import { weightOperations } from './weights.js';

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
  ],
);
