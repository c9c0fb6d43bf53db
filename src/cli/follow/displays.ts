/** How a followed rollout is shown: redrawn on a terminal, a line a change elsewhere, a document a change for programs. */
import { createLogUpdate } from 'log-update';
import type { LiveStatus } from '../../client.js';
import type { Context, OutputStream } from '../support/context.js';
import type { Display } from './follow.js';
import { printJson, printStatus } from '../support/output.js';
import { coloursFor } from '../view/colours.js';
import { changedFacts, logLinesOf, type Facts } from '../view/log-lines.js';
import { renderStatus } from '../view/status-view.js';

const terminalMs = 1_000;
const logMs = 5_000;

export function displayOn(stream: OutputStream, context: Context): Display {
  return stream.isTTY === true ? liveDisplay(stream, context) : lineDisplay(stream, context);
}

function liveDisplay(stream: OutputStream, context: Context): Display {
  const update = createLogUpdate(stream);
  const colours = coloursFor(stream, context.env);
  let last: LiveStatus | null = null;
  return {
    everyMs: terminalMs,
    show(status) {
      last = status;
      update(renderStatus(status, context.now(), colours).join('\n'));
    },
    warn(message) {
      const frame = last === null ? [] : [...renderStatus(last, context.now(), colours), ''];
      update([...frame, colours.warning(`⚠ ${message}`)].join('\n'));
    },
    close: () => update.done(),
  };
}

function lineDisplay(stream: OutputStream, context: Context): Display {
  let known: Facts = new Map();
  let troubled: string | null = null;
  const write = (sentences: string[]) => {
    const at = new Date(context.now()).toISOString();
    for (const message of sentences) stream.write(`${at}  ${message}\n`);
  };
  return {
    everyMs: logMs,
    show(status) {
      const facts = logLinesOf(status);
      write(changedFacts(known, facts));
      known = facts;
      troubled = null;
    },
    warn(message) {
      if (message !== troubled) write([`⚠ ${message}`]);
      troubled = message;
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
      const subject = JSON.stringify(withoutPollCounters(status));
      if (subject !== known) printJson(context, status);
      known = subject;
    },
    warn: (message) => printStatus(context, message),
    close: () => undefined,
  };
}

function withoutPollCounters(status: LiveStatus): Partial<LiveStatus> {
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
