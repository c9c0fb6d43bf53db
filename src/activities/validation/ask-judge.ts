/** Asks a service of the spec's author whether an answer to a golden request is right. */
import { heartbeat, sleep } from '@temporalio/activity';
import type { GoldenPlan, GoldenRecord } from '../../plan/compiled/validation-plan.js';
import { nonRetryableFailure } from '../temporal/failures.js';
import { parseAnswer } from '../webhooks/parse-answer.js';
import { redactSecrets } from '../webhooks/redact.js';
import { describeAddress, isFinal, post, type Environment } from '../webhooks/signed-post.js';
import type { ModelAnswer } from './invoke-variant.js';

/**
 * `index`: of the record, from 0. Returns null if the answer is right, else a clause for people. Fails:
 * ValidationFailed without a yes or a no.
 */
export type AskJudge = (record: GoldenRecord, index: number, answer: ModelAnswer) => Promise<string | null>;

export interface JudgeOptions {
  judge: NonNullable<GoldenPlan['judge']>;
  /** In the question. */
  rollout: { rolloutId: string; endpoint: string; variant: string };
  env: Environment;
  /** Milliseconds before each further try. Shorter than the heartbeat timeout of the validation. */
  pausesMs?: readonly number[];
}

/** Two minutes: a service that is replaced is back by then. */
const defaultPausesMs = [1_000, 5_000, 15_000, 30_000, 60_000];

export function createAskJudge({ judge, rollout, env, pausesMs = defaultPausesMs }: JudgeOptions): AskJudge {
  const name = `judge ${describeAddress(judge.address)}`;
  return async ({ body, contentType, expect }, index, answer) => {
    if (answer.text === null) return 'the answer is not text in UTF-8';
    const record = index + 1;
    const id = `${rollout.rolloutId}:golden-${record}`;
    const question = { id, ...rollout, record, request: { body, contentType }, answer };
    const message = { id, body: JSON.stringify({ ...question, ...(expect !== undefined && { expect }) }) };
    let problem = '';
    for (const pauseMs of [0, ...pausesMs]) {
      if (pauseMs > 0) await sleep(pauseMs);
      heartbeat();
      const posted = await post(judge, message, env);
      if (posted.kind === 'answered' && posted.status === 200) return readVerdict(posted.body);
      problem = posted.kind === 'failed' ? posted.reason : `answers ${posted.status}`;
      if (posted.kind === 'answered' && isFinal(posted.status)) break;
    }
    throw failed(`${problem}, so record ${record} is not judged; check the judge's address and secret`);
  };

  function readVerdict(body: string | null): string | null {
    const { answer, reason } = parseAnswer(body, (text) => redactSecrets(text, judge, env));
    if (answer === 'yes') return null;
    if (answer === 'no') return `${name} says no${reason === null ? '' : `: ${reason}`}`;
    throw failed(
      'answers 200 with an invalid body; expected at most 64 KB of JSON with {"answer": "yes" or "no"}',
    );
  }

  function failed(problem: string) {
    return nonRetryableFailure('ValidationFailed', `${rollout.variant}: ${name} ${problem}`);
  }
}
