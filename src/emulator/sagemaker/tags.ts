import type { AddTagsInput, DeleteTagsInput, ListTagsInput } from '@aws-sdk/client-sagemaker';
import { operation } from '../http/operation.js';
import { validationError } from '../http/service-error.js';
import { modelled } from '../service-model/modelled.js';
import type { Tags } from '../account/resources.js';
import type { AccountState } from '../account/account-state.js';

const maximumTags = 50;

const addTags = operation('AddTags', modelled<AddTagsInput>(), (request, { world }) => {
  const byKey = new Map(findTags(world, request.ResourceArn).map((tag) => [tag.Key, tag]));
  for (const tag of request.Tags) byKey.set(tag.Key, tag);
  if (byKey.size > maximumTags) throw validationError(`A resource can have at most ${maximumTags} tags.`);
  world.tags.set(request.ResourceArn, [...byKey.values()]);
  return { Tags: [...byKey.values()] };
});

const listTags = operation('ListTags', modelled<ListTagsInput>(), (request, { world }) => ({
  Tags: findTags(world, request.ResourceArn),
}));

/** Keys that are not there are no mistake. */
const deleteTags = operation('DeleteTags', modelled<DeleteTagsInput>(), (request, { world }) => {
  const left = findTags(world, request.ResourceArn).filter(
    (tag) => tag.Key === undefined || !request.TagKeys.includes(tag.Key),
  );
  world.tags.set(request.ResourceArn, left);
  return {};
});

export const tagOperations = [addTags, listTags, deleteTags];

function findTags(world: AccountState, resourceArn: string): Tags {
  const found = world.tags.get(resourceArn);
  if (!found) throw validationError(`Could not find resource "${resourceArn}".`);
  return found;
}
