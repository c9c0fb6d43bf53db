/** Keys of tags that a spec cannot set. */

/**
 * AWS reserves the prefix `aws:` in any case: https://docs.aws.amazon.com/tag-editor/latest/userguide/tagging.html. A
 * rollout marks its own objects with `penstock:` tags.
 */
export function isReservedTag(key: string): boolean {
  return /^(aws|penstock):/i.test(key);
}

/** AWS allows 50 tags for each object; two of them show the owner. */
export const maxTags = 48;
