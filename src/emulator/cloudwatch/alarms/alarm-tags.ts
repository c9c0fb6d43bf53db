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

const tagResource = operation('TagResource', modelled<TagResourceInput>(), (request, { account }) => {
  const byKey = new Map(tagsOf(account, request.ResourceARN).map((tag) => [tag.Key, tag]));
  for (const tag of request.Tags) byKey.set(tag.Key, tag);
  if (byKey.size > maximumTags) {
    throw new ServiceError('InvalidParameterValue', `A resource can have at most ${maximumTags} tags.`);
  }
  account.tags.set(request.ResourceARN, [...byKey.values()]);
  return {};
});

const untagResource = operation('UntagResource', modelled<UntagResourceInput>(), (request, { account }) => {
  const kept = tagsOf(account, request.ResourceARN).filter((tag) => !request.TagKeys.includes(tag.Key ?? ''));
  account.tags.set(request.ResourceARN, kept);
  return {};
});

const listTagsForResource = operation(
  'ListTagsForResource',
  modelled<ListTagsForResourceInput>(),
  // A deleted alarm has no tags, and is no error: LocalStack's recordings test_tagging_metric_alarm and test_tagging_composite_alarm.
  (request, { account }): ListTagsForResourceOutput => ({
    Tags: account.tags.get(request.ResourceARN) ?? [],
  }),
);

export const alarmTagOperations = [tagResource, untagResource, listTagsForResource];

function tagsOf(account: AccountState, arn: string): Tags {
  const alarm = [...account.alarms.values()].find((each) => each.arn === arn);
  if (alarm) return account.tags.get(arn) ?? [];
  throw new ServiceError('ResourceNotFoundException', `Unknown alarm: ${arn}`, 404);
}
