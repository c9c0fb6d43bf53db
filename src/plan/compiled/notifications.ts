/** Who hears of a rollout. */
import type { Address } from './address.js';

export const occasions = ['started', 'gate', 'hold', 'rollback', 'promoted', 'page', 'ended'] as const;
export type Occasion = (typeof occasions)[number];

/** Who is told of what. `page`: a person is needed now. */
export type Channel = { occasions: Occasion[] } & (
  | { kind: 'sns'; topicArn: string }
  | { kind: 'webhook'; address: Address; secretEnv: string | null }
  | { kind: 'slack'; address: Address }
);
