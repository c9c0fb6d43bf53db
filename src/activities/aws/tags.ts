/** Tags of SageMaker objects. */
import { ListTagsCommand, type SageMakerClient, type Tag } from '@aws-sdk/client-sagemaker';
import { isReservedTag } from '../../plan/compiled/tags.js';
import type { ResourceTags } from '../interface/tags.js';
import { readAws, retryNotFound } from './errors.js';

export async function readTags(sagemaker: SageMakerClient, arn: string): Promise<ResourceTags> {
  const tags: ResourceTags = {};
  let NextToken: string | undefined;
  do {
    const command = new ListTagsCommand({ ResourceArn: arn, NextToken });
    const page = await retryNotFound(readAws((o) => sagemaker.send(command, o)));
    for (const { Key, Value } of page.Tags ?? []) if (Key !== undefined) tags[Key] = Value ?? '';
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return tags;
}

/** Without the tags that only AWS, or only a rollout, may set. */
export function withoutReservedTags(tags: ResourceTags): ResourceTags {
  return Object.fromEntries(Object.entries(tags).filter(([key]) => !isReservedTag(key)));
}

export function toAwsTags(tags: ResourceTags): Tag[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}
