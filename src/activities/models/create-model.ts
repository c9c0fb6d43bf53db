import {
  CreateModelCommand,
  DescribeModelCommand,
  type CreateModelInput,
  type DescribeModelOutput,
  type SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import { isOwnContainer } from '../../plan/compiled/own-container.js';
import { withoutEnvironmentValues } from '../aws/environment-values.js';
import { readAws, mutateAws, orNull } from '../aws/errors.js';
import type { RolloutActivities } from '../interface/activities.js';
import { createOrAdopt } from '../aws/ownership.js';

type DesiredModel = Parameters<RolloutActivities['createModel']>[0];

export function createCreateModel(sagemaker: SageMakerClient): RolloutActivities['createModel'] {
  return async (desired) => {
    const { rolloutId, modelName, settings = {}, tags } = desired;
    const request = modelRequest(desired);
    await withoutEnvironmentValues(settings, () =>
      createOrAdopt(sagemaker, {
        what: `model ${modelName}`,
        rolloutId,
        request,
        tags,
        find: async () => (await fetchModel(sagemaker, modelName))?.ModelArn ?? null,
        create: (Tags) => mutateAws((o) => sagemaker.send(new CreateModelCommand({ ...request, Tags }), o)),
      }),
    );
  };
}

/** The rollout's model is in the container that has no other one. */
export function modelRequest({
  modelName,
  role,
  source,
  network,
  settings = {},
}: DesiredModel): CreateModelInput {
  const { PrimaryContainer, Containers, ...others } = settings as Partial<CreateModelInput>;
  const own =
    'packageArn' in source
      ? { ModelPackageName: source.packageArn }
      : { Image: source.image, ModelDataUrl: source.artefact };
  const containers = Containers ?? [PrimaryContainer ?? {}];
  return {
    ModelName: modelName,
    ExecutionRoleArn: role,
    Containers: containers.map((each) => (isOwnContainer({ ...each }) ? { ...own, ...each } : each)),
    ...network,
    ...others,
  };
}

export function fetchModel(
  sagemaker: SageMakerClient,
  modelName: string,
): Promise<DescribeModelOutput | null> {
  return orNull(readAws((o) => sagemaker.send(new DescribeModelCommand({ ModelName: modelName }), o)));
}
