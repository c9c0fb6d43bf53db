import { serviceOf } from '../http/operation.js';
import { invokeEndpoint } from './invoke-endpoint.js';

export const sageMakerRuntime = serviceOf(
  'SageMaker Runtime',
  {
    validation: 'ValidationError',
    throttling: 'ThrottlingException',
    accessDenied: 'AccessDeniedException',
    unknownOperation: 'UnknownOperationException',
  },
  [invokeEndpoint],
);
