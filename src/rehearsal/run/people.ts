/** The people of a rehearsal: they approve gates and versions in the model registry after a stated time. */
import { generateKeyPairSync } from 'node:crypto';
import { ListModelPackagesCommand, UpdateModelPackageCommand } from '@aws-sdk/client-sagemaker';
import { ActorKey } from '../../identity/actor-key.js';
import { ActorKeys } from '../../identity/actor-keys.js';
import type { Gate } from '../../plan/compiled/gate.js';
import type { Plan } from '../../plan/compiled/plan.js';
import type { Simulation } from '../../simulation/simulation.js';

const reason = 'rehearsal';

export interface Person {
  name: string;
  key: ActorKey;
  /** SPKI PEM. */
  publicKey: string;
}

/** As many people as the gates of the plan need, none of whom starts the rollout. */
export function peopleFor({ steps }: Plan): Person[] {
  const needed = steps.map((step) =>
    step.kind === 'gate' && step.gate.kind === 'approval' ? step.gate.people : 1,
  );
  return Array.from({ length: Math.max(1, ...needed) }, (_, i) => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    return {
      name: `person-${i + 1}`,
      key: ActorKey.of(privateKey),
      publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    };
  });
}

export function publicKeysOf(people: Person[]): ActorKeys {
  const entries = people.map(({ name, publicKey }) => [name, [publicKey]]);
  return ActorKeys.parse(JSON.stringify(Object.fromEntries(entries)), 'the people of the rehearsal');
}

/** Opens a gate that waits for people. Returns what they did, for people; null if the gate waits for no one. */
export async function openGate(
  simulation: Simulation,
  workflowId: string,
  gate: Gate,
  people: Person[],
): Promise<string | null> {
  const command = gate.kind === 'manual' ? 'promote' : 'approve';
  if (gate.kind !== 'manual' && gate.kind !== 'approval') return null;
  const needed = gate.kind === 'approval' ? gate.people : 1;
  const { temporal } = simulation;
  const { firstRunId } = temporal.latest(workflowId).options;
  for (const { name: actor, key } of people.slice(0, needed)) {
    const statement = { workflowId, firstRunId, command, actor, reason, full: false };
    // A signature is random, so it is only made if the gate asks for it: the same seed gives the same history.
    const proof =
      gate.kind === 'approval' && gate.verified
        ? { proof: await key.sign(statement, new Date(temporal.clock.nowMs)) }
        : {};
    await temporal.handle(workflowId).executeUpdate(command, { args: [{ actor, reason, ...proof }] });
  }
  const who = people
    .slice(0, needed)
    .map(({ name }) => name)
    .join(', ');
  return `${who}: ${command} at gate ${gate.id}`;
}

/** Approves the versions of this rollout that wait for approval. Returns their number. */
export async function approveVersions({ aws }: Simulation, { registration }: Plan): Promise<number> {
  if (registration === null) return 0;
  const listed = await aws.sagemaker.send(
    new ListModelPackagesCommand({
      ModelPackageGroupName: registration.group,
      ModelApprovalStatus: 'PendingManualApproval',
    }),
  );
  const waiting = listed.ModelPackageSummaryList ?? [];
  for (const { ModelPackageArn } of waiting)
    await aws.sagemaker.send(
      new UpdateModelPackageCommand({ ModelPackageArn, ModelApprovalStatus: 'Approved' }),
    );
  return waiting.length;
}
