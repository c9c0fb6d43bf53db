/**
 * Ownership of SageMaker objects. SageMaker's create calls have no idempotency token: the name is the key.
 * "Already existing" may mean our own earlier request whose response was lost. Two tags show the owner: the
 * rollout's id, and a hash of the create call's input.
 */
import { createHash } from 'node:crypto';
import type { SageMakerClient, Tag } from '@aws-sdk/client-sagemaker';
import type { ResourceTags } from '../interface/tags.js';
import { AlreadyExists } from './errors.js';
import { readTags, toAwsTags } from './tags.js';
import { retryableFailure, nonRetryableFailure } from '../temporal/failures.js';

export const rolloutTag = 'penstock:rollout';
const inputTag = 'penstock:input';

export interface Creation {
  /** For messages, e.g. `endpoint config digits-1a2b3c4d-ab`. */
  what: string;
  rolloutId: string;
  /** The create call's input without tags. */
  request: object;
  /** In addition to those that show the owner. */
  tags: ResourceTags;
  /** Returns the ARN, or null if the object does not exist. */
  find: () => Promise<string | null>;
  create: (tags: Tag[]) => Promise<unknown>;
}

/** Creates the object, or adopts it if this rollout has created it from the same input. Fails: NotOwned. */
export async function createOrAdopt(sagemaker: SageMakerClient, creation: Creation): Promise<void> {
  const arn = await creation.find();
  if (arn !== null) return await requireOwned(sagemaker, { ...creation, arn });
  try {
    await creation.create(tagsOf(creation));
  } catch (error) {
    if (!(error instanceof AlreadyExists)) throw error;
    const made = await creation.find();
    if (made === null)
      throw retryableFailure('Unavailable', `${creation.what} already exists but cannot be read yet`);
    await requireOwned(sagemaker, { ...creation, arn: made });
  }
}

/** `request`: the create call's input. If it is absent, only the rollout's tag counts. Fails: NotOwned. */
export async function requireOwned(
  sagemaker: SageMakerClient,
  thing: { arn: string; what: string; rolloutId: string; request?: object },
): Promise<void> {
  const found = await readOwner(sagemaker, thing.arn);
  if (found.rolloutId !== thing.rolloutId) {
    const owner =
      found.rolloutId === null ? 'was not created by a rollout' : `belongs to rollout ${found.rolloutId}`;
    throw nonRetryableFailure('NotOwned', `${thing.what} already exists and ${owner}`);
  }
  if (thing.request !== undefined && found.input !== hashOf(thing.request)) {
    throw nonRetryableFailure(
      'NotOwned',
      `${thing.what} already exists, created by this rollout from different input`,
    );
  }
}

/**
 * For an object that was just described. If it was deleted meanwhile, the next attempt's description shows
 * that.
 */
export async function readOwner(
  sagemaker: SageMakerClient,
  arn: string,
): Promise<{ rolloutId: string | null; input: string | null }> {
  const tags = await readTags(sagemaker, arn);
  return { rolloutId: tags[rolloutTag] ?? null, input: tags[inputTag] ?? null };
}

export function tagsOf(creation: { rolloutId: string; request: object; tags: ResourceTags }): Tag[] {
  return toAwsTags({
    ...creation.tags,
    [rolloutTag]: creation.rolloutId,
    [inputTag]: hashOf(creation.request),
  });
}

/** SHA-256 of the canonical JSON: sorted keys, without undefined values. */
export function hashOf(request: object): string {
  return createHash('sha256').update(canonicalJson(request)).digest('hex');
}

function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
