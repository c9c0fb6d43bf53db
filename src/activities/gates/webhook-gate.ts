import { redactSecrets } from '../webhooks/redact.js';
import type { RolloutActivities } from '../interface/activities.js';
import type { GateQuestion } from '../interface/notifications.js';
import { describeAddress, post, type Environment, type PostResult } from '../webhooks/signed-post.js';
import { pollAgain } from '../temporal/polling.js';

/** `message`: why there is no answer yet. */
type GateReply = { answer: 'yes' | 'no'; reason: string } | { message: string };

export function createPollGateWebhook({ env }: { env: Environment }): RolloutActivities['pollGateWebhook'] {
  return async (question) => {
    const { id, gate, address, everySeconds } = question;
    const posted = await post(question, { id, body: bodyOf(question) }, env);
    const reply = read(posted, (text) => redactSecrets(text, question, env));
    if ('message' in reply)
      return pollAgain(`${gate}: ${describeAddress(address)} ${reply.message}`, everySeconds);
    return {
      answer: reply.answer,
      message: `${describeAddress(address)} says ${reply.answer}${reply.reason}`,
    };
  };
}

function bodyOf({ id, gate, rolloutId, endpoint, stage, weights }: GateQuestion): string {
  return JSON.stringify({ id, gate, rolloutId, endpoint, stage, weights });
}

/** Only a plain yes is a yes, and only a plain no is a no. */
function read(posted: PostResult, hide: (text: string) => string): GateReply {
  if (posted.kind !== 'answered') return { message: posted.reason };
  const { status, body } = posted;
  if (status === 200) return readAnswer(body, hide);
  if (status === 202) return { message: 'says not yet' };
  if (status >= 300 && status < 400) return { message: `answers ${status}; redirects are not followed` };
  if (isForTheCaller(status))
    return { message: `refuses the question with ${status}; is its address right, and the secret the same?` };
  return { message: `answers ${status}` };
}

/** Asking again hardly helps; the three others mean: later. */
function isForTheCaller(status: number): boolean {
  return status >= 400 && status < 500 && ![408, 425, 429].includes(status);
}

function readAnswer(body: string | null, hide: (text: string) => string): GateReply {
  const { answer, reason } = parse(body);
  const because = typeof reason === 'string' && reason.trim() !== '' ? `: ${oneLine(hide(reason))}` : '';
  if (answer === 'yes' || answer === 'no') return { answer, reason: because };
  if (answer === 'not yet') return { message: `says not yet${because}` };
  return { message: 'answers 200 without {"answer": "yes", "no" or "not yet"} in at most 64 KB of JSON' };
}

function parse(body: string | null): { answer?: unknown; reason?: unknown } {
  try {
    return Object(JSON.parse(body ?? 'null')) as object;
  } catch {
    return {};
  }
}

function oneLine(text: string): string {
  const line = text.replace(/[\s\p{C}]+/gu, ' ').trim();
  return line.length > 200 ? `${line.slice(0, 197)}...` : line;
}
