/**
 * Requests to a multi-model endpoint name the model, and requests to another endpoint must not. No I/O. Source:
 * https://docs.aws.amazon.com/sagemaker/latest/dg/invoke-multi-model-endpoint.html
 */
import type { DescribeModelOutput } from '@aws-sdk/client-sagemaker';
import type { GoldenRequest, ValidationPlan } from '../../plan/compiled/validation-plan.js';

export function isMultiModel({ PrimaryContainer, Containers = [] }: DescribeModelOutput): boolean {
  return [PrimaryContainer, ...Containers].some((container) => container?.Mode === 'MultiModel');
}

/** Findings of the preflight: requests of `validate` that SageMaker would refuse. */
export function checkTargetModels(
  candidate: DescribeModelOutput,
  validation: ValidationPlan | null,
): string[] {
  const requests: GoldenRequest[] = [
    ...(validation?.smoke?.requests ?? []),
    ...(validation?.golden?.records ?? []),
  ];
  const isMulti = isMultiModel(candidate);
  const wrong = requests.filter(({ targetModel }) => (targetModel !== undefined) !== isMulti);
  if (wrong.length === 0) return [];
  const name = candidate.ModelName ?? '';
  return isMulti
    ? [`model ${name} is a multi-model one; set targetModel in each request of validate`]
    : [`model ${name} is no multi-model one; remove targetModel from the requests of validate`];
}

/** A warning: users of a multi-model endpoint send requests that only such a model accepts. */
export function multiModelWarnings(live: DescribeModelOutput, candidate: DescribeModelOutput): string[] {
  if (isMultiModel(live) === isMultiModel(candidate)) return [];
  const [multi, single] = isMultiModel(live) ? [live, candidate] : [candidate, live];
  return [
    `model ${multi.ModelName} is a multi-model one and model ${single.ModelName} is not; requests that suit one fail on the other`,
  ];
}
