/** `gates`: what must be so before the rollout goes on. */
import { z } from 'zod';
import type { Gate } from '../../compiled/gate.js';
import { addressed, addressOf, signingFields } from './address.js';
import { calendarRule } from './freeze.js';
import { countSchema, duration, exactlyOneOf, oneRequiredOf, share } from './scalars.js';

/** A share in percent: before the first step at or above it. `traffic`: before the first request of a user. */
export type GateSpecPlace = { share: number } | 'traffic' | 'promotion';
export interface PlacedGateSpec {
  before: GateSpecPlace;
  gate: Gate;
}

const place = z.union(
  [share.transform((percent): GateSpecPlace => ({ share: percent })), z.enum(['traffic', 'promotion'])],
  'a share such as 25%, traffic or promotion',
);

const approval = z.strictObject({
  people: countSchema(20).default(1).describe('How many different people must approve.'),
  allowStarter: z
    .boolean()
    .default(false)
    .describe('Whether the one who started the rollout counts among them.'),
  verified: z
    .boolean()
    .default(false)
    .describe('Whether only approvals count that are signed with a key that the worker knows.'),
});

const webhook = addressed({
  ...signingFields,
  every: duration.prefault('1m').describe('How long between two questions.'),
});

const hours = z
  .union(
    [calendarRule, z.array(calendarRule).min(1).max(50)],
    'a rule such as {weekly: Mon-Fri 09:00-16:00, zone: Europe/Berlin}, or a list of them',
  )
  .transform((rules) => rules.flat());

const kinds = ['approval', 'manual', 'webhook', 'hours'] as const;

const fields = z.strictObject({
  before: place.describe(
    'A share: before the first step at or above it. traffic: before any user’s request. promotion: at the end.',
  ),
  approval: approval.optional().describe('People approve.'),
  manual: z.literal(true).optional().describe('Somebody lets the rollout go on.'),
  webhook: webhook.optional().describe('A service of yours is asked until it says yes or no.'),
  hours: hours.optional().describe('Only while one of these rules holds.'),
  within: duration.optional().describe('How long the rollout waits for it. Default: as long as it takes.'),
});

const gate = fields
  .superRefine(...exactlyOneOf(kinds))
  .meta(oneRequiredOf(kinds))
  .transform((given): PlacedGateSpec => ({ before: given.before, gate: compileGate(given) }));

/** `id` says what and where: it does not change with the gates around it. */
function compileGate(given: z.output<typeof fields>): Gate {
  const { approval, webhook, hours, within } = given;
  const common = (kind: string) => ({
    id: `${kind}-before-${nameOf(given.before)}`,
    withinSeconds: within ?? null,
  });
  if (approval) return { ...common('approval'), kind: 'approval', ...approval };
  if (hours) return { ...common('hours'), kind: 'hours', open: hours };
  if (!webhook) return { ...common('manual'), kind: 'manual' };
  return {
    ...common('webhook'),
    kind: 'webhook',
    address: addressOf(webhook),
    secretEnv: webhook.secretEnv ?? null,
    everySeconds: webhook.every,
  };
}

function nameOf(before: GateSpecPlace): string {
  return typeof before === 'string' ? before : `${before.share}%`;
}

/** In the order of the spec. Of several of one kind at one place, the later ones are numbered. */
export const gates = z
  .array(gate)
  .max(50)
  .transform((placed): PlacedGateSpec[] => {
    const seen = new Map<string, number>();
    return placed.map(({ before, gate }) => {
      const n = (seen.get(gate.id) ?? 0) + 1;
      seen.set(gate.id, n);
      return { before, gate: { ...gate, id: n === 1 ? gate.id : `${gate.id}-${n}` } };
    });
  });
