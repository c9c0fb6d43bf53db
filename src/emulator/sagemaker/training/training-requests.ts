import type { CreateTrainingJobRequest } from '@aws-sdk/client-sagemaker';
import { validationError } from '../../http/service-error.js';
import type { Validated } from '../../service-model/modelled.js';

type Given = Validated<CreateTrainingJobRequest>;
const needed = ['AlgorithmSpecification', 'ResourceConfig', 'StoppingCondition'] as const;
export type TrainingJobRequest = Given & Required<Pick<Given, (typeof needed)[number]>>;

/** Checks members that all jobs except serverless customization jobs need. Those jobs are not emulated. */
export function requireOwnResources(request: Given): asserts request is TrainingJobRequest {
  const missing = needed.filter((name) => request[name] === undefined);
  if (missing.length > 0) throw validationError(`A training job needs ${missing.join(', ')}.`);
}

export function checkMetricDefinitions({ AlgorithmSpecification }: TrainingJobRequest): void {
  const bad = AlgorithmSpecification.MetricDefinitions?.find(({ Regex }) => !isRegex(Regex));
  if (bad)
    throw validationError(`The Regex of metric ${bad.Name} must be a regular expression: ${bad.Regex}`);
}

/** Spot instances need a max wait time, and other instances must not have one. */
export function checkWaitTime(request: TrainingJobRequest): void {
  const { MaxRuntimeInSeconds = 86_400, MaxWaitTimeInSeconds } = request.StoppingCondition;
  if (!request.EnableManagedSpotTraining) {
    if (MaxWaitTimeInSeconds === undefined) return;
    throw validationError(
      'Invalid MaxWaitTimeInSeconds. It can be specified only if EnableManagedSpotTraining is set to true.',
    );
  }
  if (MaxWaitTimeInSeconds === undefined || MaxWaitTimeInSeconds < MaxRuntimeInSeconds) {
    throw validationError(
      'Invalid MaxWaitTimeInSeconds. It must be present and be greater than or equal to MaxRuntimeInSeconds.',
    );
  }
}

function isRegex(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}
