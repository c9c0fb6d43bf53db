import { serviceOf } from '../http/operation.js';
import { scalableTargetOperations } from './targets/scalable-targets.js';
import { scalingActivityOperations } from './activities/scaling-activities.js';
import { scalingPolicyOperations } from './policies/scaling-policies.js';
import { scheduledActionOperations } from './schedules/scheduled-actions.js';
import { scalableTargetTagOperations } from './targets/tags.js';

export const applicationAutoScaling = serviceOf(
  'Application Auto Scaling',
  {
    validation: 'ValidationException',
    throttling: 'ThrottlingException',
    accessDenied: 'AccessDeniedException',
    unknownOperation: 'UnknownOperationException',
  },
  [
    ...scalableTargetOperations,
    ...scalingPolicyOperations,
    ...scheduledActionOperations,
    ...scalingActivityOperations,
    ...scalableTargetTagOperations,
  ],
);
