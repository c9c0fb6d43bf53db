/** A substitute for a rollout: publishes each split that it receives, like a rollout does. */
import { condition, defineSignal, setHandler, upsertMemo } from '@temporalio/workflow';
import { splitMemoKey, type Split } from '../../../src/plan/split/split.js';

export const publish = defineSignal<[Split]>('publish');
export const end = defineSignal('end');

export async function publishing(first: Split): Promise<void> {
  let hasEnded = false;
  upsertMemo({ [splitMemoKey]: first });
  setHandler(publish, (split) => upsertMemo({ [splitMemoKey]: split }));
  setHandler(end, () => void (hasEnded = true));
  await condition(() => hasEnded);
}
