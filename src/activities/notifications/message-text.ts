/** A notice as people read it. */
import type { Occasion } from '../../plan/compiled/notifications.js';
import type { Notice } from '../interface/notifications.js';

const headlines: Record<Occasion, string> = {
  started: 'rollout started',
  gate: 'waits at a gate',
  hold: 'rollout holds',
  rollback: 'rolls back',
  promoted: 'promoted',
  page: 'a person is needed now',
  ended: 'rollout ended',
};

const longestSentence = 2_000;

/** At most 100 ASCII characters: an endpoint's name has 63 and no others. Source: SNS, Publish, Subject. */
export function headlineOf({ endpoint, occasion }: Notice): string {
  return `${endpoint}: ${headlines[occasion]}`;
}

export function textOf(notice: Notice): string {
  const { sentence, rolloutId, strategy, workflowId, at } = notice;
  const cut = sentence.length > longestSentence ? `${sentence.slice(0, longestSentence - 3)}...` : sentence;
  const rollout = [rolloutId, strategy].filter((part) => part !== null).join(', ');
  return [
    `${headlineOf(notice)}: ${cut}`,
    [rollout, workflowId, at].filter((part) => part !== '').join(' | '),
  ].join('\n');
}

/** Source: Slack, "Formatting text": these three stand for links and mentions otherwise. */
export function slackTextOf(notice: Notice): string {
  return textOf(notice).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
