import type {
  ContainerDefinition,
  CreateModelInput,
  DeleteModelInput,
  DescribeModelInput,
  ListModelsInput,
  ListModelsOutput,
} from '@aws-sdk/client-sagemaker';
import { operation } from '../../http/operation.js';
import { validationError } from '../../http/service-error.js';
import { type Validated, modelled } from '../../service-model/modelled.js';
import type { Model } from '../../account/resources.js';
import type { AccountState } from '../../account/account-state.js';
import { page } from '../paging.js';

const createModel = operation('CreateModel', modelled<CreateModelInput>(), (request, { world }) => {
  const arn = world.arn('model', request.ModelName);
  if (world.models.has(request.ModelName))
    throw validationError(`Cannot create already existing model "${arn}".`);
  const first = request.PrimaryContainer ?? request.Containers?.[0];
  if (!first)
    throw validationError('At least one container must be specified: PrimaryContainer or Containers.');
  const source = sourceOf(world, first);
  world.options.programs.requireArtefact(source.image, source.modelDataUrl);
  world.models.set(request.ModelName, {
    name: request.ModelName,
    arn,
    createdAt: world.time,
    request,
    ...source,
  });
  world.tags.set(arn, request.Tags ?? []);
  return { ModelArn: arn };
});

const describeModel = operation('DescribeModel', modelled<DescribeModelInput>(), (request, { world }) => {
  const model = requireModel(world, request.ModelName);
  return {
    ...model.request,
    Tags: undefined,
    ModelArn: model.arn,
    CreationTime: new Date(model.createdAt),
  };
});

const deleteModel = operation('DeleteModel', modelled<DeleteModelInput>(), (request, { world }) => {
  const model = requireModel(world, request.ModelName);
  world.models.delete(model.name);
  world.tags.delete(model.arn);
  return {};
});

const listModels = operation(
  'ListModels',
  modelled<ListModelsInput>(),
  (request, { world }): ListModelsOutput => {
    const { items, ...token } = page(request, world.models.values());
    const Models = items.map((model) => ({
      ModelName: model.name,
      ModelArn: model.arn,
      CreationTime: new Date(model.createdAt),
    }));
    return { Models, ...token };
  },
);

export const modelOperations = [createModel, describeModel, deleteModel, listModels];

/** Fails as the service does where there is no such model. */
export function requireModel(world: AccountState, name: string): Model {
  const model = world.models.get(name);
  if (!model) throw validationError(`Could not find model "${world.arn('model', name)}".`);
  return model;
}

/** Image and artefact of a container; a model package lends its own, once it is approved. */
function sourceOf(
  world: AccountState,
  given: Validated<ContainerDefinition>,
): { image: string; modelDataUrl: string | undefined } {
  if (given.ModelPackageName === undefined) {
    if (given.Image === undefined) throw validationError('A container needs an Image or a ModelPackageName.');
    return { image: given.Image, modelDataUrl: given.ModelDataUrl };
  }
  const modelPackage = world.packages.get(given.ModelPackageName);
  if (!modelPackage) throw validationError(`ModelPackage ${given.ModelPackageName} does not exist.`);
  if (modelPackage.approval !== 'Approved') {
    throw validationError(
      `Model package "${modelPackage.arn}" is not approved: its ModelApprovalStatus is ${modelPackage.approval}.`,
    );
  }
  const packaged = modelPackage.request.InferenceSpecification?.Containers[0];
  if (packaged?.Image === undefined) {
    throw validationError(`ModelPackage ${modelPackage.arn} has no inference specification.`);
  }
  return { image: packaged.Image, modelDataUrl: packaged.ModelDataUrl };
}
