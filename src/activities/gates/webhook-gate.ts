import { redactSecrets } from '../webhooks/redact.js';
import type { RolloutActivities } from '../interface/activities.js';
import type { GateQuestion } from '../interface/notifications.js';
import {
  describeAddress,
  isRejection,
  post,
  type Environment,
  type PostResult,
} from '../webhooks/signed-post.js';
import { parseAnswer } from '../webhooks/parse-answer.js';
import { pollAgain } from '../temporal/polling.js';

/** `message`: the reason why there is no answer yet. */
type GateReply = { answer: 'yes' | 'no'; reason: string } | { message: string };

export function createPollGateWebhook({ env }: { env: Environment }): RolloutActivities['pollGateWebhook'] {
  return async (question) => {
    const { id, gate, address, everySeconds } = question;
    const posted = await post(question, { id, body: bodyOf(question) }, env);
    const reply = readReply(posted, (text) => redactSecrets(text, question, env));
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

/** Only an exact yes or no counts as an answer. */
function readReply(posted: PostResult, redact: (text: string) => string): GateReply {
  if (posted.kind === 'failed') return { message: posted.reason };
  const { status, body } = posted;
  if (status === 200) return readAnswer(body, redact);
  if (status === 202) return { message: 'says not yet' };
  if (status >= 300 && status < 400)
    return { message: `answers ${status}; Penstock does not follow redirects, so set the final URL` };
  if (isRejection(status))
    return { message: `rejects the request with ${status}; check the gate's address and secret` };
  return { message: `answers ${status}` };
}

function readAnswer(body: string | null, redact: (text: string) => string): GateReply {
  const { answer, reason } = parseAnswer(body, redact);
  const because = reason === null ? '' : `: ${reason}`;
  if (answer === 'yes' || answer === 'no') return { answer, reason: because };
  if (answer === 'not yet') return { message: `says not yet${because}` };
  return {
    message:
      'answers 200 with an invalid body; expected at most 64 KB of JSON with {"answer": "yes", "no" or "not yet"}',
  };
}
