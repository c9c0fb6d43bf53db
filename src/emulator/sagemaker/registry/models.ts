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
import { descriptionOf } from './package-description.js';

const createModel = operation('CreateModel', modelled<CreateModelInput>(), (request, { account }) => {
  const arn = account.arn('model', request.ModelName);
  if (account.models.has(request.ModelName))
    throw validationError(`Cannot create already existing model "${arn}".`);
  const first = request.PrimaryContainer ?? request.Containers?.[0];
  if (!first)
    throw validationError('At least one container must be specified: PrimaryContainer or Containers.');
  const source = sourceOf(account, first);
  account.options.programs.requireArtefact(source.image, source.modelDataUrl);
  account.models.set(request.ModelName, {
    name: request.ModelName,
    arn,
    createdAt: account.time,
    request,
    ...source,
  });
  account.tags.set(arn, request.Tags ?? []);
  return { ModelArn: arn };
});

const describeModel = operation('DescribeModel', modelled<DescribeModelInput>(), (request, { account }) => {
  const model = requireModel(account, request.ModelName);
  return {
    // Cloud Custodian's recording of DescribeModel (test_sagemaker_model) has these defaults.
    EnableNetworkIsolation: false,
    ...model.request,
    ...containersView(model.request),
    Tags: undefined,
    ModelArn: model.arn,
    CreationTime: new Date(model.createdAt),
  };
});

const deleteModel = operation('DeleteModel', modelled<DeleteModelInput>(), (request, { account }) => {
  const model = requireModel(account, request.ModelName);
  account.models.delete(model.name);
  account.tags.delete(model.arn);
  return {};
});

const listModels = operation(
  'ListModels',
  modelled<ListModelsInput>(),
  (request, { account }): ListModelsOutput => {
    const { items, ...token } = page(request, account.models.values());
    const Models = items.map((model) => ({
      ModelName: model.name,
      ModelArn: model.arn,
      CreationTime: new Date(model.createdAt),
    }));
    return { Models, ...token };
  },
);

export const modelOperations = [createModel, describeModel, deleteModel, listModels];

function containersView({ PrimaryContainer, Containers }: Model['request']) {
  const view = (given: Validated<ContainerDefinition>) => ({
    Mode: 'SingleModel' as const,
    Environment: {},
    ...given,
  });
  return {
    ...(PrimaryContainer && { PrimaryContainer: view(PrimaryContainer) }),
    ...(Containers && { Containers: Containers.map(view) }),
  };
}

/** Throws the error of the service if the model does not exist. */
export function requireModel(account: AccountState, name: string): Model {
  const model = account.models.get(name);
  if (!model) throw validationError(`Could not find model "${account.arn('model', name)}".`);
  return model;
}

/** Image and artefact of a container, or those of its model package if that is approved. */
function sourceOf(
  account: AccountState,
  given: Validated<ContainerDefinition>,
): { image: string; modelDataUrl: string | undefined } {
  if (given.ModelPackageName === undefined) {
    if (given.Image === undefined) throw validationError('A container needs an Image or a ModelPackageName.');
    return { image: given.Image, modelDataUrl: given.ModelDataUrl };
  }
  const modelPackage = account.packages.get(given.ModelPackageName);
  if (!modelPackage) throw validationError(`ModelPackage ${given.ModelPackageName} does not exist.`);
  if (modelPackage.approval !== 'Approved') {
    throw validationError(
      `Model package "${modelPackage.arn}" is not approved: its ModelApprovalStatus is ${modelPackage.approval}.`,
    );
  }
  const packaged = descriptionOf(modelPackage).InferenceSpecification?.Containers[0];
  if (packaged?.Image === undefined) {
    throw validationError(`ModelPackage ${modelPackage.arn} has no inference specification.`);
  }
  return { image: packaged.Image, modelDataUrl: packaged.ModelDataUrl };
}
