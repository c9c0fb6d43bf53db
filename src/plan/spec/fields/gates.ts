/** `gates`: conditions that the rollout waits for. */
import { z } from 'zod';
import type { Gate } from '../../compiled/gate.js';
import { addressed, addressOf, signingFields } from './address.js';
import { calendarRule } from './freeze.js';
import { addIssue, countSchema, duration, exactlyOneOf, ifValid, oneRequiredOf, share } from './scalars.js';

/** Share in percent: before the first step at or above it. `traffic`: before the first user request. */
export type GateSpecPlace = { share: number } | 'traffic' | 'promotion';
export interface PlacedGateSpec {
  before: GateSpecPlace;
  gate: Gate;
}

const place = z.union(
  [share.transform((percent): GateSpecPlace => ({ share: percent })), z.enum(['traffic', 'promotion'])],
  'a share such as 25%, traffic or promotion',
);

const approvalFields = z.strictObject({
  people: countSchema(20).default(1).describe('Number of different people who must approve.'),
  allowStarter: z
    .boolean()
    .default(false)
    .describe('true: the person who started the rollout may also approve. Required with verified.'),
  verified: z
    .boolean()
    .default(false)
    .describe('true: only approvals signed with a key that the worker knows count.'),
});

/** A start carries no proof, so its name cannot keep a person out whose own name is proven. */
const approval = approvalFields.superRefine(({ verified, allowStarter }, ctx) => {
  if (verified && !allowStarter)
    addIssue(
      ctx,
      ['allowStarter'],
      'the name of the starter is not verified, so the gate cannot exclude the starter',
      'true with verified, and one more of people: of two different people, at most one is the starter',
    );
}, ifValid);

const webhook = addressed({
  ...signingFields,
  every: duration.prefault('1m').describe('Time between two calls.'),
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
    'A share: before the first step at or above it. traffic: before the first user request. promotion: before the candidate gets all traffic.',
  ),
  approval: approval.optional().describe('People approve.'),
  manual: z.literal(true).optional().describe('The gate is closed until an operator runs promote.'),
  webhook: webhook.optional().describe('The worker calls your service until it answers yes or no.'),
  hours: hours.optional().describe('The gate is open while one of these rules matches.'),
  within: duration
    .optional()
    .describe('Maximum time that the rollout waits for the gate. Default: no limit.'),
});

const gate = fields
  .superRefine(...exactlyOneOf(kinds))
  .meta(oneRequiredOf(kinds))
  .transform((given): PlacedGateSpec => ({ before: given.before, gate: compileGate(given) }));

/** `id` consists of kind and place. It does not depend on other gates. */
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

/** In the order of the spec. If several gates have the same kind and place, the later ones are numbered. */
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
