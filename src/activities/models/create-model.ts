import {
  CreateModelCommand,
  DescribeModelCommand,
  type CreateModelInput,
  type DescribeModelOutput,
  type SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import { readAws, mutateAws, orNull } from '../aws/errors.js';
import type { RolloutActivities } from '../interface/activities.js';
import { createOrAdopt } from '../aws/ownership.js';

export function createCreateModel(sagemaker: SageMakerClient): RolloutActivities['createModel'] {
  return async ({ rolloutId, modelName, role, source, network, tags }) => {
    const request: CreateModelInput = {
      ModelName: modelName,
      ExecutionRoleArn: role,
      Containers: [
        'packageArn' in source
          ? { ModelPackageName: source.packageArn }
          : { Image: source.image, ModelDataUrl: source.artefact },
      ],
      ...network,
    };
    await createOrAdopt(sagemaker, {
      what: `model ${modelName}`,
      rolloutId,
      request,
      tags,
      find: async () => (await fetchModel(sagemaker, modelName))?.ModelArn ?? null,
      create: (Tags) => mutateAws((o) => sagemaker.send(new CreateModelCommand({ ...request, Tags }), o)),
    });
  };
}

export function fetchModel(
  sagemaker: SageMakerClient,
  modelName: string,
): Promise<DescribeModelOutput | null> {
  return orNull(readAws((o) => sagemaker.send(new DescribeModelCommand({ ModelName: modelName }), o)));
}
