/** Exit codes besides those of the outcomes (src/plan/outcome.ts). */
import { CommanderError } from 'commander';
import { DataError } from '../../backtest/data/data-error.js';
import {
  BadActorKeys,
  BadConnectionSettings,
  BadEncryptionKeys,
  RolloutError,
  UnreadablePayload,
} from '../../client.js';
import { SpecError } from '../../plan/spec/spec-error.js';
import type { Context, InterruptSignal } from './context.js';
import { tell } from './output.js';
import { UsageError } from './usage-error.js';

export const unforeseen = 1;
export const badUsage = 2;

/** 128 and the signal's number, as shells have it. */
export const interruptedBy: Record<InterruptSignal, number> = { SIGINT: 130, SIGTERM: 143 };

/** Says on stderr what went wrong, in a sentence, and returns the exit code. With PENSTOCK_DEBUG the stack too. */
export function reportError(error: unknown, context: Context): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : badUsage;
  const debug = (context.env['PENSTOCK_DEBUG'] ?? '') !== '';
  if (error instanceof Error && debug) tell(context, error.stack ?? error.message);
  else tell(context, sentenceOf(error));
  return isBadUsage(error) ? badUsage : unforeseen;
}

function sentenceOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof RolloutError || error instanceof UnreadablePayload || isBadUsage(error))
    return message;
  return `Unforeseen: ${message} (PENSTOCK_DEBUG=1 shows where)`;
}

function isBadUsage(error: unknown): boolean {
  return [SpecError, DataError, UsageError, BadConnectionSettings, BadActorKeys, BadEncryptionKeys].some(
    (kind) => error instanceof kind,
  );
}
