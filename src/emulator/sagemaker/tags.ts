import type { AddTagsInput, DeleteTagsInput, ListTagsInput } from '@aws-sdk/client-sagemaker';
import { operation } from '../http/operation.js';
import { validationError } from '../http/service-error.js';
import { modelled } from '../service-model/modelled.js';
import type { Tags } from '../account/resources.js';
import type { AccountState } from '../account/account-state.js';

const maximumTags = 50;

const addTags = operation('AddTags', modelled<AddTagsInput>(), (request, { account }) => {
  const byKey = new Map(findTags(account, request.ResourceArn).map((tag) => [tag.Key, tag]));
  for (const tag of request.Tags) byKey.set(tag.Key, tag);
  if (byKey.size > maximumTags) throw validationError(`A resource can have at most ${maximumTags} tags.`);
  account.tags.set(request.ResourceArn, [...byKey.values()]);
  return { Tags: [...byKey.values()] };
});

const listTags = operation('ListTags', modelled<ListTagsInput>(), (request, { account }) => ({
  Tags: findTags(account, request.ResourceArn),
}));

/** Unknown keys are not an error. */
const deleteTags = operation('DeleteTags', modelled<DeleteTagsInput>(), (request, { account }) => {
  const left = findTags(account, request.ResourceArn).filter(
    (tag) => tag.Key === undefined || !request.TagKeys.includes(tag.Key),
  );
  account.tags.set(request.ResourceArn, left);
  return {};
});

export const tagOperations = [addTags, listTags, deleteTags];

function findTags(account: AccountState, resourceArn: string): Tags {
  const found = account.tags.get(resourceArn);
  if (!found) throw validationError(`Could not find resource "${resourceArn}".`);
  return found;
}
