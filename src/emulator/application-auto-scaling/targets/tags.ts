import type {
  ListTagsForResourceRequest,
  ListTagsForResourceResponse,
  TagResourceRequest,
  UntagResourceRequest,
} from '@aws-sdk/client-application-auto-scaling';
import type { AccountState } from '../../account/account-state.js';
import { operation } from '../../http/operation.js';
import { ServiceError } from '../../http/service-error.js';
import { modelled } from '../../service-model/modelled.js';
import type { ScalableTarget } from '../scaling-state.js';

const mostTags = 50;

const tagResource = operation('TagResource', modelled<TagResourceRequest>(), (request, { account }) => {
  const target = targetOf(account, request.ResourceARN);
  const tags = { ...target.tags, ...request.Tags };
  if (Object.keys(tags).length > mostTags)
    throw new ServiceError('TooManyTagsException', `A resource can have at most ${mostTags} tags.`, 400, {
      ResourceName: target.arn,
    });
  target.tags = tags;
  return {};
});

/** Unknown keys are not an error. */
const untagResource = operation('UntagResource', modelled<UntagResourceRequest>(), (request, { account }) => {
  const target = targetOf(account, request.ResourceARN);
  target.tags = Object.fromEntries(
    Object.entries(target.tags).filter(([key]) => !request.TagKeys.includes(key)),
  );
  return {};
});

const listTagsForResource = operation(
  'ListTagsForResource',
  modelled<ListTagsForResourceRequest>(),
  (request, { account }): ListTagsForResourceResponse => ({
    Tags: targetOf(account, request.ResourceARN).tags,
  }),
);

export const scalableTargetTagOperations = [tagResource, untagResource, listTagsForResource];

function targetOf(account: AccountState, arn: string): ScalableTarget {
  const target = [...account.scaling.targets.values()].find((each) => each.arn === arn);
  if (target) return target;
  throw new ServiceError('ResourceNotFoundException', 'Scalable Target not found', 400, {
    ResourceName: arn,
  });
}
