/** Exit codes, in addition to those of the outcomes (src/plan/outcome.ts). */
import { CommanderError } from 'commander';
import { DataError } from '../../backtest/data/data-error.js';
import {
  InvalidActorKeys,
  InvalidConnectionSettings,
  InvalidEncryptionKeys,
  RolloutError,
  SpecTooLarge,
  UndecryptablePayload,
} from '../../client.js';
import { AccountUnreadable } from '../../rehearsal/account/account-unreadable.js';
import { SpecError } from '../../plan/spec/spec-error.js';
import type { Context, InterruptSignal } from './context.js';
import { printStatus } from './output.js';
import { UsageError } from './usage-error.js';

export const unexpectedError = 1;
export const usageError = 2;

/** 128 plus the signal number, as in shells. */
export const interruptedBy: Record<InterruptSignal, number> = { SIGINT: 130, SIGTERM: 143 };

/** Prints the error to stderr and returns the exit code. With PENSTOCK_DEBUG it prints the stack trace. */
export function reportError(error: unknown, context: Context): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : usageError;
  const debug = (context.env['PENSTOCK_DEBUG'] ?? '') !== '';
  if (error instanceof Error && debug) printStatus(context, error.stack ?? error.message);
  else printStatus(context, describeError(error));
  return isBadUsage(error) ? usageError : unexpectedError;
}

function describeError(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof RolloutError || error instanceof UndecryptablePayload || isBadUsage(error))
    return message;
  return `Unexpected error: ${message} (set PENSTOCK_DEBUG=1 for the stack trace)`;
}

function isBadUsage(error: unknown): boolean {
  return [
    SpecError,
    SpecTooLarge,
    DataError,
    UsageError,
    AccountUnreadable,
    InvalidConnectionSettings,
    InvalidActorKeys,
    InvalidEncryptionKeys,
  ].some((kind) => error instanceof kind);
}
