/**
 * Messages of AWS can quote the request, or what a container has printed. The values of environment variables in them must not reach
 * reports and notifications.
 */
import { ApplicationFailure } from '@temporalio/common';
import { environmentValues, type AwsMembers } from '../../plan/compiled/aws-members.js';

/** A shorter value, such as `1` or `true`, is no secret, and is in harmless text too. */
const minSecretLength = 8;

/** `text` without the values of the settings' environment variables. */
export function hideValues(text: string, settings: AwsMembers): string {
  const values = environmentValues(settings)
    .filter((value) => value.length >= minSecretLength)
    // As it stands in JSON, which AWS and containers print.
    .flatMap((value) => [value, JSON.stringify(value).slice(1, -1)]);
  // A longer value first: it can contain a shorter one.
  values.sort((a, b) => b.length - a.length);
  return values.reduce((rest, value) => rest.replaceAll(value, '***'), text);
}

/** Runs `call`. Its failure has no values of the settings' environment variables. */
export async function withoutEnvironmentValues<T>(settings: AwsMembers, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof ApplicationFailure) || !revealsValues(error, settings)) throw error;
    const delay: unknown = error.nextRetryDelay;
    // Without the cause, which has the same text.
    throw ApplicationFailure.create({
      message: hideValues(error.message, settings),
      nonRetryable: error.nonRetryable === true,
      ...(error.type ? { type: error.type } : {}),
      ...(typeof delay === 'number' ? { nextRetryDelay: delay } : {}),
    });
  }
}

function revealsValues(error: ApplicationFailure, settings: AwsMembers): boolean {
  const texts = [error.message, error.cause?.message ?? ''];
  return texts.some((text) => hideValues(text, settings) !== text);
}
