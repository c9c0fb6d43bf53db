/** Displays of a rollout: a live view on a terminal, one line per change elsewhere, or one JSON document per change. */
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
  let warned: string | null = null;
  const write = (messages: string[]) => {
    const at = new Date(context.now()).toISOString();
    for (const message of messages) stream.write(`${at}  ${message}\n`);
  };
  return {
    everyMs: logMs,
    show(status) {
      const facts = logLinesOf(status);
      write(changedFacts(known, facts));
      known = facts;
      warned = null;
    },
    warn(message) {
      if (message !== warned) write([`⚠ ${message}`]);
      warned = message;
    },
    close: () => undefined,
  };
}

/** One document per change. A poll without news is not a change. */
export function jsonDisplay(context: Context): Display {
  let known = '';
  return {
    everyMs: logMs,
    show(status) {
      const compared = JSON.stringify(withoutPollCounters(status));
      if (compared !== known) printJson(context, status);
      known = compared;
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
