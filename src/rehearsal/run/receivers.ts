/**
 * The network of a rehearsal beyond AWS: gates that answer after a while, a judge of
 * golden answers, and receivers of notifications.
 */
import type { Plan } from '../../plan/compiled/plan.js';
import type { ReceiverAddress } from '../../plan/compiled/notifications.js';
import type { PeopleSetting } from '../scenario/scenario.js';

/** A message that left the rollout. */
export interface SentNotification {
  /** Milliseconds since the epoch. */
  atMs: number;
  /** The topic's ARN, the host, or the name of the worker's variable with the URL. */
  to: string;
  event: string;
  message: string;
}

/** Values of the environment variables that the spec names. */
export function environmentFor({ steps, notify, validation }: Plan): Record<string, string> {
  const gates = steps.flatMap((step) =>
    step.kind === 'gate' && step.gate.kind === 'webhook' ? [step.gate] : [],
  );
  const channels = notify.flatMap((channel) =>
    channel.kind === 'sns'
      ? []
      : [{ address: channel.address, secretEnv: channel.kind === 'webhook' ? channel.secretEnv : null }],
  );
  const judges = validation?.golden?.judge ? [validation.golden.judge] : [];
  return Object.fromEntries(
    [...gates, ...channels, ...judges].flatMap(({ address, secretEnv }) => [
      ...('env' in address ? [[address.env, urlOf(address)]] : []),
      ...(secretEnv === null ? [] : [[secretEnv, 'secret-of-the-rehearsal']]),
    ]),
  ) as Record<string, string>;
}

/** A host that only the rehearsal knows. */
function urlOf(address: ReceiverAddress): string {
  return 'env' in address ? `https://${encodeURIComponent(address.env.toLowerCase())}.invalid/` : address.url;
}

export class Receivers {
  readonly sent: SentNotification[] = [];
  private readonly firstAsked = new Map<string, number>();

  constructor(
    private readonly plan: Plan,
    private readonly people: PeopleSetting,
    private readonly clock: { readonly nowMs: number },
  ) {}

  readonly fetch: typeof fetch = (input, init) => {
    const body = JSON.parse(typeof init?.body === 'string' ? init.body : '{}') as Record<string, unknown>;
    const url = input instanceof Request ? input.url : String(input);
    if (typeof body['gate'] === 'string') return Promise.resolve(this.answerGate(body['gate']));
    // The rehearsed model gives the expected answers.
    if (typeof body['record'] === 'number') return Promise.resolve(Response.json({ answer: 'yes' }));
    this.sent.push({ atMs: this.clock.nowMs, to: this.nameOf(url), ...contentOf(body) });
    return Promise.resolve(new Response('{}', { status: 200 }));
  };

  /** The answer of a webhook gate. Its first request begins the wait. */
  private answerGate(gate: string): Response {
    const { webhookAnswer: answer, webhookAfter } = this.people;
    const asked = this.firstAsked.get(gate) ?? this.clock.nowMs;
    this.firstAsked.set(gate, asked);
    if (this.clock.nowMs < asked + webhookAfter * 1000) return new Response(null, { status: 202 });
    return Response.json({ answer, reason: 'rehearsal' });
  }

  private nameOf(url: string): string {
    const addresses = this.plan.notify.flatMap((channel) =>
      channel.kind === 'sns' ? [] : [channel.address],
    );
    const found = addresses.find((address) => urlOf(address) === url);
    return found !== undefined && 'env' in found ? found.env : new URL(url).host;
  }
}

/** Slack gets only a text: `ENDPOINT: HEADLINE: MESSAGE`, and a second line. */
function contentOf({ event, message, text }: Record<string, unknown>): { event: string; message: string } {
  if (typeof text !== 'string') return { event: String(event), message: String(message) };
  const [first = ''] = text.split('\n');
  const [, headline = '', ...rest] = first.split(': ');
  return { event: headline, message: rest.join(': ') };
}
