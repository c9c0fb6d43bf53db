/** How a followed rollout is shown: redrawn on a terminal, a line a change elsewhere, a document a change for programs. */
import { createLogUpdate } from 'log-update';
import type { LiveStatus } from '../../client.js';
import type { Context, Stream } from '../support/context.js';
import type { Display } from './follow.js';
import { printJson, tell } from '../support/output.js';
import { coloursFor } from '../view/colours.js';
import { changedFacts, factsOf, type Facts } from '../view/log-lines.js';
import { renderStatus } from '../view/status-view.js';

const terminalMs = 1_000;
const logMs = 5_000;

export function displayOn(stream: Stream, context: Context): Display {
  return stream.isTTY === true ? liveDisplay(stream, context) : lineDisplay(stream, context);
}

function liveDisplay(stream: Stream, context: Context): Display {
  const update = createLogUpdate(stream);
  const colours = coloursFor(stream, context.env);
  let last: LiveStatus | null = null;
  return {
    everyMs: terminalMs,
    show(status) {
      last = status;
      update(renderStatus(status, context.now(), colours).join('\n'));
    },
    trouble(sentence) {
      const frame = last === null ? [] : [...renderStatus(last, context.now(), colours), ''];
      update([...frame, colours.warning(`⚠ ${sentence}`)].join('\n'));
    },
    close: () => update.done(),
  };
}

function lineDisplay(stream: Stream, context: Context): Display {
  let known: Facts = new Map();
  let troubled: string | null = null;
  const write = (sentences: string[]) => {
    const at = new Date(context.now()).toISOString();
    for (const sentence of sentences) stream.write(`${at}  ${sentence}\n`);
  };
  return {
    everyMs: logMs,
    show(status) {
      const facts = factsOf(status);
      write(changedFacts(known, facts));
      known = facts;
      troubled = null;
    },
    trouble(sentence) {
      if (sentence !== troubled) write([`⚠ ${sentence}`]);
      troubled = sentence;
    },
    close: () => undefined,
  };
}

/** A document whenever something has changed; looks that found nothing new do not count as change. */
export function jsonDisplay(context: Context): Display {
  let known = '';
  return {
    everyMs: logMs,
    show(status) {
      const subject = JSON.stringify(withoutLooks(status));
      if (subject !== known) printJson(context, status);
      known = subject;
    },
    trouble: (sentence) => tell(context, sentence),
    close: () => undefined,
  };
}

function withoutLooks(status: LiveStatus): Partial<LiveStatus> {
  const { observation, ...rest } = status;
  return {
    ...rest,
    observation: observation === null ? null : { ...observation, at: '' },
    pending: status.pending.map((work) => ({
      ...work,
      attempt: 0,
      nextTryAt: null,
    })),
  };
}
