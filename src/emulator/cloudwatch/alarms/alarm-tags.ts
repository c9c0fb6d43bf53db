import type {
  ListTagsForResourceInput,
  ListTagsForResourceOutput,
  TagResourceInput,
  UntagResourceInput,
} from '@aws-sdk/client-cloudwatch';
import { operation } from '../../http/operation.js';
import { ServiceError } from '../../http/service-error.js';
import { modelled } from '../../service-model/modelled.js';
import type { Tags } from '../../account/resources.js';
import type { AccountState } from '../../account/account-state.js';

const maximumTags = 50;

const tagResource = operation('TagResource', modelled<TagResourceInput>(), (request, { world }) => {
  const byKey = new Map(tagsOf(world, request.ResourceARN).map((tag) => [tag.Key, tag]));
  for (const tag of request.Tags) byKey.set(tag.Key, tag);
  if (byKey.size > maximumTags) {
    throw new ServiceError('InvalidParameterValue', `A resource can have at most ${maximumTags} tags.`);
  }
  world.tags.set(request.ResourceARN, [...byKey.values()]);
  return {};
});

const untagResource = operation('UntagResource', modelled<UntagResourceInput>(), (request, { world }) => {
  const kept = tagsOf(world, request.ResourceARN).filter((tag) => !request.TagKeys.includes(tag.Key ?? ''));
  world.tags.set(request.ResourceARN, kept);
  return {};
});

const listTagsForResource = operation(
  'ListTagsForResource',
  modelled<ListTagsForResourceInput>(),
  (request, { world }): ListTagsForResourceOutput => ({ Tags: tagsOf(world, request.ResourceARN) }),
);

export const alarmTagOperations = [tagResource, untagResource, listTagsForResource];

function tagsOf(world: AccountState, arn: string): Tags {
  const alarm = [...world.alarms.values()].find((each) => each.arn === arn);
  if (alarm) return world.tags.get(arn) ?? [];
  throw new ServiceError('ResourceNotFoundException', `Unknown alarm: ${arn}`, 404);
}
