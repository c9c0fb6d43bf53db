import type { UpdateModelPackageInput } from '@aws-sdk/client-sagemaker';
import { validationError } from '../../http/service-error.js';
import type { Validated } from '../../service-model/modelled.js';
import type { ModelPackage } from '../../account/resources.js';
import type { ModelPackageRequest, PackageDescription } from '../kept-requests.js';

type Update = Validated<UpdateModelPackageInput>;

const replaceable = [
  'InferenceSpecification',
  'ModelCard',
  'ModelLifeCycle',
  'ModelPackageRegistrationType',
  'SourceUri',
] as const;

const maximumProperties = 50;

export function describedBy(request: ModelPackageRequest): PackageDescription {
  const { CustomerMetadataProperties, AdditionalInferenceSpecifications } = request;
  return {
    ...picked(request),
    ...(CustomerMetadataProperties && { CustomerMetadataProperties }),
    ...(AdditionalInferenceSpecifications && { AdditionalInferenceSpecifications }),
  };
}

export function descriptionOf({ described, request }: ModelPackage): PackageDescription {
  return described ?? describedBy(request);
}

/**
 * botocore, UpdateModelPackage: properties are added or changed, and those of CustomerMetadataPropertiesToRemove are
 * removed. Specifications are added. Every other member of the request replaces the previous one.
 */
export function updatedDescription(found: ModelPackage, update: Update): PackageDescription {
  const before = descriptionOf(found);
  const properties = new Map(Object.entries(before.CustomerMetadataProperties ?? {}));
  for (const name of update.CustomerMetadataPropertiesToRemove ?? []) properties.delete(name);
  for (const [name, value] of Object.entries(update.CustomerMetadataProperties ?? {}))
    properties.set(name, value);
  if (properties.size > maximumProperties) {
    throw validationError(`A model package can have at most ${maximumProperties} metadata properties.`);
  }
  const specifications = [
    ...(before.AdditionalInferenceSpecifications ?? []),
    ...(update.AdditionalInferenceSpecificationsToAdd ?? []),
  ];
  return {
    ...picked(before),
    ...picked(update),
    ...(properties.size > 0 && { CustomerMetadataProperties: Object.fromEntries(properties) }),
    ...(specifications.length > 0 && { AdditionalInferenceSpecifications: specifications }),
  };
}

function picked(from: PackageDescription): PackageDescription {
  return Object.fromEntries(
    replaceable.flatMap((name) => (from[name] === undefined ? [] : [[name, from[name]]])),
  );
}
