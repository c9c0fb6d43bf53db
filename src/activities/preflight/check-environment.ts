import type { ReceiverAddress } from '../../plan/compiled/notifications.js';
import type { Plan } from '../../plan/compiled/plan.js';
import { variableOf, type Environment } from '../webhooks/signed-post.js';

/** Checks that the worker has every environment variable that a gate, a judge or a channel names. */
export function checkEnvironment(
  env: Environment,
  { steps, notify, validation }: Pick<Plan, 'steps' | 'notify' | 'validation'>,
): string[] {
  const gates = steps.flatMap((step) =>
    step.kind === 'gate' && step.gate.kind === 'webhook'
      ? variablesOf(step.gate.address, step.gate.secretEnv).map((name) => ({
          name,
          what: `gate ${step.gate.id}`,
        }))
      : [],
  );
  const judge = validation?.golden?.judge;
  const judges = judge
    ? variablesOf(judge.address, judge.secretEnv).map((name) => ({
        name,
        what: 'golden judge',
      }))
    : [];
  const channels = notify.flatMap((channel) => {
    if (channel.kind === 'sns') return [];
    const secret = channel.kind === 'webhook' ? channel.secretEnv : null;
    return variablesOf(channel.address, secret).map((name) => ({
      name,
      what: `${channel.kind} notifications`,
    }));
  });
  const missing = [...judges, ...gates, ...channels].filter(({ name }) => variableOf(env, name) === '');
  const sentences = missing.map(
    ({ name, what }) => `${what}: the worker has no environment variable ${name}`,
  );
  return [...new Set(sentences)];
}

function variablesOf(address: ReceiverAddress, secretEnv: string | null): string[] {
  return [...('env' in address ? [address.env] : []), ...(secretEnv === null ? [] : [secretEnv])];
}
