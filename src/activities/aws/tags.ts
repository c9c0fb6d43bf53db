/** Tags of SageMaker objects. */
import { ListTagsCommand, type SageMakerClient, type Tag } from '@aws-sdk/client-sagemaker';
import { isReservedTag } from '../../plan/compiled/tags.js';
import type { ResourceTags } from '../interface/tags.js';
import { readAws, retryNotFound } from './errors.js';
import { allPages } from './pages.js';

export async function readTags(sagemaker: SageMakerClient, arn: string): Promise<ResourceTags> {
  const pages = await allPages((token) => {
    const command = new ListTagsCommand({ ResourceArn: arn, ...token });
    return retryNotFound(readAws((o) => sagemaker.send(command, o)));
  });
  const tags = pages.flatMap(({ Tags = [] }) => Tags);
  return Object.fromEntries(tags.flatMap(({ Key, Value = '' }) => (Key === undefined ? [] : [[Key, Value]])));
}

/** Without the tags that only AWS, or only a rollout, may set. */
export function withoutReservedTags(tags: ResourceTags): ResourceTags {
  return Object.fromEntries(Object.entries(tags).filter(([key]) => !isReservedTag(key)));
}

export function toAwsTags(tags: ResourceTags): Tag[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}
